"""The blind exit: whoever said no cannot see what the other said, whoever said yes cannot see why.

Companies are built apart, from nothing, with the same seed and clock. They differ in what the other
partner answered, or in who or what ended the trial. For one partner, whose own answer is the same
in all of them, every page, mail, push, calendar and instant must be the same, byte by byte.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from uuid import UUID

import flask
import pytest
from sqlalchemy import select

from app.accounts.models import Person
from app.core import clock, delivery, ids, jobs, outbox
from app.core.database import reading, writing
from app.core.locale import speaking
from app.core.outbox import Delivery
from app.core.settings import load
from app.factory import create_app
from app.mentoring.models import PrivateAnswer, Relationship
from app.mentoring.rules import Claim, ClosingReason, EndingCode
from app.mentoring.services import asking, closing, sessions
from app.mentoring.views import lifecycle as pages
from app.notifications import push_message
from app.notifications.models import Notification
from app.programs.rules import CohortState
from tests import databases
from tests.client import PASSWORD, Browser
from tests.databases import TEST_ENVIRONMENT
from tests.factories.accounts import make_person
from tests.factories.mentoring import make_pair, plan_session
from tests.factories.programs import make_cohort

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
DAY = timedelta(days=1)
# After the answers, on the last morning, and after the instant.
LOOKS = (MONDAY + DAY, MONDAY + 7 * DAY, MONDAY + 7 * DAY + timedelta(hours=4))
BOTH = ("mentee", "mentor")


@dataclass(frozen=True, slots=True)
class Story:
    """What the mentee and the mentor answer, and what organizers do."""

    mentee: str | None = None
    mentor: str | None = None
    ended_for: EndingCode | None = None


@dataclass(slots=True)
class Seen:
    """Everything one partner got, under a name for each thing."""

    things: dict[str, str]

    def differs_from(self, other: Seen) -> list[str]:
        names = self.things.keys() | other.things.keys()
        return sorted(n for n in names if self.things.get(n) != other.things.get(n))


@contextmanager
def company(folder: Path, source: str) -> Iterator[flask.Flask]:
    folder.mkdir()
    environment = {
        **TEST_ENVIRONMENT,
        "DATABASE_URL": databases.copy(source, folder),
        "DATA_DIR": str(folder / "data"),
        "TRELLIS_NOW": MONDAY.isoformat(),
        "TRELLIS_SEED": "blind",
    }
    app = create_app(load(environment))
    try:
        yield app
    finally:
        app.extensions["database"].dispose()
        ids.configure(None)
        clock.configure(None)


def lived(
    folder: Path,
    source: str,
    story: Story,
    observers: tuple[str, ...] = BOTH,
    looks: tuple[datetime, ...] = LOOKS,
) -> dict[str, Seen]:
    """Play a story in a company of its own; returns all that each observer got."""
    seen: dict[str, dict[str, str]] = {observer: {} for observer in observers}
    with company(folder, source) as app:
        with app.app_context(), ids.seeded("blind"):
            pair_id, paths = begin()
        clock.configure((MONDAY + timedelta(hours=3)).isoformat())
        answer(app, pair_id, story)
        for instant in looks:
            clock.configure(instant.isoformat())
            run_all(app)
            for who, things in seen.items():
                at = instant.strftime("%d %H:%M")
                found = pages_of(app, paths, who)
                things |= {f"{at} {name}": got for name, got in found.items()}
        for who, things in seen.items():
            things |= mails_of(folder, who) | kept_for(app, who)
    return {who: Seen(things) for who, things in seen.items()}


def begin() -> tuple[UUID, list[str]]:
    """A pair that met this morning and plans to meet again."""
    with writing() as db:
        amara = make_person(db, "Amara Okafor", "amara@t.example", PASSWORD, ("program_manager",))
        mentee = make_person(db, "Mina Mentee", "mentee@t.example", PASSWORD)
        mentor = make_person(db, "Omar Mentor", "mentor@t.example", PASSWORD)
        pair = make_pair(db, mentee, mentor, make_cohort(db, CohortState.ACTIVE, amara))
        first = plan_session(db, pair, MONDAY + timedelta(hours=1))
        second = plan_session(db, pair, MONDAY + 20 * DAY)
    with writing() as db, clock.frozen(MONDAY + timedelta(hours=2, minutes=30)):
        for member in pair.members:
            sessions.answer(db, member.person_id, session_id=first.id, said=Claim.MET)
    here = f"/mentoring/{pair.id}/"
    paths = ["/", "/mentoring/", here, f"{here}going-on", f"{here}guide", f"{here}certificate"]
    paths += [f"{here}messages", f"{here}timeline", f"{here}resources"]
    paths += [f"/mentoring/sessions/{meeting.id}/" for meeting in (first, second)]
    paths += [f"/programs/{pair.cohort.program.slug}/", "/notifications/", "/people/"]
    paths += ["/search?q=mina", "/settings/"]
    return pair.id, paths


def answer(app, pair_id: UUID, story: Story) -> None:
    """By the buttons of the pages, as people do; what is made at a first visit is there before."""
    Browser(app).sign_in("amara@t.example").get("/notifications/").get("/settings/")
    for who, said in (("mentee", story.mentee), ("mentor", story.mentor)):
        draw_anew(f"{who} answers")
        browser = Browser(app).sign_in(f"{who}@t.example").get(f"/mentoring/{pair_id}/going-on")
        if said is not None:
            browser.submit("Yes, go on" if said == "yes" else "No, find me somebody else")
            assert browser.has("Your answer is kept for you alone")
    draw_anew("the organizer")
    if story.ended_for is not None:
        with app.app_context():
            cohort_id = reading().get_one(Relationship, pair_id).cohort_id
        amara = Browser(app).sign_in("amara@t.example")
        amara.get(f"/mentoring/cohorts/{cohort_id}/pairs/{pair_id}/ending")
        amara.submit("End the pair", code=story.ended_for.value)
        assert amara.has("The trial ends at its time")


def draw_anew(phase: str) -> None:
    """Ids and tokens depend on the phase alone, not on how many requests others made before."""
    ids.configure(f"blind {phase} {clock.now()}")


def run_all(app) -> None:
    draw_anew("sweeps")
    with app.app_context():
        for _name, sweep in jobs.sweeps:
            sweep.run()
        for channel in ("in_app", "mail"):
            while not delivery.deliver(channel):
                pass


def pages_of(app, paths: list[str], observer: str) -> dict[str, str]:
    """Every page, the calendar feed, and what the buttons of the past answer now."""
    draw_anew(f"{observer} looks")
    browser = Browser(app).sign_in(f"{observer}@t.example")
    found = {path: comparable(browser.client.get(path)) for path in paths}
    browser.get("/events/calendar")
    browser.submit(action="/events/calendar")
    [address] = re.findall(r"/calendar/[^<\"]+\.ics", browser.html)
    found["calendar"] = comparable(browser.client.get(address))
    here = next(path for path in paths if path.endswith("going-on")).removesuffix("going-on")
    token = browser.tree.find(".//input[@name='csrf_token']").get("value")
    for act in ("reopening", "pause", "conclusion"):
        posted = browser.client.post(here + act, data={"csrf_token": token})
        assert posted.status_code < 500
        found[f"POST {act}"] = comparable(posted)
    return found


def comparable(answered) -> str:
    headers = sorted((k, v) for k, v in answered.headers if k not in ("Date", "Set-Cookie"))
    hidden = rb'(name="csrf_token" value=|X-CSRFToken": )"[^"]+"'
    body = re.sub(hidden, rb"\1", answered.get_data())
    return f"{answered.status_code} {headers} {body!r}"


def mails_of(folder: Path, observer: str) -> dict[str, str]:
    """Mails with all parts, invitations and cancellations among them."""
    found = {}
    for file in sorted((folder / "data" / "outbox").glob("*.eml")):
        mail = message_from_bytes(file.read_bytes(), policy=default)
        if observer in str(mail["To"]):
            kept = [(k, str(v)) for k, v in mail.items() if k not in ("Date", "Content-Type")]
            parts = [p.get_content() for p in mail.walk() if not p.is_multipart()]
            found[f"mail {mail['Message-ID']}"] = repr((kept, parts))
    assert found
    return found


def kept_for(app, observer: str) -> dict[str, str]:
    """The inbox, what a phone shows of each message, and every instant of a delivery."""
    found: dict[str, str] = {}
    with app.app_context():
        db = reading()
        mail = f"{observer}@t.example"
        person_id = db.scalars(select(Person.id).where(Person.email == mail)).one()
        to = outbox.resolvers["accounts"](db, [person_id])[person_id]
        for row in db.scalars(select(Notification).where(Notification.person_id == person_id)):
            found[f"inbox {row.delivery_id}"] = repr((row.subject, row.lines, row.created_at))
        rows = db.scalars(select(Delivery).where(Delivery.person_id == person_id)).all()
        for row in rows:
            times = (row.due_at, row.expires_at, row.created_at, row.state, row.finished_at)
            found[f"delivery {row.kind} {row.id}"] = repr(times)
            with speaking(to.locale, to.zone):
                message = outbox.kinds[row.kind].message(db, row, to)
                if message is not None and row.channel == "in_app":
                    pushed = push_message.payload(row.id, message, shows_titles=True)
                    found[f"push {row.id}"] = repr(pushed)
    return found


@pytest.fixture
def empty(shared_folder: Path) -> str:
    """The template of an empty company."""
    return databases.template(shared_folder, "sqlite", seeded=False)


@pytest.fixture(scope="module")
def told(shared_folder: Path, tmp_path_factory) -> Callable[[str, list[Story]], list[str]]:
    """`told(observer, stories)`: what the observer got in one of the companies only.

    Each story is played once, and both partners look at it.
    """
    source = databases.template(shared_folder, "sqlite", seeded=False)
    played: dict[Story, dict[str, Seen]] = {}

    def compare(observer: str, stories: list[Story]) -> list[str]:
        for story in stories:
            if story not in played:
                folder = tmp_path_factory.mktemp("company") / "own"
                played[story] = lived(folder, source, story)
        first, *others = (played[story][observer] for story in stories)
        return sorted({name for other in others for name in first.differs_from(other)})

    return compare


def story(observer: str, own: str, other: str | None, code: EndingCode | None = None) -> Story:
    """A story from the side of the observer."""
    sides = (own, other) if observer == "mentee" else (other, own)
    return Story(*sides, code)


@pytest.mark.parametrize("observer", BOTH)
def test_who_said_no_cannot_see_what_the_other_said(told, observer):
    assert told(observer, [story(observer, "no", other) for other in ("yes", "no")]) == []


@pytest.mark.parametrize("observer", BOTH)
def test_who_said_yes_cannot_see_who_or_what_ended_it(told, observer):
    stories = [
        story(observer, "yes", "no"),
        story(observer, "yes", "yes", EndingCode.SCHEDULES),
        story(observer, "yes", None, EndingCode.CAPACITY),
    ]
    assert told(observer, stories) == []


# -- planted leaks: otherwise the tests above would say nothing -----------------------------------


def organizers_end_at_once(monkeypatch) -> None:
    def at_once(db, actor_id, pair, code):
        reason = ClosingReason.ORGANIZER
        closing.close(db, actor_id, relationship_id=pair.id, reason=reason, code=code)

    monkeypatch.setattr(closing, "_end_trial", at_once)


def an_answer_tells_the_other(monkeypatch) -> None:
    keep = asking.keep

    def keeps(db, actor_id, pair, question, says_yes):
        keep(db, actor_id, pair, question, says_yes)
        if not says_yes:
            for member in pair.others(actor_id):
                outbox.put(db, "pair_started", subject=pair.id, person=member.person_id, revision=9)

    monkeypatch.setattr(asking, "keep", keeps)


def the_page_knows_of_a_no(monkeypatch) -> None:
    context = pages._context

    def knowing(pair, **forms):
        said = reading().query(PrivateAnswer).filter_by(says_yes=False).count()
        return {**context(pair, **forms), "asks_trial": not said}

    monkeypatch.setattr(pages, "_context", knowing)


LEAKS = {
    "organizers end a trial at once": organizers_end_at_once,
    "an answer tells the other": an_answer_tells_the_other,
    "the page knows of a no": the_page_knows_of_a_no,
}


@pytest.mark.parametrize("leak", LEAKS)
def test_a_planted_leak_is_caught(tmp_path, empty, monkeypatch, leak):
    LEAKS[leak](monkeypatch)
    monkeypatch.setattr(Browser, "has", lambda *_any: True)
    stories = [Story("yes", "no"), Story("yes", "yes", EndingCode.SCHEDULES)]
    looks = (MONDAY + DAY,)
    first, second = (
        lived(tmp_path / str(n), empty, each, ("mentee",), looks)["mentee"]
        for n, each in enumerate(stories)
    )
    assert first.differs_from(second) != []
