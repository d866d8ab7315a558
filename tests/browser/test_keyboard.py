"""Whole flows with the keyboard alone; wherever the focus lands it can be seen and makes sense."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from werkzeug.serving import make_server

from app.approvals.rules import Decider
from app.elections.models import BallotBox
from app.elections.rules import size
from app.ergs.models import Membership
from app.ergs.rules import Admission, MembershipState, RoleName, Visibility
from app.posts.models import Post
from app.posts.rules import PostState
from tests.client import PASSWORD
from tests.factories.accounts import make_person
from tests.factories.approvals import make_chain
from tests.factories.elections import make_election
from tests.factories.ergs import make_erg, make_member, make_role

pytestmark = pytest.mark.browser

# What has the focus: whether it is drawn as focused, and whether it can be seen. The ring may be
# drawn by the element, by what covers its card, or by the label or card around it.
LOOK = """() => {
  const it = document.activeElement;
  const drawn = style => (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0)
    || style.boxShadow !== "none";
  const ring = one => [null, "::before", "::after"].some(p => drawn(getComputedStyle(one, p)));
  const around = [it, it.parentElement, it.closest("label, li, .card")].filter(Boolean);
  const box = it.getBoundingClientRect(), label = it.closest("label") || it;
  const x = box.x + box.width / 2, y = box.y + Math.min(box.height / 2, 20);
  const top = document.elementFromPoint(x, y);
  return { what: it.outerHTML.slice(0, 120), tag: it.tagName,
    visible: it.matches(":focus-visible"), ringed: around.some(ring),
    inside: y >= 0 && y <= innerHeight && x >= 0 && x <= innerWidth,
    clear: !top || it.contains(top) || label.contains(top) || top.contains(it) };
}"""


class Hands:
    """A person who has no mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, selector: str, key: str = "Tab", limit: int = 90) -> None:
        """Press a key until the focus is there; every stop on the way must be seen."""
        for _ in range(limit):
            self.page.keyboard.press(key)
            self.seen()
            if self.page.evaluate("s => document.activeElement.matches(s)", selector):
                return
        raise AssertionError(f"{limit} times {key} did not lead to {selector}")

    def seen(self) -> None:
        look = self.page.evaluate(LOOK)
        if look["tag"] == "BODY":  # the browser's own end of the round
            return
        assert look["visible"] and look["ringed"], f"no ring around {look}"
        assert look["inside"] and look["clear"], f"nobody sees {look}"

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, words: str) -> None:
        self.page.keyboard.type(words)

    def arrived(self, path: str) -> None:
        """On a new page the first stop is the way past the navigation."""
        self.page.wait_for_url(path)
        self.page.wait_for_load_state()
        self.press("Tab")
        self.seen()
        assert self.page.evaluate("document.activeElement.classList.contains('skip')")

    def landed_in(self, selector: str) -> None:
        """After an act the focus is at what changed or at the head of the page, not lost."""
        self.page.wait_for_function(
            "s => document.activeElement !== document.body"
            " && document.activeElement.closest(s) !== null",
            arg=selector,
        )


@pytest.fixture
def people(write) -> dict:
    with write() as db:
        return {
            name: make_person(db, f"{name.title()} Test", f"{name}@t.example", PASSWORD).id
            for name in ("dalia", "bo", "chen", "kai")
        }


