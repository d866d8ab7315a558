"""The fair order in runs, what counts, dry runs, and solving again from the record."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from app.audit.models import AuditEvent
from app.core import clock
from app.core.database import end_reading, reading, writing
from app.core.errors import Refused
from app.matching.types import input_hash
from app.operations import cli
from app.programs import feed, packing, weights
from app.programs.jobs import forget_run_inputs, replay_run, run_match
from app.programs.models import Candidate, Cohort, Exclusion, MatchRun, RunInput
from app.programs.rules import CohortState, Role, RunState
from app.programs.services import replays, weighing
from app.programs.services.enrollment import withdraw
from app.programs.templates import TEMPLATES
from tests.factories.accounts import make_person
from tests.factories.programs import make_cohort, make_enrollment
from tests.programs.test_runs import enroll, pairs_of, run_now

WANTS = ("strategy", "coaching", "writing", "finance", "sales")


@pytest.fixture
def amara(context):
    with writing() as db:
        return make_person(db, "Amara Okafor", roles=("program_manager",))


@pytest.fixture
def cohort(context):
    with writing() as db:
        return make_cohort(db, CohortState.MATCHING)


def varied(db, cohort, mentees=12, mentors=6):
    """People whose answers differ, so that weights matter."""
    for at in range(mentors):
        make_enrollment(
            db,
            cohort,
            Role.MENTOR,
            make_person(db, f"Mentor {at}", level=6 + at % 3, function=f"Field {at % 3}"),
            capacity=2,
            answers={"skills_offered": [WANTS[at % 5], WANTS[(at + 2) % 5]], "values": ["care"]},
            languages=["en", "es"] if at % 2 else ["en"],
        )
    return [
        make_enrollment(
            db,
            cohort,
            Role.MENTEE,
            make_person(db, f"Mentee {at}", level=2 + at % 4, function=f"Field {at % 2}"),
            answers={"skills_wanted": [WANTS[at % 5], WANTS[(at + 1) % 5]], "values": ["care"]},
        )
        for at in range(mentees)
    ]


def even(rules):
    return [one.weight for one in weights.preferences(rules)]


def test_new_cohorts_follow_the_fair_order_and_say_so_rung_by_rung(cohort, amara):
    assert all(made.rules()["objective"] == "fair" for made in TEMPLATES.values())
    with writing() as db:
        mentees = varied(db, cohort)
        db.get_one(type(mentees[0]), mentees[0].id).missed_rounds = 2
    run = run_now(cohort, amara)
    told = run.metrics
    assert told["objective"] == "fair" and told["pairs"] == 12
    assert (told["waited"], told["waited_matched"]) == (1, 1)
    assert told["best_total"] >= told["total"] > 0
    assert len(run.certificate["rungs"]) > 0


def test_whoever_missed_rounds_comes_first_when_places_are_scarce(cohort, amara):
    with writing() as db:
        mentees, _mentors = enroll(db, cohort, mentees=4, mentors=1, capacity=1)
        db.get_one(type(mentees[3]), mentees[3].id).missed_rounds = 1
    assert {mentee for mentee, _mentor in pairs_of(run_now(cohort, amara))} == {mentees[3].id}


def test_a_second_run_keeps_the_pairs_of_the_first_where_nothing_speaks_for_others(cohort, amara):
    with writing() as db:
        enroll(db, cohort, mentees=6, mentors=4, capacity=2)  # all alike: only ties
    first = run_now(cohort, amara)
    before = pairs_of(first)
    for _again in range(3):
        again = run_now(cohort, amara)
        assert pairs_of(again) == before and again.seed != first.seed
        assert again.metrics["earlier"] == again.metrics["earlier_kept"] == 6


def test_no_segment_is_shown_with_fewer_than_five_people(cohort, amara):
    with writing() as db:
        varied(db, cohort, mentees=6)
    run = run_now(cohort, amara)
    assert all(people >= 5 for _name, people, _regret in run.metrics["segments"])
    assert "Field 0" not in json.dumps(run.metrics), "three people are too few"


def test_only_what_people_do_at_work_divides_them(cohort):
    rules = cohort.rules
    with pytest.raises(ValueError, match="gender"):
        weights.reweighed(rules, even(rules), objective="fair", segment="gender")


def test_weights_sum_to_a_hundred_and_something_visible_must_count(cohort):
    rules, known = cohort.rules, weights.preferences(cohort.rules)
    changed = weights.reweighed(rules, [1.0] * len(known), objective="total", segment="")
    assert sum(even(changed)) == pytest.approx(100, abs=0.01)
    assert len(set(even(changed))) == 1
    hidden = [50.0 if one.is_private else 0.0 for one in known]
    with pytest.raises(weights.NothingCountsError):
        weights.reweighed(rules, hidden, objective="fair", segment="")
    with pytest.raises(ValueError, match="101"):
        weights.reweighed(rules, [101.0] * len(known), objective="fair", segment="")


def test_saving_makes_a_version_that_can_be_taken_back_and_a_stale_page_is_refused(cohort, amara):
    first = cohort.rules
    skills = [100.0] + [0.0] * (len(even(first)) - 1)
    changed = weights.reweighed(first, skills, objective="fair", segment="")
    with writing() as db:
        weighing.save_rules(db, amara.id, cohort_id=cohort.id, version=1, rules=changed)
    with writing() as db, pytest.raises(Refused, match="Somebody else"):
        weighing.save_rules(db, amara.id, cohort_id=cohort.id, version=1, rules=first)
    end_reading()
    assert even(reading().get_one(Cohort, cohort.id).rules)[0] == 100
    with writing() as db:
        weighing.restore_rules(db, amara.id, cohort_id=cohort.id, version=1)
    end_reading()
    now = reading().get_one(Cohort, cohort.id).rules
    assert now == {**first, "version": 3}
    verbs = select(func.count()).where(AuditEvent.verb == "cohort_rules_changed")
    assert reading().scalar(verbs) == 2


def test_factors_that_weigh_nothing_do_not_reach_the_matcher(cohort, amara):
    rules = cohort.rules
    only = [100.0] + [0.0] * (len(even(rules)) - 1)
    with writing() as db:
        varied(db, cohort)
        changed = weights.reweighed(rules, only, objective="fair", segment="")
        weighing.save_rules(db, amara.id, cohort_id=cohort.id, version=1, rules=changed)
    run = run_now(cohort, amara)
    candidate = reading().scalars(select(Candidate).where(Candidate.run_id == run.id)).first()
    assert [part["label"] for part in candidate.reasons] == ["Skills"]


def test_a_dry_run_keeps_nothing_and_tells_what_would_change(cohort, amara):
    with writing() as db:
        varied(db, cohort)
    run = run_now(cohort, amara)
    rules = cohort.rules
    same = weighing.tried(reading(), cohort.id, rules)
    assert (same.matched, same.changed) == (12, 0)
    assert same.total == pytest.approx(run.metrics["total"], abs=1e-6 * 12)  # scored in float32
    known = weights.preferences(rules)
    swapped = [100.0 if one.label == "Language" else 0.0 for one in known]
    other = weighing.tried(
        reading(),
        cohort.id,
        weights.reweighed(rules, swapped, objective="fair", segment=""),
    )
    assert other.matched == 12 and other.total != pytest.approx(same.total)
    assert reading().scalar(select(func.count()).select_from(MatchRun)) == 1


def test_a_worker_tries_what_is_large_and_stores_no_pair(cohort, amara, monkeypatch):
    with writing() as db:
        varied(db, cohort)
    monkeypatch.setattr(weighing, "AT_ONCE", (2, 2))
    assert weighing.tried(reading(), cohort.id, cohort.rules, exactly=True) is None
    with writing() as db:
        trial = weighing.start_trial(db, amara.id, cohort_id=cohort.id, rules=cohort.rules).id
    run = run_now(cohort, amara)  # a dry run is no obstacle
    run_match(str(trial))
    end_reading()
    done = reading().get_one(MatchRun, trial)
    assert done.state is RunState.DISCARDED and done.metrics["pairs"] == 12
    assert pairs_of(done) == set() and len(pairs_of(run)) == 12
    assert reading().get(RunInput, trial) is None


def test_what_is_packed_is_what_comes_out(cohort, amara):
    with writing() as db:
        (mentee, *_), (mentor, *_) = enroll(db, cohort)
        db.add(Exclusion(enrollment_id=mentee.id, person_id=mentor.person_id))
        mentee.weekly_windows = ["mon-morning", "tue-evening"]
    pool = feed.load_pool(reading(), cohort.id)
    instance = feed.instance_of(pool, cohort.rules, 7, {(str(mentee.id), str(mentor.id))})
    again, ranked = packing.unpacked(packing.packed(instance, {"a": ["b"]}))
    assert (
        ranked == {"a": ["b"]} and again == instance and input_hash(again) == input_hash(instance)
    )


def test_every_run_can_be_solved_again_whatever_has_changed_since(cohort, amara):
    with writing() as db:
        varied(db, cohort)
    run = run_now(cohort, amara)
    with writing() as db:
        varied(db, cohort, mentees=3)
        db.get_one(Cohort, cohort.id).rules = {"version": 9, "rules": []}
    with clock.frozen(clock.now() + timedelta(days=100)), writing() as db:
        replays.ask_replay(db, amara.id, run_id=run.id)
    replay_run(str(run.id))
    end_reading()
    found = reading().get_one(MatchRun, run.id).replay
    assert found["state"] == "equal" and found["pairs"] == 12


def test_a_record_that_was_touched_is_found_out(cohort, amara):
    with writing() as db:
        varied(db, cohort)
    run = run_now(cohort, amara)
    with writing() as db:
        one = db.scalars(select(Candidate).where(Candidate.run_id == run.id)).first()
        db.delete(one)
    found = replays.replay(replays.record_of(reading(), run.id))
    assert found["state"] == "different" and (found["missing"], found["further"]) == (0, 1)
    with writing() as db:
        db.get_one(MatchRun, run.id).input_hash = "0" * 64
    end_reading()
    assert replays.replay(replays.record_of(reading(), run.id)) == {"state": "altered"}


def test_a_factor_for_the_matching_alone_is_in_no_figure_and_no_reason(cohort, amara):
    with writing() as db:
        for mentee in varied(db, cohort):
            mentee.weekly_windows = ["mon-morning"]
    run = run_now(cohort, amara)
    rows = reading().scalars(select(Candidate).where(Candidate.run_id == run.id)).all()
    said = json.dumps([run.metrics, run.unmatched, [row.reasons for row in rows]])
    assert "Free hours" not in said and "windows" not in said


def test_the_command_line_solves_a_run_again(cohort, amara, app, monkeypatch):
    with writing() as db:
        varied(db, cohort)
    run = run_now(cohort, amara)
    end_reading()
    monkeypatch.setattr(cli, "application", lambda: app)  # the database of this test
    answer = CliRunner().invoke(cli.main, ["replay", str(run.id)])
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.output.splitlines()[-1])["state"] == "equal"


def test_what_a_run_was_given_goes_with_the_people_and_with_time(cohort, amara):
    with writing() as db:
        mentees = varied(db, cohort)
    run = run_now(cohort, amara)
    assert reading().get(RunInput, run.id) is not None
    with writing() as db:
        withdraw(db, mentees[0].person_id, enrollment_id=mentees[0].id)
    end_reading()
    assert replays.replay(replays.record_of(reading(), run.id)) == {"state": "gone"}
    later = run_now(cohort, amara)
    with clock.frozen(clock.now() + timedelta(days=181)):
        forget_run_inputs()
    end_reading()
    assert reading().get(RunInput, later.id) is None
