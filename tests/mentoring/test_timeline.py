"""The timeline: what both may know, in order; nothing of what is private."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.core import clock
from app.mentoring.models import Relationship, SessionFeedback
from app.mentoring.rules import Claim, GoalState, NoteScope, Sharing
from app.mentoring.services import (
    closing,
    pausing,
    reopening,
    sessions,
    terms,
    trial,
    work,
)
from app.programs.rules import Role
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.mentoring import make_note, make_pair, plan_session
from tests.factories.programs import make_cohort

DAY = timedelta(days=1)


@pytest.fixture
def pair(write):
    with write() as db:
        mentee = make_person(db, "Mina Mentee", "mina@t.example", PASSWORD)
        mentor = make_person(db, "Omar Mentor", "omar@t.example", PASSWORD, locale="ar")
        return make_pair(db, mentee, mentor, make_cohort(db, "active"))


def lines(browser: Browser, pair, query: str = "?lang=en") -> list[str]:
    """The lines as they are read, the latest first."""
    browser.get(f"/mentoring/{pair.id}/timeline{query}")
    assert browser.status == 200
    listed = [ul for ul in browser.tree.iter("ul") if ul.get("class") == "lines"]
    return [" ".join(" ".join(li.itertext()).split()) for ul in listed for li in ul.iter("li")]


def people(pair):
    return {m.role: m.person_id for m in pair.members}


def meet(db, pair, day, **said: Claim):
    """A session on a day, and what each says of it."""
    with clock.frozen(day - DAY):
        meeting = plan_session(db, pair, day)
    with clock.frozen(day + DAY):
        for role, claim in said.items():
            sessions.answer(db, people(pair)[Role(role)], session_id=meeting.id, said=claim)
    return meeting


def live(write, pair) -> None:
    """Half a year of a pair, with all that happens and much that is nobody's business."""
    start = clock.now()
    mina, omar = people(pair)[Role.MENTEE], people(pair)[Role.MENTOR]
    with clock.frozen(start + DAY), write() as db:
        for person_id in (mina, omar):
            work.sign(db, person_id, relationship_id=pair.id, revision=1)
    with write() as db:
        row = db.get_one(Relationship, pair.id)
        first = meet(db, row, start + 3 * DAY, mentee=Claim.MET, mentor=Claim.MET)
        db.add(SessionFeedback(session_id=first.id, person_id=mina, rating=1, line="Dull hour"))
    with clock.frozen(start + 5 * DAY), write() as db:
        trial.answer(db, mina, relationship_id=pair.id, goes_on=True)
    with clock.frozen(start + 13 * DAY), write() as db:
        trial.settle(db)
        shared = work.set_goal(db, mina, relationship_id=pair.id, text="Run a round", steps=["a"])
        work.set_goal(
            db, mina, relationship_id=pair.id, text="Leave Omar", steps=["a"], sharing=Sharing.ME
        )
        make_note(db, pair, "Words of the shared note", NoteScope.SHARED, by=1)
        make_note(db, pair, "Words of the own note", by=1)
    with write() as db:
        row = db.get_one(Relationship, pair.id)
        meet(db, row, start + 20 * DAY, mentee=Claim.NO_CONTACT, mentor=Claim.NO_CONTACT)
        with clock.frozen(start + 21 * DAY):
            coming = plan_session(db, row, start + 40 * DAY)
            sessions.reschedule(
                db,
                omar,
                session_id=coming.id,
                wall_time=(start + 42 * DAY).replace(tzinfo=None, microsecond=0),
                zone="UTC",
            )
            sessions.cancel(db, omar, session_id=coming.id)
    with clock.frozen(start + 25 * DAY), write() as db:
        pausing.pause(db, omar, relationship_id=pair.id, until=(start + 40 * DAY).date())
    with clock.frozen(start + 41 * DAY), write() as db:
        pausing.resume_due(db)
        work.move_goal(db, mina, goal_id=shared.id, to=GoalState.ACHIEVED)
    with clock.frozen(start + 50 * DAY), write() as db:
        closing.end(db, omar, relationship_id=pair.id)
    with clock.frozen(start + 50 * DAY + timedelta(hours=1)), write() as db:
        reopening.reopen(db, omar, relationship_id=pair.id)
    with clock.frozen(start + 60 * DAY), write() as db:
        terms.conclude(db, mina, relationship_id=pair.id)
        for person_id in (mina, omar):
            terms.look_back(
                db, person_id, relationship_id=pair.id, own_text="For me alone", thanks="Thanks"
            )


