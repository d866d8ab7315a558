"""How relationships end and come back, and what happens when somebody leaves."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from app.audit.models import AuditEvent
from app.core import clock, outbox
from app.core.database import reading, writing
from app.core.errors import Refused
from app.mentoring.models import (
    Meeting,
    Member,
    Note,
    Relationship,
    Rematch,
)
from app.mentoring.rules import (
    Claim,
    ClosingReason,
    EndingCode,
    NoteScope,
    RelationshipState,
    SessionState,
)
from app.mentoring.rules import lifecycle as rules
from app.mentoring.services import (
    closing,
    continuity,
    notes,
    reopening,
    sessions,
    terms,
    work,
)
from app.programs.models import Enrollment, Offer
from app.programs.rules import CohortState, EnrollmentState, Format, Role
from app.programs.services import enrollment
from tests.factories.accounts import make_person
from tests.factories.mentoring import make_pair, plan_session
from tests.factories.programs import make_cohort
from tests.simulation.days import now_is, people, sweep_at, told

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def monday(request):
    if "context" in request.fixturenames:
        request.getfixturevalue("app")  # making the app sets its own clock
    clock.configure(NOW.isoformat())
    yield
    clock.configure(None)


@pytest.fixture
def pair(context):
    with writing() as db:
        return make_pair(db)


@pytest.fixture
def active(pair):
    with writing() as db:
        db.get_one(Relationship, pair.id).state = RelationshipState.ACTIVE
    return pair


# -- ending and coming back ----------------------------------------------------------------------


def test_whoever_ended_a_pair_takes_it_back_and_sessions_return(active):
    one, other = people(active)
    with writing() as db:
        meeting = plan_session(db, active, NOW + 3 * DAY)
        called_off = plan_session(db, active, NOW + 4 * DAY)
        sessions.cancel(db, one, session_id=called_off.id)
    with writing() as db:
        closing.end(db, one, relationship_id=active.id)
    assert reading().scalars(select(Rematch)).one().due_on == date(2026, 11, 30)
    with writing() as db, clock.frozen(NOW + timedelta(hours=2)):
        assert reopening.reopen(db, one, relationship_id=active.id)
    db = reading()
    back = db.get_one(Meeting, meeting.id)
    assert back.state is SessionState.SCHEDULED and back.revision == 3
    assert db.get_one(Meeting, called_off.id).state is SessionState.CANCELED
    assert {d.revision for d in outbox.pending(db, "session_reminder", meeting.id)} == {3}
    assert db.get_one(Offer, active.offer_id).released_at is None
    assert not db.scalars(select(Rematch)).all()
    assert told("pair_reopened", active) == {one, other}


def test_later_both_must_want_it_and_after_two_weeks_it_is_too_late(active):
    one, other = people(active)
    with writing() as db:
        closing.end(db, one, relationship_id=active.id)
    with writing() as db, clock.frozen(NOW + 2 * DAY):
        assert not reopening.reopen(db, other, relationship_id=active.id)
    assert told("reopen_asked", active) == {one}
    with writing() as db, clock.frozen(NOW + 15 * DAY), pytest.raises(Refused):
        reopening.reopen(db, one, relationship_id=active.id)
    with writing() as db, clock.frozen(NOW + 3 * DAY):
        assert reopening.reopen(db, one, relationship_id=active.id)
    assert now_is(active).state is RelationshipState.ACTIVE


def test_a_pair_stays_ended_when_its_place_is_taken(active):
    one = people(active)[0]
    with writing() as db:
        closing.end(db, one, relationship_id=active.id)
        mentor = db.get_one(Enrollment, active.members[1].enrollment_id)
        mentor.capacity = 0
    with writing() as db, pytest.raises(Refused, match="place has been taken"):
        reopening.reopen(db, one, relationship_id=active.id)
    assert now_is(active).state is RelationshipState.CLOSED


def test_organizers_end_a_pair_with_a_reason_and_take_it_back(active):
    with writing() as db:
        organizer = make_person(db, "Amara Okafor").id
        closing.end_for(db, organizer, relationship_id=active.id, code=EndingCode.SCHEDULES)
    ended = now_is(active)
    assert (ended.closing_reason, ended.closing_code) == (
        ClosingReason.ORGANIZER,
        EndingCode.SCHEDULES,
    )
    with writing() as db, pytest.raises(Refused, match="cannot be opened"):
        reopening.reopen(db, people(active)[0], relationship_id=active.id)
    with writing() as db:
        reopening.reopen_for(db, organizer, relationship_id=active.id)
    assert now_is(active).closing_code is None
    with writing() as db:
        closing.end(db, people(active)[0], relationship_id=active.id)
    with writing() as db, pytest.raises(Refused, match="Only the two"):
        reopening.reopen_for(db, organizer, relationship_id=active.id)


def test_an_ending_leaves_nothing_to_be_sent_about_what_was_planned(active):
    with writing() as db:
        meeting = plan_session(db, active, NOW + 3 * DAY)
    with writing() as db:
        closing.end(db, people(active)[0], relationship_id=active.id)
    db = reading()
    for kind in ("session_planned", "session_reminder", "did_you_meet"):
        assert outbox.pending(db, kind, meeting.id) == []
    canceled = outbox.pending(db, "session_canceled", meeting.id)
    assert {d.person_id for d in canceled} == set(people(active))
    rows = select(func.count()).where(AuditEvent.verb == "relationship_closed")
    assert db.scalar(rows) == 1


def goes(db, who) -> None:
    continuity.leave_everywhere(db, who)


def withdraws(db, who) -> None:
    row = db.scalars(select(Enrollment).where(Enrollment.person_id == who)).one()
    enrollment.withdraw(db, who, enrollment_id=row.id)


def finishes(db, who) -> None:
    pair_id = db.scalars(select(Relationship.id)).one()
    closing.end(db, who, relationship_id=pair_id)


@pytest.mark.parametrize("leaver", [0, 1], ids=["mentee", "mentor"])
@pytest.mark.parametrize("act", [goes, withdraws, finishes])
def test_whoever_ends_or_leaves_while_they_look_back_takes_no_certificate_away(active, act, leaver):
    who, other = people(active)[leaver], people(active)[1 - leaver]
    with writing() as db:
        terms.conclude(db, who, relationship_id=active.id)
    with writing() as db:
        act(db, who)
    ended = now_is(active)
    assert ended.closing_reason is ClosingReason.COMPLETED
    assert reading().scalars(select(Rematch)).all() == []
    assert other in told("pair_completed", active) and not told("partner_left", active)
    if leaver == 1:
        mentee = reading().get_one(Enrollment, active.members[0].enrollment_id)
        assert mentee.state is EnrollmentState.COMPLETED


def test_a_concern_while_they_look_back_ends_the_pair_in_the_words_of_every_end(active):
    with writing() as db:
        organizer = make_person(db, "Amara Okafor").id
        terms.conclude(db, people(active)[0], relationship_id=active.id)
    code = EndingCode.SCHEDULES
    with writing() as db, pytest.raises(Refused, match="looking back"):
        closing.end_for(db, organizer, relationship_id=active.id, code=code)
    with writing() as db:
        closing.end_in_care(db, relationship_id=active.id, code=code)
    ended = now_is(active)
    assert (ended.closing_reason, ended.closing_code) == (ClosingReason.COMPLETED, None)


def test_a_completed_pair_that_goes_on_looks_back_anew_and_may_be_matched_anew(active):
    one, other = people(active)

    def looks_back(who) -> None:
        with writing() as db:
            terms.look_back(db, who, relationship_id=active.id, own_text="I", thanks="You")

    with writing() as db:
        terms.conclude(db, one, relationship_id=active.id)
    looks_back(one)
    looks_back(other)
    for who in (one, other):
        with writing() as db, clock.frozen(NOW + 2 * DAY):
            reopening.reopen(db, who, relationship_id=active.id)
    mentee = active.members[0].enrollment_id
    assert now_is(active).state is RelationshipState.ACTIVE
    assert reading().get_one(Enrollment, mentee).state is EnrollmentState.READY
    with clock.frozen(NOW + 90 * DAY):
        with writing() as db:
            terms.conclude(db, one, relationship_id=active.id)
        looks_back(one)
        assert now_is(active).state is RelationshipState.CONCLUDING, "the other has not yet"
        looks_back(other)
    assert now_is(active).closing_reason is ClosingReason.COMPLETED
    with writing() as db, clock.frozen(NOW + 91 * DAY):
        for who in (one, other):
            reopening.reopen(db, who, relationship_id=active.id)
        continuity.leave_everywhere(db, other)
    waits = reading().scalars(select(Rematch)).one()
    assert waits.enrollment_id == mentee


# -- when somebody leaves ------------------------------------------------------------------------


@pytest.fixture
def circle(context):
    """Four people of one circle, with a session planned."""
    with writing() as db:
        pair = make_pair(db)
        row = db.get_one(Relationship, pair.id)
        row.format, row.state = Format.CIRCLE, RelationshipState.ACTIVE
        for member in row.members:
            member.role = Role.MENTEE
        for n in range(2):
            person = make_person(db, f"Cleo Circle {n}", f"cleo{n}@t.example")
            db.add(Member(relationship_id=row.id, person_id=person.id, role=Role.MENTEE))
        db.flush()
        db.expire(row)
        assert len(row.members) == 4
        plan_session(db, row)
    return row


def test_a_group_lives_on_while_its_least_number_remains(circle):
    first, second, *rest = people(circle)
    with writing() as db:
        continuity.end(db, first, relationship_id=circle.id)
    assert now_is(circle).state is RelationshipState.ACTIVE and not now_is(circle).has(first)
    assert told("member_left", circle) == {second, *rest} & able(circle)
    [meeting] = reading().scalars(select(Meeting)).all()
    reminded = {d.person_id for d in outbox.pending(reading(), "session_reminder", meeting.id)}
    assert first not in reminded
    with writing() as db:
        continuity.leave_everywhere(db, second)
    assert now_is(circle).closing_reason is ClosingReason.LEFT_ORG


def able(pair) -> set:
    return {m.person_id for m in now_is(pair).members if m.person.can_sign_in}


def test_withdrawal_and_erasure_end_a_pair_and_keep_what_is_the_partners(active):
    mentee, mentor = people(active)
    with writing() as db:
        key = {"relationship_id": active.id}
        mine = notes.write(db, mentee, text="Mine", scope=NoteScope.OWN, **key).note
        theirs = notes.write(db, mentor, text="Theirs", scope=NoteScope.OWN, **key).note
        shared = notes.write(db, mentor, text="Ours", scope=NoteScope.SHARED, **key).note
        goal = work.set_goal(db, mentee, text="Lead", steps=["One"], **key)
        enrollment.withdraw(db, None, enrollment_id=active.members[1].enrollment_id)
    assert told("partner_left", active) == {mentee}
    waits = reading().scalars(select(Rematch)).one()
    assert waits.due_on == date(2026, 11, 30) and waits.cause == "left_cohort"
    with writing() as db:
        continuity.erase(db, mentor)
    db = reading()
    assert db.get(Note, theirs.id) is None
    assert all(db.get(type(row), row.id) for row in (mine, shared, goal))


# -- numbers -------------------------------------------------------------------------------------


def test_all_trials_of_a_day_have_the_same_instant():
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    week = timedelta(days=7)
    assert rules.settling_of(noon) == noon + week
    assert rules.settling_of(noon + timedelta(seconds=1)) == noon + week + DAY
    assert rules.next_settling(noon) == noon + DAY
    early, late = noon + timedelta(hours=1), noon + timedelta(hours=23)
    assert rules.settling_of(early) == rules.settling_of(late)


def test_days_months_and_least_sizes():
    friday = date(2026, 12, 18)
    assert rules.working_days_after(friday, 5, {date(2026, 12, 25)}) == date(2026, 12, 28)
    assert rules.months_after(date(2026, 8, 31), 6) == date(2027, 2, 28)
    weekly = [datetime(2027, 3, day, 15) for day in (10, 17, 24, 31)] + [datetime(2027, 6, 2, 15)]
    moved = [datetime(2027, 3, 31, 15), *(datetime(2027, 4, day, 15) for day in (7, 14, 21))]
    assert rules.behind(weekly, date(2027, 3, 31)) == [*moved, weekly[-1]]
    assert rules.behind(weekly[-1:], date(2027, 3, 31)) == weekly[-1:]
    assert [rules.least_members(kind) for kind in (Format.ONE_TO_ONE, Format.GROUP)] == [2, 3]


def test_flash_mentoring_is_done_when_its_one_session_was_held_or_its_time_is_over(context):
    with writing() as db:
        cohort = make_cohort(db, CohortState.ACTIVE, template="flash")
        met, idle = make_pair(db, cohort=cohort), make_pair(db, *two_more(db), cohort=cohort)
        meeting = plan_session(db, met, NOW + DAY)
        last_day = met.ends_on
    assert now_is(met).state is RelationshipState.ACTIVE  # nothing to try first
    with clock.frozen(NOW + 1.1 * DAY), writing() as db:
        sessions.answer(db, people(met)[0], session_id=meeting.id, said=Claim.MET)
    sweep_at(NOW + 2 * DAY)
    assert now_is(met).state is RelationshipState.ACTIVE  # the other one may still answer
    sweep_at(NOW + 4 * DAY)
    assert now_is(met).state is RelationshipState.CONCLUDING
    assert told("pair_concluding", met) == set(people(met))
    sweep_at(datetime.combine(last_day + DAY, NOW.timetz()))
    assert now_is(idle).closing_reason is ClosingReason.INACTIVITY
    assert not told("renewal_question", idle)


@pytest.mark.parametrize("state", [RelationshipState.ACTIVE, RelationshipState.TRIAL])
@pytest.mark.parametrize("days", [1, 0], ids=["met the day before", "meets on the last day"])
def test_whoever_meets_at_the_very_end_of_the_term_is_not_ended_as_idle(context, state, days):
    with writing() as db:
        cohort = make_cohort(db, CohortState.ACTIVE, template="flash")
        pair = make_pair(db, cohort=cohort)
        pair.state, last_day = state, pair.ends_on
        noon = datetime.combine(last_day, NOW.timetz()) + timedelta(hours=3)
        meeting = plan_session(db, pair, noon - days * DAY)
    if days:
        with clock.frozen(noon - timedelta(hours=20)), writing() as db:
            sessions.answer(db, people(pair)[0], session_id=meeting.id, said=Claim.MET)
    sweep_at(datetime.combine(last_day, NOW.timetz()))
    assert now_is(pair).state is state
    if not days:
        with clock.frozen(noon + timedelta(hours=2)), writing() as db:
            sessions.cancel(db, people(pair)[0], session_id=meeting.id)
        sweep_at(noon + DAY)
        assert now_is(pair).closing_reason is ClosingReason.INACTIVITY


def two_more(db):
    return make_person(db, name="Ifeoma Eze"), make_person(db, name="Anders Holm")
