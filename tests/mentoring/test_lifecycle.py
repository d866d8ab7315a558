"""How relationships go on: trials, pauses, terms, looking back, ending, and coming back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from app.audit.models import AuditEvent
from app.core import clock
from app.core.database import reading, writing
from app.core.errors import Refused
from app.mentoring.models import (
    Meeting,
    Pause,
    PrivateAnswer,
    Relationship,
    Rematch,
    TrialEnding,
)
from app.mentoring.rules import (
    Claim,
    ClosingReason,
    EndingCode,
    InThePause,
    RelationshipState,
    SessionState,
)
from app.mentoring.rules import lifecycle as rules
from app.mentoring.services import (
    closing,
    pausing,
    reopening,
    sessions,
    terms,
    trial,
    undoing,
)
from app.programs.models import Enrollment
from app.programs.rules import CohortState, EnrollmentState
from app.programs.services import enrollment
from tests.factories.accounts import make_person
from tests.factories.mentoring import keep_hours, make_pair, plan_session, propose_times
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


def meet(pair, at: datetime = NOW + timedelta(hours=1)) -> Meeting:
    with writing() as db:
        meeting = plan_session(db, pair, at)
    with writing() as db, clock.frozen(at + timedelta(hours=2)):
        sessions.answer(db, people(pair)[0], session_id=meeting.id, said=Claim.MET)
    return meeting


# -- trial ---------------------------------------------------------------------------------------


def test_after_the_first_session_both_are_asked_and_silence_goes_on(pair):
    meet(pair)
    asked = now_is(pair)
    assert told("trial_question", pair) == set(people(pair))
    assert asked.settles_at == datetime(2026, 11, 30, 12, tzinfo=UTC)
    sweep_at(asked.settles_at - timedelta(minutes=1))
    assert now_is(pair).state is RelationshipState.TRIAL
    sweep_at(asked.settles_at)
    assert now_is(pair).state is RelationshipState.ACTIVE


def test_one_no_ends_the_trial_at_its_instant_by_nobody_and_the_answers_are_gone(pair):
    meet(pair)
    yes, no = people(pair)
    with writing() as db, clock.frozen(NOW + DAY):
        trial.answer(db, yes, relationship_id=pair.id, goes_on=True)
        trial.answer(db, no, relationship_id=pair.id, goes_on=False)
        ahead = plan_session(db, pair, NOW + 20 * DAY)
    sweep_at(NOW + 6 * DAY)
    assert now_is(pair).state is RelationshipState.TRIAL, "never before its instant"
    sweep_at(NOW + 8 * DAY)
    ended = now_is(pair)
    assert (ended.state, ended.closing_reason) == (RelationshipState.CLOSED, ClosingReason.NO_FAULT)
    assert ended.closed_by is None and ended.closed_at.hour == 12
    db = reading()
    assert db.get_one(Meeting, ahead.id).state is SessionState.CANCELED
    assert not db.scalars(select(PrivateAnswer)).all()
    assert told("pair_ended", pair) == {yes, no}
    closing_row = db.scalars(select(AuditEvent).where(AuditEvent.verb == "relationship_closed"))
    assert [row.actor_id for row in closing_row] == [None]
    answered = db.scalars(select(AuditEvent).where(AuditEvent.verb == "trial_answered")).all()
    assert len(answered) == 2
    assert not any(row.after or row.reason or row.actor_id for row in answered)


def test_an_answer_can_be_changed_until_the_instant_and_not_after(pair):
    meet(pair)
    one = people(pair)[0]
    for goes_on in (False, True):
        with writing() as db, clock.frozen(NOW + DAY):
            trial.answer(db, one, relationship_id=pair.id, goes_on=goes_on)
    late = NOW + 8 * DAY
    with writing() as db, clock.frozen(late), pytest.raises(Refused, match="closed"):
        trial.answer(db, one, relationship_id=pair.id, goes_on=False)
    sweep_at(late)
    assert now_is(pair).state is RelationshipState.ACTIVE


def test_organizers_and_capacity_end_a_trial_at_the_same_instant_in_the_same_words(pair):
    meet(pair)
    with writing() as db:
        organizer = make_person(db, "Amara Okafor").id
        closing.end_for(db, organizer, relationship_id=pair.id, code=EndingCode.CAPACITY)
    assert now_is(pair).state is RelationshipState.TRIAL
    sweep_at(NOW + 8 * DAY)
    ended = now_is(pair)
    assert ended.closing_reason is ClosingReason.NO_FAULT and ended.closing_code is None
    assert not reading().scalars(select(TrialEnding)).all()


def test_before_the_question_a_trial_ends_at_the_next_noon(pair):
    with writing() as db:
        closing.end(db, people(pair)[0], relationship_id=pair.id)
    assert now_is(pair).state is RelationshipState.TRIAL
    sweep_at(NOW + timedelta(hours=3))
    assert now_is(pair).state is RelationshipState.CLOSED
    with writing() as db, pytest.raises(Refused, match="cannot be opened again"):
        reopening.reopen(db, people(pair)[0], relationship_id=pair.id)


@pytest.mark.parametrize("removed", [0, 1], ids=["mentee", "mentor"])
def test_a_removal_ends_a_trial_at_the_same_instant_in_the_same_words(pair, removed):
    meet(pair)
    with writing() as db:
        organizer = make_person(db, "Amara Okafor").id
        row = pair.members[removed].enrollment_id
        enrollment.remove(db, organizer, enrollment_id=row, reason="By mistake")
    assert now_is(pair).state is RelationshipState.TRIAL and not told("partner_left", pair)
    sweep_at(NOW + 8 * DAY)
    ended = now_is(pair)
    assert ended.closing_reason is ClosingReason.NO_FAULT and ended.closed_by is None
    assert told("pair_ended", pair) == set(people(pair))
    waits = reading().scalars(select(Rematch.enrollment_id)).all()
    assert waits == ([pair.members[0].enrollment_id] if removed else [])


@pytest.mark.parametrize("changes", [True, False])
def test_an_end_before_the_first_session_is_an_answer_like_any_other(pair, changes):
    """They meet before noon all the same: both are asked, and the end may be changed to a yes."""
    one, other = people(pair)
    with writing() as db:
        closing.end(db, one, relationship_id=pair.id)
    assert not reading().scalars(select(TrialEnding)).all()
    meet(pair, NOW + timedelta(minutes=15))
    with writing() as db, clock.frozen(NOW + DAY):
        trial.answer(db, other, relationship_id=pair.id, goes_on=True)
        if changes:
            trial.answer(db, one, relationship_id=pair.id, goes_on=True)
    sweep_at(NOW + 8 * DAY)
    after = now_is(pair).state
    assert after is (RelationshipState.ACTIVE if changes else RelationshipState.CLOSED)


@pytest.mark.parametrize("besides", [None, "the other", "the organizer"])
def test_an_end_before_the_first_session_is_taken_back_by_who_ordered_it_alone(pair, besides):
    one, other = people(pair)
    key = {"relationship_id": pair.id}
    with writing() as db:
        organizer = make_person(db, "Amara Okafor").id
        closing.end(db, one, **key)
        if besides == "the other":
            closing.end(db, other, **key)
        elif besides:
            closing.end_for(db, organizer, code=EndingCode.CAPACITY, **key)
        closing.take_end_back(db, one, **key)
    sweep_at(NOW + timedelta(hours=3))
    after = now_is(pair)
    assert after.state is (RelationshipState.CLOSED if besides else RelationshipState.TRIAL)
    assert after.settles_at is None
    sweep_at(NOW + 30 * DAY)
    assert now_is(pair).state is after.state


def test_after_two_trials_that_ended_somebody_talks_first(context):
    with writing() as db:
        cohort = make_cohort(db, CohortState.ACTIVE)
        mentee = make_person(db, "Mina Mentee")
        pair = make_pair(db, mentee, cohort=cohort)
        enrollment = db.get_one(Enrollment, pair.members[0].enrollment_id)
        for n in range(3):
            row = db.merge(Relationship(id=pair.id, state=RelationshipState.TRIAL))
            row.state = RelationshipState.TRIAL
            db.flush()
            with clock.frozen(NOW + n * DAY):
                closing.end(db, mentee.id, relationship_id=pair.id)
            with clock.frozen(NOW + n * DAY + timedelta(hours=4)):
                trial.settle(db)
        assert enrollment.talks_first and enrollment.missed_rounds == 2
        causes = db.scalars(select(Rematch.cause)).all()
    assert len(causes) == 3


# -- pauses --------------------------------------------------------------------------------------


def test_a_pause_asks_about_its_sessions_moves_them_and_ends_by_itself(active):
    one, other = people(active)
    until = (NOW + 30 * DAY).date()
    with writing() as db:
        meeting = plan_session(db, active, NOW + 3 * DAY)
        db.get_one(Relationship, active.id).ends_on = date(2027, 5, 1)
    with writing() as db, pytest.raises(Refused, match="1 session falls"):
        pausing.pause(db, one, relationship_id=active.id, until=until)
    with writing() as db:
        pausing.pause(db, one, relationship_id=active.id, until=until, in_the_pause=InThePause.MOVE)
    moved = reading().get_one(Meeting, meeting.id)
    assert moved.wall_time.date() >= until
    assert (moved.wall_time.weekday(), moved.wall_time.time()) == (3, NOW.time())
    assert told("pair_paused", active) == {other}
    with writing() as db, pytest.raises(Refused, match="pausing"):
        plan_session(db, active)
    sweep_at(NOW + 29 * DAY)
    assert now_is(active).state is RelationshipState.PAUSED
    sweep_at(NOW + 30 * DAY)
    resumed = now_is(active)
    assert resumed.state is RelationshipState.ACTIVE
    assert resumed.ends_on == date(2027, 5, 31), "the term is as much longer"
    assert reading().scalars(select(Pause.ended_on)).one() == until


def test_a_pause_lasts_sixty_days_at_most_and_can_cancel_its_sessions(active):
    one = people(active)[0]
    with writing() as db, pytest.raises(Refused, match="sixty"):
        pausing.pause(db, one, relationship_id=active.id, until=(NOW + 61 * DAY).date())
    with writing() as db:
        meeting = plan_session(db, active, NOW + 3 * DAY)
    with writing() as db:
        pausing.pause(
            db,
            one,
            relationship_id=active.id,
            until=(NOW + 60 * DAY).date(),
            in_the_pause=InThePause.CANCEL,
        )
    assert reading().get_one(Meeting, meeting.id).state is SessionState.CANCELED
    with writing() as db, pytest.raises(Refused, match="Whoever asked"):
        pausing.resume(db, people(active)[1], relationship_id=active.id)
    with writing() as db:
        pausing.resume(db, one, relationship_id=active.id)
    assert now_is(active).state is RelationshipState.ACTIVE


def test_who_asked_for_a_pause_can_prolong_it_and_nobody_else(active):
    one, other = people(active)
    with writing() as db:
        meeting = plan_session(db, active, NOW + 30 * DAY)
        pausing.pause(db, one, relationship_id=active.id, until=(NOW + 10 * DAY).date())
    until = (NOW + 40 * DAY).date()
    with writing() as db, pytest.raises(Refused, match="Whoever asked"):
        pausing.pause(db, other, relationship_id=active.id, until=until)
    with writing() as db:
        pausing.pause(db, one, relationship_id=active.id, until=until)
    assert now_is(active).paused_until == until
    assert reading().get_one(Meeting, meeting.id).state is SessionState.CANCELED
    sweep_at(NOW + 20 * DAY)
    assert now_is(active).state is RelationshipState.PAUSED
    sweep_at(NOW + 40 * DAY)
    assert now_is(active).state is RelationshipState.ACTIVE
    assert reading().scalars(select(Pause.ended_on)).one() == until


def weekly(pair, count: int = 4) -> list[Meeting]:
    """Sessions a week apart, the first in nine days; the last one on the day the pauses end."""
    with writing() as db:
        return [plan_session(db, pair, NOW + (9 + 7 * n) * DAY) for n in range(count)]


def starts(meetings) -> list[datetime]:
    return [reading().get_one(Meeting, meeting.id).starts_at for meeting in meetings]


def pauses(pair, wanted: InThePause, days: int = 30) -> None:
    until = (NOW + days * DAY).date()
    with writing() as db:
        pausing.pause(
            db, people(pair)[0], relationship_id=pair.id, until=until, in_the_pause=wanted
        )


def test_weekly_sessions_move_behind_a_pause_in_their_order_and_a_week_apart(active):
    meetings = weekly(active)
    with writing() as db:
        far = plan_session(db, active, NOW + 100 * DAY)
    before = starts([*meetings, far])
    pauses(active, InThePause.MOVE)
    after = starts([*meetings, far])
    assert after[:4] == [instant + 21 * DAY for instant in before[:4]]
    assert after[0].date() >= (NOW + 30 * DAY).date() and after[4] == before[4]


@pytest.mark.parametrize("wanted", list(InThePause))
def test_undo_of_a_pause_brings_its_sessions_back_to_where_they_were(active, wanted):
    one, other = people(active)
    meetings = weekly(active)
    with writing() as db:
        before_pause = plan_session(db, active, NOW + 4 * DAY)
        sessions.cancel(db, one, session_id=before_pause.id)
    before = starts(meetings)
    pauses(active, wanted)
    with writing() as db:  # somebody decides otherwise about one of them meanwhile
        if wanted is InThePause.MOVE:
            sessions.cancel(db, other, session_id=meetings[1].id)
        undo = {"relationship_id": active.id}
    with writing() as db, pytest.raises(Refused, match="Whoever asked"):
        undoing.take_back_pause(db, other, **undo)
    with clock.frozen(NOW + 2 * DAY), writing() as db, pytest.raises(Refused, match="too long ago"):
        undoing.take_back_pause(db, one, **undo)
    with writing() as db:
        assert not undoing.take_back_pause(db, one, **undo)
    assert now_is(active).state is RelationshipState.ACTIVE
    states = [reading().get_one(Meeting, meeting.id).state for meeting in meetings]
    canceled = SessionState.CANCELED
    assert reading().get_one(Meeting, before_pause.id).state is canceled
    if wanted is InThePause.MOVE:
        assert states.pop(1) is canceled
        del meetings[1], before[1]
    assert starts(meetings) == before and set(states) == {SessionState.SCHEDULED}
    with writing() as db, pytest.raises(Refused):
        undoing.take_back_pause(db, one, **undo)


def test_undo_of_a_pause_says_that_proposed_times_are_gone(active):
    with writing() as db:
        keep_hours(db, active, mentee=("mon-morning", "UTC"), mentor=("mon-morning", "UTC"))
        meeting = propose_times(db, active)
    pauses(active, InThePause.MOVE)
    with writing() as db:
        assert undoing.take_back_pause(db, people(active)[0], relationship_id=active.id)
    assert reading().get_one(Meeting, meeting.id).state is SessionState.CANCELED


# -- terms ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("second", [True, False, None], ids=["yes", "no", "silence"])
def test_a_term_is_renewed_by_everybodys_yes_and_else_concludes(active, second):
    one, other = people(active)
    ends = (NOW + 10 * DAY).date()
    with writing() as db:
        db.get_one(Relationship, active.id).ends_on = ends
    sweep_at(NOW)
    assert told("renewal_question", active) == {one, other}
    with writing() as db:
        terms.answer_renewal(db, one, relationship_id=active.id, says_yes=True)
        if second is not None:
            terms.answer_renewal(db, other, relationship_id=active.id, says_yes=second)
    sweep_at(NOW + 11 * DAY)
    after = now_is(active)
    if second:
        assert after.state is RelationshipState.ACTIVE
        assert (after.term, after.ends_on) == (2, rules.months_after(ends, 6))
        assert told("pair_renewed", active) == {one, other}
    else:
        assert after.state is RelationshipState.CONCLUDING
        assert told("pair_concluding", active) == {one, other}
    assert not reading().scalars(select(PrivateAnswer)).all()


def test_looking_back_completes_a_relationship(active):
    one, other = people(active)
    with writing() as db:
        terms.conclude(db, one, relationship_id=active.id)
        assert not terms.look_back(db, one, relationship_id=active.id, own_text="I", thanks="")
        assert terms.look_back(db, other, relationship_id=active.id, own_text="", thanks="Thanks")
    done = now_is(active)
    assert done.closing_reason is ClosingReason.COMPLETED
    assert told("pair_completed", active) == {one, other}
    states = dict(reading().execute(select(Enrollment.person_id, Enrollment.state)).tuples().all())
    assert states == {one: EnrollmentState.COMPLETED, other: EnrollmentState.READY}


def test_whoever_does_not_look_back_holds_up_nobody(active):
    with writing() as db:
        terms.conclude(db, people(active)[0], relationship_id=active.id)
    sweep_at(NOW + 13 * DAY)
    assert now_is(active).state is RelationshipState.CONCLUDING
    sweep_at(NOW + 14 * DAY)
    assert now_is(active).closing_reason is ClosingReason.COMPLETED


def test_a_cohort_that_is_over_takes_its_pairs_along_but_for_a_further_term(active):
    with writing() as db:
        longer = make_pair(db, cohort=db.get_one(Relationship, active.id).cohort)
        longer.term = 2
        longer.cohort.state = CohortState.CLOSED
    sweep_at(NOW)
    assert now_is(active).closing_reason is ClosingReason.COHORT_END
    assert now_is(longer).state is RelationshipState.TRIAL
    one, other = people(active)
    with writing() as db:
        for person_id in (one, other):
            reopening.reopen(db, person_id, relationship_id=active.id)
    sweep_at(NOW + DAY)
    assert now_is(active).state is RelationshipState.ACTIVE, "what comes back is in a further term"