@pytest.fixture
def hands(app, chromium) -> Iterator[Callable[[str, str], Hands]]:
    """`hands("bo", "/ergs/")`: signed in by keyboard, on a page."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    contexts, faults = [], []

    def sit_down(name: str, path: str) -> Hands:
        context = chromium.new_context(
            base_url=f"http://127.0.0.1:{server.server_port}",
            viewport={"width": 1200, "height": 800},
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda e: faults.append(str(e)))
        page.goto("/login")
        mine = Hands(page)
        mine.to("[name=email]")
        mine.write(f"{name}@t.example")
        mine.to("[name=password]")
        mine.write(PASSWORD)
        mine.press("Enter")
        page.wait_for_url(lambda url: "/login" not in url)
        page.goto(path)
        return mine

    yield sit_down
    for context in contexts:
        context.close()
    server.shutdown()
    thread.join(5)
    assert faults == []


def test_from_the_directory_into_a_group_seen_by_whom_one_chooses(hands, people, write) -> None:
    with write() as db:
        erg = make_erg(db, "women", lead=people["dalia"], roster=Visibility.COMPANY)
        erg_id = erg.id
    bo = hands("bo", "/ergs/")
    bo.arrived("**/ergs/")
    bo.press("Enter")
    bo.to("main a[href$='/ergs/women/']")
    bo.press("Enter")
    bo.arrived("**/ergs/women/")
    bo.press("Enter")
    bo.to("#membership [name=visibility]")
    bo.page.keyboard.press("ArrowUp")
    bo.page.keyboard.press("ArrowDown")
    for _ in range(4):
        if bo.page.evaluate("document.activeElement.value") == "leads":
            break
        bo.press("ArrowDown")
    bo.seen()
    assert bo.page.evaluate("document.activeElement.checked")
    bo.to("#membership-join")
    bo.press("Enter")
    expect(bo.page.locator("#membership-title")).to_have_text("You belong to this group")
    bo.landed_in("#membership, main")
    with write() as db:
        row = db.scalars(select(Membership).where(Membership.person_id == people["bo"])).one()
        assert (row.erg_id, row.visibility) == (erg_id, Visibility.LEADS)


def test_a_ballot_is_ranked_looked_at_and_cast(hands, people, write) -> None:
    with write() as db:
        erg = make_erg(db, "women", lead=people["dalia"], roster=Visibility.COMPANY)
        for name in ("bo", "chen", "kai"):
            make_member(db, erg, people[name], visibility=Visibility.COMPANY)
        election = make_election(db, erg, candidates=[people["chen"], people["kai"]])
        path = f"/ergs/women/elections/{election.id}/"
        election_id = election.id
    bo = hands("bo", path)
    bo.to("main a[href$='/vote']")
    bo.press("Enter")
    bo.arrived("**/vote")
    for number in (1, 2):
        bo.to("main form select, main form input:not([type=hidden])")
        bo.write(str(number))
    bo.to("#look")
    bo.press("Enter")
    expect(bo.page.locator("#cast")).to_be_visible()
    bo.to("#cast")
    bo.press("Enter")
    bo.arrived(f"**{path}")
    with write() as db:
        box = db.get_one(BallotBox, election_id)
        assert size(box.ballots) == 1 and len(box.ballots[0][0]) == 2


def test_a_request_is_answered_on_the_desk_and_taken_back(hands, people, write) -> None:
    with write() as db:
        erg = make_erg(db, "women", lead=people["dalia"], admission=Admission.APPROVAL)
        asked = make_member(db, erg, people["bo"], state=MembershipState.REQUESTED)
        row_id = asked.id

    def state() -> MembershipState:
        with write() as db:
            return db.get_one(Membership, row_id).state

    dalia = hands("dalia", "/ergs/desk/")
    dalia.to("#desk form button[id^=act-]")
    dalia.press("Enter")
    undo = dalia.page.locator("button", has_text="Undo")
    expect(undo).to_be_visible()
    assert state() is MembershipState.ACTIVE
    dalia.landed_in("#desk, #status")
    dalia.to("form[action*=undo] button", "Shift+Tab")
    dalia.press("Enter")
    expect(dalia.page.locator("#desk form button[id^=act-]").first).to_be_visible()
    assert state() is MembershipState.REQUESTED
    dalia.arrived("**/ergs/desk/")


def test_a_post_is_written_and_sent_for_approval(hands, people, write) -> None:
    with write() as db:
        erg = make_erg(db, "women", lead=people["dalia"], roster=Visibility.COMPANY)
        make_member(db, erg, people["bo"], visibility=Visibility.COMPANY)
        make_role(db, erg, people["bo"], RoleName.COMMS)
        make_chain(db, erg, Decider.LEAD)
    bo = hands("bo", "/ergs/women/posts/new")
    bo.to("main [name=title]")
    bo.write("Breakfast on Thursday")
    bo.to("main [name=body]")
    bo.write("Bring a friend.")
    bo.to("main form[action*='/posts/'] button[type=submit]")
    bo.press("Enter")
    bo.arrived("**/edit")
    bo.to("main form[action$='/submission'] button")
    bo.press("Enter")
    bo.page.wait_for_url(lambda url: not url.endswith("/edit"))
    bo.arrived("**/posts/**")
    with write() as db:
        post = db.scalars(select(Post)).one()
        assert post.state is PostState.IN_REVIEW