IN_ORDER = (
    "You began.",
    "signed the agreement.",
    "A session was planned for",
    "You met.",
    "The time of getting to know each other is over",
    "Mina Mentee set a goal. Run a round",
    "A session was moved.",
    "A pause began.",
    "The pause is over",
    "Mina Mentee reached a goal. Run a round",
    "You went on after all.",
    "You began to look back.",
    "You completed your time together.",
)
PRIVATE = (
    "Leave Omar",
    "Words of",
    "Dull hour",
    "For me alone",
    "No contact",
    "not take place",
    "answered",
)


def test_both_read_what_happened_in_order_and_nothing_that_is_private(app, pair, write):
    live(write, pair)
    with clock.frozen(clock.now() + 70 * DAY):
        seen = {
            name: lines(Browser(app, lang="en").sign_in(f"{name}@t.example"), pair)
            for name in ("mina", "omar")
        }
    places = [
        next(n for n, line in enumerate(reversed(seen["omar"])) if words in line)
        for words in IN_ORDER
    ]
    assert places == sorted(places), list(zip(places, IN_ORDER, strict=True))
    told = "\n".join(seen["omar"])
    assert [words for words in PRIVATE if words in told] == []
    own = [line for line in seen["mina"] if line not in seen["omar"]]
    assert len(own) == 1 and "Leave Omar" in own[0] and own[0].endswith("Only you")
    assert [line for line in seen["mina"] if line not in own] == seen["omar"]
    assert sum("shared a note" in line for line in seen["mina"]) == 1


def test_a_session_that_somebody_missed_is_told_alike_to_everybody(app, pair, write):
    """Whoever says that it did not take place, or that it is to be moved, stands nowhere."""
    at = clock.now() + 3 * DAY
    with write() as db:
        meet(db, db.get_one(Relationship, pair.id), at, mentee=Claim.NO_CONTACT)
        meet(db, db.get_one(Relationship, pair.id), at + DAY, mentor=Claim.MOVED)
    with clock.frozen(at + 9 * DAY):
        found = lines(Browser(app, lang="en").sign_in("omar@t.example"), pair)
    assert [line for line in found if "session" in line.lower()] != []
    assert not any("moved" in line or "missed" in line or "met" in line for line in found)


def test_it_is_narrowed_by_kind_and_paged(app, pair, write):
    with write() as db:
        for n in range(33):
            make_note(db, pair, f"Note {n}", NoteScope.SHARED, by=1)
        plan_session(db, pair)
    mina = Browser(app, lang="en").sign_in("mina@t.example")
    assert len(lines(mina, pair, "?show=notes")) == 30
    for number in ("2", "50", "9" * 20):
        assert len(lines(mina, pair, f"?show=notes&page={number}")) == 3
    assert all("planned" in line for line in lines(mina, pair, "?show=sessions"))
    assert lines(mina, pair, "?show=goals") == [] and mina.has("Nothing of that kind")
    assert len(lines(mina, pair, "?show=nonsense")) == 30


@pytest.mark.parametrize("many", [1, 25], ids=["one", "many"])
def test_it_costs_the_same_with_little_and_much_and_speaks_arabic(app, pair, write, queries, many):
    with write() as db:
        for n in range(many):
            make_note(db, pair, f"Note {n}", NoteScope.SHARED, by=1)
    omar = Browser(app).sign_in("omar@t.example")
    with queries() as seen:
        omar.get(f"/mentoring/{pair.id}/timeline")
    assert omar.status == 200 and 'dir="rtl"' in omar.html and len(seen) <= 4, seen
