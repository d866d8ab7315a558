"""Times that suit everybody: inside all weeks, fair, silent about reasons, and taken only once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from threading import Barrier, Thread
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.core import clock, outbox
from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.walls import instant_of, wall_of
from app.ergs.rules import Visibility
from app.events import services as events
from app.events.rules import Mode, Reply
from app.events.rules.fair_time import Hour
from app.holidays import services as holidays
from app.mentoring.models import Meeting, Relationship, SessionSlot
from app.mentoring.queries.slots import weeks_of
from app.mentoring.rules import ClosingReason, SessionState
from app.mentoring.rules.slots import (
    APART,
    HORIZON,
    LEAD,
    MOST,
    USUAL,
    Side,
    carried_by,
    hours_in,
    propose,
    turn_of,
    whose_turn,
)
from app.mentoring.services import closing, proposing, undoing
from app.programs.feed.hours import DAYS, PARTS
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg
from tests.factories.events import make_event
from tests.factories.mentoring import (
    add_member,
    keep_hours,
    make_pair,
    plan_session,
    propose_times,
)

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
WINDOWS = [f"{day}-{part}" for day in DAYS for part in PARTS]
PLACES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Los_Angeles",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "America/St_Johns",
)


@pytest.fixture(autouse=True)
def monday(request):
    if "app" in request.fixturenames or "context" in request.fixturenames:
        request.getfixturevalue("app")  # making the app sets its own clock
    clock.configure(NOW.isoformat())
    yield
    clock.configure(None)


@pytest.fixture
def pair(context):
    with writing() as db:
        return make_pair(db)


# -- rules --------------------------------------------------------------------------------------

# Around both changes of the clocks, north and south, and in the quiet of a summer.
MOMENTS = st.sampled_from(
    [
        datetime(*day, tzinfo=UTC)
        for day in ((2027, 3, 8), (2026, 10, 20), (2027, 4, 1), (2026, 9, 25))
    ]
).flatmap(lambda day: st.integers(0, 7 * 24 * 60).map(lambda m: day + timedelta(minutes=m)))


@st.composite
def people(draw):
    sides = []
    for number in range(draw(st.integers(2, 4))):
        begin = draw(MOMENTS)
        length = timedelta(hours=draw(st.integers(1, 30)))
        sides.append(
            Side(
                UUID(int=number + 1),
                draw(st.sampled_from(PLACES)),
                frozenset(draw(st.lists(st.sampled_from(WINDOWS), min_size=6, max_size=28))),
                frozenset({begin.date() + timedelta(days=draw(st.integers(0, 12)))}),
                ((begin, begin + length),),
                draw(st.integers(0, 5)),
            )
        )
    return sides


@settings(max_examples=60, deadline=None)
@given(people(), MOMENTS, st.sampled_from([30, 60, 90]), st.randoms(use_true_random=False))
def test_proposed_times_suit_everybody_lie_ahead_exist_and_do_not_depend_on_who_asks(
    sides, now, minutes, dice
):
    found = propose(sides, now=now, minutes=minutes)
    assert len(found) <= MOST
    for slot in found:
        assert now + LEAD <= slot.starts_at <= now + LEAD + HORIZON + timedelta(hours=2)
        for side in sides:
            wall = wall_of(slot.starts_at, side.zone)
            assert instant_of(wall, side.zone) == slot.starts_at, "neither skipped nor shown twice"
            assert wall.date() not in side.off
            for minute in range(0, minutes, 15):  # every quarter lies in a window of the day
                at = (slot.starts_at + timedelta(minutes=minute)).astimezone(ZoneInfo(side.zone))
                assert (at.weekday(), at.hour) in hours_in(side.windows)
            for begin, end in side.busy:
                assert slot.starts_at >= end or slot.starts_at + timedelta(minutes=minutes) <= begin
    for one, other in pairwise(found):
        assert other.starts_at - one.starts_at >= APART
    shuffled = list(sides)
    dice.shuffle(shuffled)
    again = propose(shuffled, now=now, minutes=minutes)
    assert [slot.starts_at for slot in again] == [slot.starts_at for slot in found]
    assert turn_of(shuffled) == turn_of(sides)


def test_whoever_said_nothing_has_office_hours():
    sides = [Side(UUID(int=1), "Europe/Berlin", frozenset()), Side(UUID(int=2), "Europe/Berlin")]
    for slot in propose(sides, now=NOW, minutes=60):
        wall = wall_of(slot.starts_at, "Europe/Berlin")
        assert wall.weekday() < 5 and 8 <= wall.hour < 18


def test_far_zones_take_turns_with_the_bad_hour():
    """New York and Bangkok share no good hour: whoever carried least has the next bad one."""
    everything = frozenset(WINDOWS)
    west = Side(UUID(int=1), "America/New_York", everything)
    east = Side(UUID(int=2), "Asia/Bangkok", everything)
    dates: list[tuple[datetime, int]] = []
    carried = {}
    for _ in range(6):
        carried = {side.person_id: carried_by(side.zone, dates) for side in (west, east)}
        sides = [
            Side(s.person_id, s.zone, s.windows, carried=carried[s.person_id]) for s in (west, east)
        ]
        slots = propose(sides, now=NOW + timedelta(days=14 * len(dates)), minutes=60)
        turn = whose_turn(slots, sides)
        assert turn is not None and turn == min(carried, key=lambda p: (carried[p], str(p)))
        assert any(slot.hours[turn] is not Hour.FINE for slot in slots)
        dates.append((slots[0].starts_at, 60))
    assert abs(carried[west.person_id] - carried[east.person_id]) <= 1, carried


def test_near_zones_need_no_turns():
    sides = [Side(UUID(int=1), "Europe/Berlin"), Side(UUID(int=2), "Africa/Lagos")]
    assert whose_turn(propose(sides, now=NOW, minutes=60), sides) is None


def test_usual_hours_are_weekdays():
    assert not [window for window in USUAL if window[:3] in ("sat", "sun")]


# -- what the product knows ---------------------------------------------------------------------


def test_other_sessions_answers_to_events_and_holidays_are_left_out(context):
    with writing() as db:
        mina = make_person(db, "Mina Mentee", site="Lisbon")
        omar = make_person(db, "Omar Mentor")
        pair = make_pair(db, mina, omar)
        keep_hours(db, pair, mentee=("tue-morning wed-morning", "UTC"))
        other = make_pair(db, make_person(db, "Third"), omar)
        free = set(starts_of(db, pair))
        tuesday = [at for at in free if at.weekday() == 1]
        assert tuesday and len(free) == 5
        plan_session(db, other, datetime(2026, 11, 24, 8, tzinfo=UTC), minutes=90)
        plan_session(db, other, datetime(2026, 11, 24, 9, 30, tzinfo=UTC), minutes=90)
        plan_session(db, other, datetime(2026, 11, 24, 11, tzinfo=UTC), minutes=60)
        holidays.add(db, None, starts_on=date(2026, 12, 1), name="Restoration", site="Lisbon")
        days = {at.date() for at in starts_of(db, pair)}
    assert date(2026, 11, 24) not in days, "the mentor meets somebody else"
    assert date(2026, 12, 1) not in days, "the mentee has a holiday"
    assert date(2026, 11, 25) in days


def starts_of(db, pair) -> list[datetime]:
    return [
        slot.starts_at for slot in propose(weeks_of(db, pair).sides, now=clock.now(), minutes=60)
    ]


def test_an_event_one_goes_to_is_taken_and_one_that_one_declined_is_not(context):
    with writing() as db:
        pair = make_pair(db)
        keep_hours(db, pair, mentee=("wed-midday", "UTC"), mentor=("wed-midday", "UTC"))
        erg = make_erg(db, "women", lead=make_person(db, "Lead").id)
        first = starts_of(db, pair)[0]
        event = make_event(db, erg, starts_at=first)
        said = {"occurrence_id": event.id, "mode": Mode.IN_PERSON, "guests": 0}
        me = pair.members[0].person_id
        events.answer(db, me, reply=Reply.NO, visibility=Visibility.COMPANY, **said)
        assert first in starts_of(db, pair)
        events.answer(db, me, reply=Reply.GOING, visibility=Visibility.COMPANY, **said)
        assert first not in starts_of(db, pair)


# -- one tap ------------------------------------------------------------------------------------


def test_the_other_side_takes_one_time_and_both_get_it(pair):
    with writing() as db:
        meeting = propose_times(db, pair)
    mentee, mentor = (member.person_id for member in pair.members)
    db = reading()
    assert {d.person_id for d in outbox.pending(db, "session_proposed", meeting.id)} == {mentor}
    assert not outbox.pending(db, "session_reminder", meeting.id)
    slots = list(db.scalars(select(SessionSlot).order_by(SessionSlot.starts_at)))
    chosen = slots[1]
    with writing() as db, pytest.raises(Refused, match="somebody else chooses"):
        proposing.accept(db, mentee, session_id=meeting.id, slot_id=chosen.id)
    with writing() as db:
        proposing.accept(db, mentor, session_id=meeting.id, slot_id=chosen.id)
    db = reading()
    kept = db.get_one(Meeting, meeting.id)
    assert kept.state is SessionState.SCHEDULED and kept.starts_at == chosen.starts_at
    assert instant_of(kept.wall_time, kept.zone) == kept.starts_at
    told = {d.person_id for d in outbox.pending(db, "session_planned", meeting.id)}
    assert told == {mentee, mentor}
    assert not outbox.pending(db, "session_proposed", meeting.id)
    assert not db.scalars(select(SessionSlot)).all()


def test_proposing_others_replaces_the_times_and_turns_the_table(pair):
    with writing() as db:
        meeting = propose_times(db, pair, by=0)
        old = set(db.scalars(select(SessionSlot.id)))
    with writing() as db:
        again = propose_times(db, pair, by=1, count=2)
        assert again.id == meeting.id and again.revision == 2
    db = reading()
    slots = list(db.scalars(select(SessionSlot.id)))
    assert len(slots) == 2 and not old & set(slots)
    pending = outbox.pending(db, "session_proposed", meeting.id)
    assert {d.person_id for d in pending} == {pair.members[0].person_id}
    with writing() as db, pytest.raises(Refused, match="not open any more"):
        proposing.accept(
            db, pair.members[1].person_id, session_id=meeting.id, slot_id=next(iter(old))
        )


def test_a_time_that_does_not_suit_any_more_is_refused_without_a_reason(pair):
    with writing() as db:
        found = starts_of(db, pair)
        other = make_pair(db, make_person(db, "Third"), pair.members[1].person)
        plan_session(db, other, found[0])
    with writing() as db, pytest.raises(Refused) as refused:
        proposing.propose(db, pair.members[0].person_id, relationship_id=pair.id, starts=[found[0]])
    assert str(refused.value) == "One of these times does not suit any more. Choose again."
    for wrong in ([], [NOW - timedelta(days=1)], [found[0] + timedelta(hours=n) for n in range(6)]):
        with writing() as db, pytest.raises(Refused):
            proposing.propose(db, pair.members[0].person_id, relationship_id=pair.id, starts=wrong)


def test_a_proposal_that_nobody_takes_ends_and_only_who_made_it_hears(pair):
    with writing() as db:
        meeting = propose_times(db, pair)
    with clock.frozen(NOW + timedelta(days=8)):
        for _ in range(2):  # a sweep may run twice
            with writing() as db:
                proposing.expire_proposals(db)
        told = outbox.pending(reading(), "slots_expired", meeting.id)
        assert [d.person_id for d in told] == [pair.members[0].person_id]
        kept = reading().get_one(Meeting, meeting.id)
        assert kept.state is SessionState.CANCELED
        assert not outbox.pending(reading(), "session_canceled", meeting.id), "none had an entry"
        with writing() as db, pytest.raises(Refused, match="Propose others"):
            undoing.put_back(db, pair.members[0].person_id, session_id=meeting.id)


def test_a_pair_that_ends_leaves_no_open_proposal(pair):
    with writing() as db:
        meeting = propose_times(db, pair)
    with writing() as db:
        closing.close(db, None, relationship_id=pair.id, reason=ClosingReason.ORGANIZER)
    assert reading().get_one(Meeting, meeting.id).state is SessionState.CANCELED
    assert not reading().scalars(select(SessionSlot)).all()


def test_two_who_take_two_times_at_once_settle_on_one(app):
    """Whoever is first wins on both databases; the other one is told how things stand."""
    with app.app_context(), writing() as db:
        pair = make_pair(db)
        add_member(db, pair, make_person(db, "Third Member"))
        meeting = propose_times(db, pair)
        slots = list(db.scalars(select(SessionSlot.id).order_by(SessionSlot.starts_at)))
        others = [m.person_id for m in pair.members if m.person_id != meeting.planned_by]
    barrier, outcomes = Barrier(2), []

    def take(person_id, slot_id) -> None:
        barrier.wait(timeout=60)
        try:
            with app.app_context(), writing() as db:
                proposing.accept(db, person_id, session_id=meeting.id, slot_id=slot_id)
            outcomes.append("taken")
        except Refused:
            outcomes.append("told")

    hands = [Thread(target=take, args=args) for args in zip(others, slots[:2], strict=True)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join(timeout=60)
    assert sorted(outcomes) == ["taken", "told"]
    with app.app_context():
        db = reading()
        told = outbox.pending(db, "session_planned", meeting.id)
        assert db.get_one(Meeting, meeting.id).state is SessionState.SCHEDULED
        assert {d.revision for d in told} == {2} and len({d.person_id for d in told}) == 3


# -- pages --------------------------------------------------------------------------------------


@pytest.fixture
def couple(app):
    with app.app_context(), writing() as db:
        mina = make_person(db, "Mina Mentee", "mina@t.example", PASSWORD)
        omar = make_person(db, "Omar Mentor", "omar@t.example", PASSWORD, zone="Pacific/Auckland")
        pair = make_pair(db, mina, omar)
        keep_hours(db, pair, mentor=("", "Pacific/Auckland"))
        return pair


def choice_of(browser: Browser) -> str:
    actions = [form.get("action", "") for form in browser.tree.iter("form")]
    return next(action for action in actions if action.endswith("/choice"))


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_one_proposes_and_the_other_settles_with_one_tap(app, couple, htmx):
    mina = Browser(app, htmx=htmx).sign_in("mina@t.example")
    mina.get(f"/mentoring/{couple.id}/").click("Find a time")
    assert mina.has("No time suits all of you"), "office hours of Auckland are nights in UTC"
    mina.click("Add hours to my week")
    mina.submit("Save", windows=["mon-evening", "tue-evening", "wed-evening"], zone="UTC")
    assert mina.has("Saved. Times are looked for in these hours")
    assert mina.has("Early or late for Mina Mentee.") and mina.has("It is your turn")
    omar = Browser(app, htmx=htmx).sign_in("omar@t.example")
    omar.get(f"/mentoring/{couple.id}/times/")
    assert omar.has("It is the turn of Mina Mentee"), "both see it"
    mina.submit("Propose these times", place="https://meet.example/room")
    assert mina.has("Proposed.") and mina.has("Waiting for an answer")
    omar.get("/")
    assert omar.has("Which time suits you?"), omar.text
    omar.get(f"/mentoring/{couple.id}/")
    omar.submit(action=choice_of(omar))
    assert omar.has("It is settled."), omar.text
    mina.get(f"/mentoring/{couple.id}/")
    assert mina.has("Next session") and mina.has("https://meet.example/room")


def test_errors_of_a_proposal_keep_the_place(app, couple):
    mina = Browser(app).sign_in("mina@t.example")
    with app.app_context(), writing() as db:
        keep_hours(db, db.get_one(Relationship, couple.id))
    mina.get(f"/mentoring/{couple.id}/times/")
    mina.submit("Propose these times", at=[], place="Room 4")
    assert mina.status == 422 and mina.has("Choose one to five times.")
    assert 'value="Room 4"' in mina.html
