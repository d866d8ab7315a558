"""Match runs: resumable, private things stay inside, nothing leaves before the window ends."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from app.audit.models import AuditEvent
from app.core import clock
from app.core.database import end_reading, reading, writing
from app.core.errors import Refused
from app.core.outbox import Delivery
from app.programs import feed
from app.programs.jobs import publish_runs, run_match
from app.programs.models import Candidate, Enrollment, Exclusion, MatchRun, Offer, PairDecision
from app.programs.rules import CandidateState, CohortState, Decision, Role, RunState
from app.programs.services import runs
from tests.factories.accounts import make_person
from tests.factories.formats import publish_now
from tests.factories.programs import make_cohort, make_enrollment


@pytest.fixture
def cohort(context):
    with writing() as db:
        return make_cohort(db, CohortState.MATCHING)


def enroll(db, cohort, mentees=3, mentors=2, capacity=2):
    mentor_rows = [
        make_enrollment(db, cohort, Role.MENTOR, capacity=capacity) for _ in range(mentors)
    ]
    return [make_enrollment(db, cohort, Role.MENTEE) for _ in range(mentees)], mentor_rows


def run_now(cohort, actor) -> MatchRun:
    with writing() as db:
        run_id = runs.start_run(db, actor.id, cohort_id=cohort.id).id
    run_match(str(run_id))
    end_reading()
    return reading().get_one(MatchRun, run_id)


@pytest.fixture
def amara(context):
    with writing() as db:
        return make_person(db, "Amara Okafor", roles=("program_manager",))


def pairs_of(run: MatchRun) -> set[tuple]:
    rows = reading().execute(
        select(Candidate.mentee_id, Candidate.mentor_id).where(Candidate.run_id == run.id)
    )
    return {tuple(row) for row in rows}


def test_everybody_is_matched_and_the_points_of_each_pair_sum_to_its_score(cohort, amara):
    with writing() as db:
        enroll(db, cohort)
    run = run_now(cohort, amara)
    assert run.state is RunState.REVIEW and run.metrics["pairs"] == 3
    assert run.input_hash and run.certificate["price"]
    for candidate in reading().scalars(select(Candidate)):
        points = sum(part["points"] for part in candidate.reasons)
        assert points == pytest.approx(candidate.score, abs=1e-9)


def test_a_run_that_is_worked_off_twice_changes_nothing(cohort, amara):
    with writing() as db:
        enroll(db, cohort)
    run = run_now(cohort, amara)
    before, finished = pairs_of(run), run.finished_at
    run_match(str(run.id))
    end_reading()
    assert pairs_of(run) == before
    assert reading().get_one(MatchRun, run.id).finished_at == finished


def test_a_run_whose_worker_died_is_taken_up_again_when_its_lease_ends(cohort, amara):
    with writing() as db:
        enroll(db, cohort)
    with writing() as db:
        run_id = runs.start_run(db, amara.id, cohort_id=cohort.id).id
    with writing() as db:
        assert runs.claim_run(db, run_id)
    with writing() as db:
        assert not runs.claim_run(db, run_id), "somebody is working on it"
    assert runs.waiting_runs(reading()) == []
    with writing() as db:
        db.get_one(MatchRun, run_id).lease_until = clock.machine_now() - timedelta(seconds=1)
    assert runs.waiting_runs(reading()) == [run_id]
    run_match(str(run_id))
    end_reading()
    assert reading().get_one(MatchRun, run_id).state is RunState.REVIEW


def test_the_same_people_and_seed_give_the_same_pairs(cohort, amara):
    with writing() as db:
        enroll(db, cohort, mentees=5, mentors=3)
    first = run_now(cohort, amara)
    pool = feed.load_pool(reading(), cohort.id)
    from app.matching.solver import solve

    again = solve(feed.instance_of(pool, first.rules, first.seed))
    assert {(str(a), str(b)) for a, b in pairs_of(first)} == set(again.mate.items())
    assert again.input_hash == first.input_hash


def test_reporting_lines_are_never_proposed_unless_an_organizer_overrides_with_a_reason(
    cohort, amara
):
    with writing() as db:
        top = make_person(db, "Tara Top")
        boss = make_person(db, "Ben Boss", manager_id=top.id)
        mentee = make_enrollment(
            db, cohort, Role.MENTEE, make_person(db, "Mia", manager_id=boss.id)
        )
        above = make_enrollment(db, cohort, Role.MENTOR, top)
    run = run_now(cohort, amara)
    assert pairs_of(run) == set() and len(run.unmatched) == 1
    pair = {"run_id": run.id, "mentee_id": mentee.id, "mentor_id": above.id}
    with writing() as db, pytest.raises(Refused, match="give a reason"):
        runs.decide(db, amara.id, kind=Decision.LOCK, **pair)
    with writing() as db:
        runs.decide(db, amara.id, kind=Decision.LOCK, reason="Both asked for it.", **pair)
    again = run_now(cohort, amara)
    assert pairs_of(again) == {(mentee.id, above.id)}


@pytest.mark.parametrize("is_ruled_out", [False, True])
def test_a_pair_that_was_not_proposed_needs_a_reason_whoever_ruled_it_out(
    cohort, amara, is_ruled_out
):
    """Else an organizer would learn by trying who does not want to meet whom."""
    with writing() as db:
        (mentee,), (one, other) = enroll(db, cohort, mentees=1, mentors=2, capacity=1)
        other.answers = {}
        if is_ruled_out:
            db.add(Exclusion(enrollment_id=other.id, person_id=mentee.person_id))
    run = run_now(cohort, amara)
    assert pairs_of(run) == {(mentee.id, one.id)}
    pair = {"run_id": run.id, "mentee_id": mentee.id, "mentor_id": other.id}
    with writing() as db, pytest.raises(Refused, match="did not propose this pair"):
        runs.decide(db, amara.id, kind=Decision.LOCK, **pair)
    with writing() as db:
        runs.decide(db, amara.id, kind=Decision.LOCK, reason="Both asked for it.", **pair)
    said = reading().scalars(select(AuditEvent.after).where(AuditEvent.verb == "pair_lock"))
    assert list(said) == ["lock"]
    assert pairs_of(run_now(cohort, amara)) == {(mentee.id, other.id)}


def test_an_exclusion_works_and_is_named_nowhere(cohort, amara):
    with writing() as db:
        (mentee,), (mentor,) = enroll(db, cohort, mentees=1, mentors=1)
        db.add(Exclusion(enrollment_id=mentee.id, person_id=mentor.person_id))
    run = run_now(cohort, amara)
    assert pairs_of(run) == set()
    said = json.dumps([run.unmatched, run.metrics])
    assert str(mentor.id) not in said and "xclu" not in said and "wish" not in said


def test_a_veto_keeps_a_pair_out_of_the_next_run_and_of_the_publication(cohort, amara):
    with writing() as db:
        (mentee,), _mentors = enroll(db, cohort, mentees=1, mentors=2)
    run = run_now(cohort, amara)
    ((_, mentor_id),) = pairs_of(run)
    with writing() as db:
        runs.decide(
            db,
            amara.id,
            run_id=run.id,
            mentee_id=mentee.id,
            mentor_id=mentor_id,
            kind=Decision.VETO,
        )
    with writing() as db, pytest.raises(Refused, match="no pair to publish"):
        runs.publish(db, amara.id, run_id=run.id)
    again = run_now(cohort, amara)
    ((_, other_id),) = pairs_of(again)
    assert other_id != mentor_id
    assert reading().get_one(MatchRun, run.id).state is RunState.DISCARDED


def test_recall_leaves_no_offer_and_no_message(cohort, amara):
    with writing() as db:
        enroll(db, cohort)
    run = run_now(cohort, amara)
    with writing() as db:
        runs.publish(db, amara.id, run_id=run.id)
    publish_runs()
    end_reading()
    with writing() as db:
        runs.recall(db, amara.id, run_id=run.id)
    with clock.frozen(clock.now() + timedelta(hours=2)):
        publish_runs()
    end_reading()
    db = reading()
    assert db.scalar(select(func.count()).select_from(Offer)) == 0
    assert db.scalar(select(func.count()).select_from(Delivery)) == 0
    assert db.get_one(MatchRun, run.id).state is RunState.REVIEW


def test_publication_happens_once_and_whoever_left_meanwhile_gets_no_offer(cohort, amara):
    with writing() as db:
        mentees, _mentors = enroll(db, cohort)
    run = run_now(cohort, amara)
    with writing() as db:
        runs.publish(db, amara.id, run_id=run.id)
    from app.programs.services.enrollment import withdraw

    with writing() as db:
        withdraw(db, mentees[0].person_id, enrollment_id=mentees[0].id)
    with clock.frozen(clock.now() + timedelta(minutes=31)):
        publish_runs()
        publish_runs()
    end_reading()
    db = reading()
    assert db.scalar(select(func.count()).select_from(Offer)) == 2
    states = db.scalars(select(Candidate.state).order_by(Candidate.state)).all()
    assert sorted(states) == [
        CandidateState.ACCEPTED_IN_RUN,
        CandidateState.ACCEPTED_IN_RUN,
        CandidateState.PROPOSED,
    ]
    with writing() as db, pytest.raises(Refused, match="too late"):
        runs.recall(db, amara.id, run_id=run.id)


def test_whose_only_pair_was_ruled_out_before_publishing_has_missed_a_round(cohort, amara):
    with writing() as db:
        enroll(db, cohort)
    run = run_now(cohort, amara)
    pairs = sorted(pairs_of(run))
    (out, mentor), (back, other), *_rest = pairs
    with writing() as db:
        for mentee_id, mentor_id in ((out, mentor), (back, other)):
            pair = {"mentee_id": mentee_id, "mentor_id": mentor_id}
            runs.decide(db, amara.id, run_id=run.id, kind=Decision.VETO, **pair)
        taken_back = db.scalars(select(PairDecision).filter_by(mentee_id=back)).one()
        runs.undo_decision(db, amara.id, run_id=run.id, decision_id=taken_back.id)
    publish_now(run.id, amara)
    missed = {row.id: row.missed_rounds for row in reading().scalars(select(Enrollment))}
    assert missed[out] == 1
    assert [missed[mentee] for mentee, _mentor in pairs if mentee != out] == [0] * (len(pairs) - 1)


def test_a_run_that_is_published_at_the_same_moment_is_not_put_aside(
    app, cohort, amara, eventually
):
    with writing() as db:
        enroll(db, cohort)
    run, said = run_now(cohort, amara), []

    def start():
        with app.app_context():
            try:
                with writing() as db:
                    runs.start_run(db, amara.id, cohort_id=cohort.id)
            except Refused as why:
                said.append(str(why))

    starting = threading.Thread(target=start)
    with writing() as db:
        runs.publish(db, amara.id, run_id=run.id)
        starting.start()
        if db.get_bind().dialect.name == "postgresql":  # it waits for the same row
            eventually(lambda: db.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))
    starting.join()
    assert len(said) == 1 and "about to be published" in said[0]
    assert reading().get_one(MatchRun, run.id).state is RunState.PUBLISHING


def test_rules_that_cannot_be_used_end_the_run_with_a_plain_reason(cohort, amara):
    with writing() as db:
        enroll(db, cohort)
        db.get_one(type(cohort), cohort.id).rules = {"version": 2, "rules": []}
    run = run_now(cohort, amara)
    assert run.state is RunState.FAILED and run.problem["code"] == "no_preference"


def test_places_in_use_are_not_given_out_again(cohort, amara):
    with writing() as db:
        enroll(db, cohort, mentees=1, mentors=1, capacity=1)
    run = run_now(cohort, amara)
    with writing() as db:
        runs.publish(db, amara.id, run_id=run.id)
    with clock.frozen(clock.now() + timedelta(minutes=31)):
        publish_runs()
    end_reading()
    with writing() as db:
        late = make_enrollment(db, cohort, Role.MENTEE)
    again = run_now(cohort, amara)
    assert pairs_of(again) == set()
    assert again.unmatched[0]["mentee"] == str(late.id)


def test_weekly_windows_become_hours_of_a_utc_week():
    summer = clock.parse_instant("2026-07-01T12:00Z")
    tokyo = feed.week_mask(["mon-morning"], "Asia/Tokyo", summer)
    hours = [hour for hour in range(168) if tokyo >> hour & 1]
    assert hours == [0, 1, 2, 167], "Monday 8 to 12 in Tokyo begins on Sunday 23:00 UTC"
    assert feed.week_mask([], "UTC", summer) is None
