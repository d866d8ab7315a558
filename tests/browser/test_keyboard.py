"""Whole flows with the keyboard alone; wherever the focus lands it can be seen and makes sense."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from app.approvals.rules import Decider
from app.elections.models import BallotBox
from app.elections.rules import size
from app.ergs.models import Membership
from app.ergs.rules import Admission, MembershipState, RoleName, Visibility
from app.posts.models import Post
from app.posts.rules import PostState
from tests.factories.approvals import make_chain
from tests.factories.elections import make_election
from tests.factories.ergs import make_erg, make_member, make_role

pytestmark = pytest.mark.browser


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
