"""What handlers decide, what it does to a pair, and the tables and words that are pinned."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.audit.models import AuditEvent
from app.concerns.labels import CHOICES, OUTCOMES, STATES
from app.concerns.models import Concern, ConcernReader
from app.concerns.rules import DECISIONS, TRANSITIONS, ConcernState, Outcome, is_near
from app.concerns.services import contact, handling, raising, retention
from app.core import clock, ids
from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.registries import departures
from app.mentoring.labels import ENDED_WORDS
from app.mentoring.models import Relationship
from app.mentoring.registry import contact_stops
from app.mentoring.rules import ClosingReason, EndingCode, RelationshipState
from app.mentoring.services import pausing
from app.programs.models import Enrollment, Exclusion
from app.programs.services.enrollment import Reply, enroll_for
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.concerns import WORDS, make_concern, make_handler
from tests.factories.mentoring import add_member, make_pair, plan_session

ACTIVE, PAUSED = RelationshipState.ACTIVE, RelationshipState.PAUSED


@pytest.fixture
def told(app):
    """Mina raised a concern about her pair, which rests; Hanna looks after it."""
    with app.app_context(), writing() as db:
        mina = make_person(db, "Mina Mentee", "mina@t.example", PASSWORD)
        hanna = make_handler(db, "Hanna Handler", email="hanna@t.example", password=PASSWORD)
        pair = make_pair(db, mina)
        pair.state = ACTIVE
        plan_session(db, pair)
        concern = make_concern(db, mina.id, [hanna.id], pair_id=pair.id, stops_contact=True)
        handling.take(db, hanna.id, concern_id=concern.id)
    return pair, concern, mina.id, hanna.id


def decide(told, outcome: Outcome, code: EndingCode | None = None) -> None:
    _pair, concern, _mina, hanna = told
    with writing() as db:
        handling.decide(
            db, hanna, concern_id=concern.id, outcome=outcome, text="As we said.", code=code
        )


def now(told) -> tuple[Relationship, Concern]:
    db = reading()
    db.expire_all()
    return db.get_one(Relationship, told[0].id), db.get_one(Concern, told[1].id)


def test_contact_rests_at_once_for_both_and_in_every_pause_messages_wait(context, told):
    pair, _concern, mina, _hanna = told
    assert now(told)[0].state is PAUSED and now(told)[1].keeps_rest
    omar = next(m.person_id for m in pair.members if m.person_id != mina)
    stops = contact_stops["concerns"]
    assert stops(reading(), pair.id, omar) and stops(reading(), pair.id, mina)
    with writing() as db, pytest.raises(Refused, match="Whoever asked"):
        pausing.resume(db, omar, relationship_id=pair.id)
    with writing() as db:
        ordinary = make_pair(db)
        ordinary.state = ACTIVE
        db.flush()
        who = ordinary.members[0].person_id
        assert not stops(db, ordinary.id, who)
        until = clock.now().date() + timedelta(days=9)
        pausing.pause(db, who, relationship_id=ordinary.id, until=until)
        assert stops(db, ordinary.id, who), "any pause, so that none looks different"


def test_handlers_end_a_pair_which_the_matcher_never_makes_again(context, told):
    with pytest.raises(Refused, match="words that both read"):
        decide(told, Outcome.PAIR_ENDED)
    decide(told, Outcome.PAIR_ENDED, EndingCode.SCHEDULES)
    pair, concern = now(told)
    assert (pair.state, pair.closing_reason) == (RelationshipState.CLOSED, ClosingReason.CONCERN)
    assert (concern.state, concern.keeps_rest) == (ConcernState.HANDLED, False)
    assert pair.closed_by is None, "nobody takes it back alone"
    apart = reading().execute(select(Exclusion.enrollment_id, Exclusion.person_id)).all()
    mina = next(m for m in pair.members if m.person_id == told[2])
    assert [tuple(row) for row in apart] == [
        (mina.enrollment_id, m.person_id) for m in pair.members if m is not mina
    ]


def test_contact_is_lifted_or_kept_and_the_person_can_lift_it_herself(context, told):
    decide(told, Outcome.CONTACT_RESTS)
    assert now(told)[1].keeps_rest
    with writing() as db:
        raising.add_words(db, told[2], concern_id=told[1].id, text="I would like to go on.")
    assert now(told)[1].state is ConcernState.TRIAGED, "what was added is looked at again"
    decide(told, Outcome.CONTACT_LIFTED)
    assert now(told)[0].state is PAUSED and not now(told)[1].keeps_rest
    with clock.frozen(clock.now() + timedelta(days=1)), writing() as db:
        pausing.resume_due(db)
    assert now(told)[0].state is ACTIVE, "by nobody's name, as at the end of any pause"


@pytest.mark.parametrize("outcome", [Outcome.CONTACT_LIFTED, Outcome.PAIR_ENDED, Outcome.NOTHING])
def test_the_log_tells_neither_who_raised_it_nor_what_was_decided(context, told, outcome):
    started = clock.now() - timedelta(minutes=5)
    with clock.frozen(clock.now() + timedelta(hours=3)):
        decide(told, outcome, EndingCode.SCHEDULES if outcome is Outcome.PAIR_ENDED else None)
    with clock.frozen(clock.now() + timedelta(days=1)), writing() as db:
        pausing.resume_due(db)
    log = reading().scalars(select(AuditEvent).where(AuditEvent.at >= started)).all()
    of_concern = [row for row in log if row.subject_type == "concern"]
    assert {row.verb for row in of_concern} == {"concern_triaged", "concern_handled"}
    assert not any(row.reason for row in of_concern)
    at_once = {row.at for row in of_concern}
    by_mina = [row for row in log if row.actor_id == told[2]]
    assert by_mina, "the pause is hers, as any pause"
    assert not [row.verb for row in by_mina if row.at in at_once]


@pytest.mark.parametrize("outcome", [Outcome.TALKED, Outcome.PASSED_ON, Outcome.NOTHING])
def test_a_decision_ends_the_rest_on_its_day_and_the_concern_closes(context, told, outcome):
    decide(told, outcome)
    with clock.frozen(clock.now() + timedelta(days=59)), writing() as db:
        assert contact.keep_resting(db) == 0
        assert retention.close_quiet(db) == 1
    assert now(told)[1].state is ConcernState.CLOSED


def test_a_rest_that_is_kept_closes_once_the_pair_no_longer_rests(context, told):
    decide(told, Outcome.CONTACT_RESTS)
    later = clock.now() + timedelta(days=40)
    with clock.frozen(later), writing() as db:
        assert retention.close_quiet(db) == 0
        pausing.resume(db, told[2], relationship_id=told[0].id)
        assert retention.close_quiet(db) == 1


def test_what_was_decided_can_be_taken_up_again_and_what_is_closed_not(app, told):
    concern_id = told[1].id
    with app.app_context():
        decide(told, Outcome.TALKED)
    hanna = Browser(app).sign_in("hanna@t.example").get(f"/support/desk/{concern_id}/")
    hanna.submit("I look after it")
    with app.app_context():
        assert now(told)[1].state is ConcernState.TRIAGED
        decide(told, Outcome.PAIR_ENDED, EndingCode.SCHEDULES)
        with writing() as db:
            handling.close(db, told[3], concern_id=concern_id)
        with writing() as db, pytest.raises(Refused, match="closed"):
            handling.take(db, told[3], concern_id=concern_id)


def test_whoever_is_kept_apart_stays_so_when_the_enrollment_form_is_saved_again(context, told):
    decide(told, Outcome.PAIR_ENDED, EndingCode.SCHEDULES)
    mina = next(m for m in told[0].members if m.person_id == told[2])
    with writing() as db:
        kept = set(db.scalars(select(Exclusion.person_id)))
        row = db.get_one(Enrollment, mina.enrollment_id)
        named = make_person(db, "Somebody Named").id
        for exclusions in ((named,), ()):
            reply = Reply(row.role, {}, ("en",), "UTC", exclusions=exclusions)
            enroll_for(db, None, cohort_id=row.cohort_id, person_id=row.person_id, reply=reply)
        assert kept and set(db.scalars(select(Exclusion.person_id))) == kept | {named}


def test_a_rest_is_prolonged_until_somebody_decides_and_then_ends_on_its_day(context, told):
    first = now(told)[0].paused_until
    with clock.frozen(clock.now() + timedelta(days=59)), writing() as db:
        assert (contact.keep_resting(db), contact.keep_resting(db)) == (1, 0)
    assert now(told)[0].paused_until == first + timedelta(days=59)
    decide(told, Outcome.NOTHING)
    with writing() as db:
        handling.close(db, told[3], concern_id=told[1].id)
    with clock.frozen(clock.now() + timedelta(days=118)), writing() as db:
        assert contact.keep_resting(db) == 0


def test_of_a_group_one_leaves_and_a_trial_ends_as_all_trials_do(context):
    with writing() as db:
        mina, hanna = make_person(db, "Mina Mentee"), make_handler(db)
        group, trial = make_pair(db, mina), make_pair(db, mina)
        for name in ("Nour Third", "Udo Fourth"):
            add_member(db, group, make_person(db, name))
        group.state = ACTIVE
        assert contact.way_to_stop(db, group, mina.id) is contact.Stop.LEAVE
        assert contact.way_to_stop(db, trial, mina.id) is contact.Stop.END
        for pair in (group, trial):
            make_concern(db, mina.id, [hanna.id], pair_id=pair.id, stops_contact=True)
        assert not group.has(mina.id) and group.state is ACTIVE, "the others go on"
        assert trial.settles_at is not None and trial.state is RelationshipState.TRIAL


def test_a_handler_who_leaves_the_company_reads_no_more(context, told):
    with writing() as db:
        departures["concerns"](db, told[3])
        row = db.get_one(ConcernReader, (told[1].id, told[3]))
        assert row.ended_at is not None
        with pytest.raises(Refused):
            handling.note(db, told[3], concern_id=told[1].id, text="Still here?")


def test_decisions_are_made_by_the_pages_and_faults_keep_what_was_typed(app, told):
    concern_id = told[1].id
    hanna = Browser(app).sign_in("hanna@t.example").get(f"/support/desk/{concern_id}/")
    hanna.submit("Open and read")
    act = f"/support/desk/{concern_id}/decision"
    hanna.submit(action=act, outcome="pair_ended", text="We end it as we agreed.")
    assert hanna.status == 422 and hanna.has("Choose also the words that both read.")
    assert "We end it as we agreed." in hanna.html
    hanna.submit(action=act, outcome="pair_ended", code="schedules", text="We end it.")
    assert hanna.has("Decided. The person can read it.")
    hanna.submit("Close it")
    assert hanna.has("This is deleted on")
    mina = Browser(app).sign_in("mina@t.example").get(f"/support/{concern_id}/")
    assert mina.has("The relationship was ended.") and mina.has("We end it.") and mina.has(WORDS)
    assert "<textarea" not in mina.html, "closed"


def test_words_that_a_service_refuses_stay_in_their_form(app, told):
    hanna = Browser(app).sign_in("hanna@t.example").get(f"/support/desk/{told[1].id}/")
    hanna.submit("Open and read")
    mina = Browser(app).sign_in("mina@t.example").get(f"/support/{told[1].id}/")
    with app.app_context():
        decide(told, Outcome.TALKED)
    act = f"/support/desk/{told[1].id}/decision"
    hanna.submit(action=act, outcome="nothing", text="What I thought about it.")
    assert hanna.status == 422 and hanna.has("This has changed meanwhile.")
    assert "What I thought about it." in hanna.html
    with app.app_context(), writing() as db:
        handling.close(db, told[3], concern_id=told[1].id)
    hanna.submit(action=f"/support/desk/{told[1].id}/answers", text="One word more.")
    assert hanna.status == 422 and "One word more." in hanna.html and hanna.has("This is closed.")
    mina.submit("Add", text="And on Friday again.")
    assert mina.status == 422 and "And on Friday again." in mina.html
    assert mina.has("This is closed. You can begin a new one")


def test_tables_and_words_are_pinned():
    table = {state.value: {to.value for to in after} for state, after in CONCERNS.items()}
    assert table == {
        "raised": {"triaged", "closed"},
        "triaged": {"handled", "closed"},
        "handled": {"triaged", "closed"},
        "closed": set(),
    }
    assert set(STATES) == set(ConcernState) and set(OUTCOMES) == set(Outcome)
    assert tuple(CHOICES) == DECISIONS
    assert ENDED_WORDS[ClosingReason.CONCERN] == ENDED_WORDS[ClosingReason.ORGANIZER]
    one, boss, top, other = (ids.new_id() for _ in range(4))
    above = {one: {boss, top}, boss: {top}}
    assert is_near(one, {one}, above) and is_near(top, {one}, above)
    assert is_near(one, {top}, above), "who reports to somebody concerned is too near as well"
    assert not is_near(other, {one, boss, top}, above)


CONCERNS = TRANSITIONS[ConcernState]
