"""The closing questions: asked of everybody, seen by the person alone, shown only of many."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import select

from app.audit.models import AuditEvent
from app.core import clock, outbox
from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.outbox import Delivery
from app.core.registries import erasures
from app.mentoring.models import FinalSurvey, KeptOutcome, Relationship
from app.mentoring.queries.surveys import outcomes_of
from app.mentoring.rules import ClosingReason, RelationshipState
from app.mentoring.rules.surveys import MEASURES, Reached
from app.mentoring.services import closing, continuity, surveying, terms
from app.programs.models import Baseline, Cohort, Enrollment
from app.programs.rules import CohortState, Role
from app.programs.services import programs
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.mentoring import make_pair
from tests.factories.programs import make_cohort, make_enrollment

SAID = {"belonging": 4, "safety": 3, "growth": None, "goals": 5}


@pytest.fixture
def pair(app):
    with app.app_context(), writing() as db:
        amara = make_person(db, "Amara Okafor", "amara@t.example", PASSWORD, ("program_manager",))
        mentee = make_person(db, "Mina Mentee", "mina@t.example", PASSWORD)
        mentor = make_person(db, "Omar Mentor", "omar@t.example", PASSWORD)
        made = make_pair(db, mentee, mentor, make_cohort(db, "active", amara))
        made.state = RelationshipState.ACTIVE
        db.add(Baseline(enrollment_id=made.members[0].enrollment_id, belonging=2, safety=3))
        return made


def of(pair, role=Role.MENTEE):
    return next(m for m in pair.members if m.role is role)


def say(db, member, reached=None, **measures) -> None:
    surveying.answer(
        db,
        member.person_id,
        enrollment_id=member.enrollment_id,
        measures=measures or SAID,
        reached=reached,
    )


def test_a_pair_that_concludes_is_asked_tap_by_tap_and_each_sees_the_own_change(app, pair, queries):
    path = f"/mentoring/closing-questions/{of(pair).enrollment_id}"
    mina, omar = (Browser(app).sign_in(f"{who}@t.example") for who in ("mina", "omar"))
    assert mina.get(path).status == 404, "before the end"
    with app.app_context(), writing() as db:
        terms.conclude(db, of(pair).person_id, relationship_id=pair.id)
    assert mina.get("/").has("A minute, if you like.")
    mina.get(f"/mentoring/{pair.id}/").click("How is it now?")
    assert mina.url == path
    with queries() as seen:
        mina.get(path)
    assert len(seen) <= 8
    mina.submit("Keep my answers", belonging="4", reached="all")
    assert mina.has("Kept. You can change it") and mina.has("At enrollment")
    mina.submit("Keep my answers", belonging="5", reached="")
    with app.app_context():
        row = reading().scalars(select(FinalSurvey)).one()
        assert (row.belonging, row.safety, row.reached) == (5, None, None)
        logged = reading().scalars(select(AuditEvent.verb)).all()
        assert logged.count("closing_questions_answered") == 1
    assert not mina.get("/").has("A minute, if you like.")
    assert [omar.get(path).status, Browser(app).sign_in("amara@t.example").get(path).status] == [
        404,
        404,
    ]
    omar.get(f"/mentoring/closing-questions/{of(pair, Role.MENTOR).enrollment_id}")
    assert omar.has("I feel that I belong here.") and not omar.has("Did you reach the goals")


def test_a_cohort_that_closes_asks_everybody_twice_at_most_and_nobody_who_has_answered(app, pair):
    with app.app_context(), writing() as db:
        programs.move_cohort(db, None, cohort_id=pair.cohort_id, to=CohortState.CLOSING)
        terms.conclude(db, of(pair).person_id, relationship_id=pair.id)
        say(db, of(pair))
    with app.app_context():
        rows = reading().scalars(select(Delivery).where(Delivery.kind == surveying.KIND)).all()
        waiting = [row for row in rows if row.state is outbox.DeliveryState.PENDING]
        assert {row.person_id for row in waiting} == {of(pair, Role.MENTOR).person_id}
        assert sorted({(row.due_at - clock.now()).days + 1 for row in waiting}) == [3, 10]


def test_who_ended_otherwise_is_not_asked_and_answers_count_after_three_weeks(app, pair):
    with app.app_context(), writing() as db:
        closing.close(db, None, relationship_id=pair.id, reason=ClosingReason.NO_FAULT)
        with pytest.raises(Refused, match="closed"):
            say(db, of(pair))
        row = db.get_one(Relationship, pair.id)
        row.closing_reason = ClosingReason.COMPLETED
        say(db, of(pair))
        with clock.frozen(clock.now() + timedelta(days=20)):
            say(db, of(pair), belonging=1)
        with clock.frozen(clock.now() + timedelta(days=21)), pytest.raises(Refused):
            say(db, of(pair), belonging=2)
        with clock.frozen(clock.now() + timedelta(days=21)), pytest.raises(Refused):
            say(db, of(pair, Role.MENTOR))
        with pytest.raises(Refused):
            surveying.answer(
                db,
                of(pair, Role.MENTOR).person_id,
                enrollment_id=of(pair).enrollment_id,
                measures=SAID,
                reached=None,
            )


def test_organizers_see_shares_of_many_that_move_with_no_single_answer(app, pair):
    def shown(days: int):
        with clock.frozen(clock.now() + timedelta(days=days)):
            found = outcomes_of(reading(), pair.cohort_id)
            return found.rose["belonging"], found.reached

    with app.app_context():
        with writing() as db:
            for number in range(11):
                one = make_enrollment(db, pair.cohort, Role.MENTEE, make_person(db))
                rose = 2 + (number < 6)
                db.add(Baseline(enrollment_id=one.id, **dict.fromkeys(MEASURES, 2)))
                reached = Reached.ALL if number < 5 else Reached.SOME
                was = dict.fromkeys(MEASURES, 2)
                said = {"belonging": rose, "reached": reached, "before": was}
                db.add(FinalSurvey(enrollment_id=one.id, **said))
        assert {cell.kind for cell in shown(20)} == {"hidden"}, "answers that may still change"
        belonging, reached = shown(60)
        assert (belonging.value, belonging.of, reached.value, reached.of) == (6, 11, 5, 11)
        with clock.frozen(clock.now() + timedelta(days=61)), writing() as db:
            one = make_enrollment(db, pair.cohort, Role.MENTEE, make_person(db))
            db.add(Baseline(enrollment_id=one.id, belonging=2))
            said = {"belonging": 5, "reached": Reached.ALL, "before": {"belonging": 2}}
            db.add(FinalSurvey(enrollment_id=one.id, **said))
        assert shown(120) == (belonging, reached), "one more answer shows itself to nobody"
        theirs = select(Enrollment.person_id).join(
            FinalSurvey, FinalSurvey.enrollment_id == Enrollment.id
        )
        with clock.frozen(clock.now() + timedelta(days=62)), writing() as db:
            gone = db.scalars(theirs.where(FinalSurvey.belonging == 3).limit(2)).all()
            for (_name, forget), person_id in product(erasures, gone):
                forget(db, person_id)
        assert shown(120) == (belonging, reached), "an erasure moves no share"
        left = reading().scalars(select(KeptOutcome)).all()
        assert [sorted(row.counts) for row in left] == [["belonging", "reached"]] * 2
        assert {row.month.day for row in left} == {1}, "nothing of when somebody answered"
        assert not reading().scalar(theirs.where(Enrollment.person_id.in_(gone)))
        said_before = select(Enrollment.person_id).join(Baseline)
        assert not reading().scalar(said_before.where(Enrollment.person_id.in_(gone)))
    amara = Browser(app).sign_in("amara@t.example")
    amara.get(f"/mentoring/cohorts/{pair.cohort_id}/what-came-of-it")
    assert amara.has("I feel that I belong here.") and amara.has("Too few to be shown")


def test_erasure_takes_what_somebody_said(app, pair):
    with app.app_context(), writing() as db:
        terms.conclude(db, of(pair).person_id, relationship_id=pair.id)
        say(db, of(pair))
        say(db, of(pair, Role.MENTOR))
        continuity.erase(db, of(pair).person_id)
        left = db.scalars(select(FinalSurvey.enrollment_id)).all()
        assert left == [of(pair, Role.MENTOR).enrollment_id]


def test_without_an_end_of_the_cohort_every_later_ending_asks_anew(app, pair):
    """A mentor of a cohort without end is asked by the end of each pair, not once in a life."""
    mentor, path = of(pair, Role.MENTOR), "/mentoring/closing-questions/"
    with app.app_context(), writing() as db:
        db.get_one(Cohort, pair.cohort_id).wave_days = 7
        terms.conclude(db, mentor.person_id, relationship_id=pair.id)
        say(db, mentor, growth=2)
    with app.app_context(), clock.frozen(clock.now() + timedelta(days=14)), writing() as db:
        closing.close(db, None, relationship_id=pair.id, reason=ClosingReason.COMPLETED)
    with (
        app.app_context(),
        clock.frozen(clock.now() + timedelta(days=30)),
        pytest.raises(Refused, match="counts as it is"),
        writing() as db,
    ):
        say(db, mentor, growth=3)
    again = clock.now() + timedelta(days=120)
    with app.app_context(), clock.frozen(again), writing() as db:
        row = db.get_one(Relationship, pair.id)
        row.state, row.closed_at, row.closing_reason = RelationshipState.ACTIVE, None, None
        terms.conclude(db, mentor.person_id, relationship_id=pair.id)
        reminders = select(Delivery.revision).where(Delivery.person_id == mentor.person_id)
        found = db.scalars(reminders.where(Delivery.kind == surveying.KIND)).all()
        assert len(set(found)) == 2, "the later end reminds as the first one did"
    clock.configure(again.isoformat())
    omar = Browser(app).sign_in("omar@t.example")
    assert omar.get("/").has("A minute, if you like.")
    omar.get(f"{path}{mentor.enrollment_id}").submit("Keep my answers", growth="5")
    assert omar.has("Kept. You can change it") and not omar.get("/").has("A minute, if you like.")
    with app.app_context():
        said = reading().scalars(select(FinalSurvey.growth).order_by(FinalSurvey.begun_at))
        assert list(said) == [2, 5], "what counted before goes on counting"
