"""Weights of a large cohort are previewed: quick, kept ready, and what a run would find."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.core.database import end_reading, reading, writing
from app.programs import feed, weights
from app.programs.models import Cohort, Enrollment, Exclusion
from app.programs.rules import CohortState, Role
from app.programs.services import previewing, weighing
from tests.factories.accounts import make_person
from tests.factories.programs import make_cohort, make_enrollment
from tests.programs.test_fair_runs import even, varied
from tests.programs.test_runs import run_now


@pytest.fixture
def amara(context):
    with writing() as db:
        return make_person(db, "Amara Okafor", roles=("program_manager",))


@pytest.fixture
def cohort(context, monkeypatch):
    """Twelve mentees and six mentors, in a place where that is a large cohort."""
    monkeypatch.setattr(weighing, "AT_ONCE", (2, 2))
    monkeypatch.setattr(previewing, "SHELF", previewing.Shelf())
    monkeypatch.setattr(previewing, "FRESH", 0.0)
    with writing() as db:
        cohort = make_cohort(db, CohortState.MATCHING)
        cohort.rules = {**cohort.rules, "objective": "total"}
        varied(db, cohort)
    return cohort


def tried(cohort, changes=()):
    """The preview with some weights changed, by label."""
    known = weights.preferences(cohort.rules)
    asked = [dict(changes).get(one.label, one.weight) for one in known]
    rules = weights.reweighed(cohort.rules, asked, objective="total", segment="")
    end_reading()
    return weighing.tried(reading(), cohort.id, rules), rules


def ready():
    return list(previewing.SHELF._kept.values())


@pytest.mark.parametrize("changes", [{}, {"Skills": 90.0}, {"Skills": 0.0, "Language": 100.0}])
def test_a_preview_finds_what_the_run_finds(cohort, amara, changes):
    found, rules = tried(cohort, changes.items())
    assert found.is_preview and found.mentees == 12
    with writing() as db:
        weighing.save_rules(db, amara.id, cohort_id=cohort.id, version=1, rules=rules)
    run = run_now(cohort, amara)
    assert run.metrics["pairs"] == found.matched == 12
    assert found.total == pytest.approx(run.metrics["total"], abs=1e-5)
    again, _rules = tried(reading().get_one(Cohort, cohort.id))
    assert again.changed == 0, "the pairs of the run are still the best under its own weights"


def test_a_factor_that_counts_nothing_yet_can_be_tried(cohort, amara):
    only = [100.0] + [0.0] * (len(even(cohort.rules)) - 1)
    with writing() as db:
        rules = weights.reweighed(cohort.rules, only, objective="total", segment="")
        weighing.save_rules(db, amara.id, cohort_id=cohort.id, version=1, rules=rules)
    end_reading()
    saved = reading().get_one(Cohort, cohort.id)
    spoken, _rules = tried(saved, {"Skills": 0.0, "Language": 100.0}.items())
    assert spoken.floor == pytest.approx(1.0), "everybody speaks English"


def test_a_state_is_prepared_once_and_again_when_anything_it_rests_on_changes(cohort):
    tried(cohort)
    first = ready()
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda n: first[0].previewer.tried({"3": n}).total, [9.0] * 8))
    assert len(set(answers)) == 1, "several may ask at the same time"
    tried(cohort, {"Skills": 90.0}.items())
    assert ready() == first, "another weight is no other state"
    states = {first[0].state}
    with writing() as db:
        mentor = db.query(Enrollment).filter_by(role=Role.MENTOR).first()
        db.add(Exclusion(enrollment_id=mentor.id, person_id=make_person(db, "Somebody").id))
    tried(cohort)
    assert ready() == first, "whom somebody excludes is for the matching alone"
    for column, value in (
        ("capacity", 1),
        ("answers", {}),
        ("languages", ["fr"]),
        ("zone", "Asia/Tokyo"),
    ):
        with writing() as db:
            setattr(db.get_one(Enrollment, mentor.id), column, value)
        tried(cohort)
        states |= {one.state for one in ready()}
    with writing() as db:
        make_enrollment(db, cohort, Role.MENTEE)
    assert tried(cohort)[0].mentees == 13
    assert len(ready()) == 1 and len(states | {ready()[0].state}) == 6


def test_moves_in_a_row_do_not_read_the_cohort_again_unless_its_rules_have_changed(
    cohort, amara, monkeypatch, queries
):
    tried(cohort)
    monkeypatch.setattr(previewing, "FRESH", 600.0)
    with queries() as seen:
        assert tried(cohort, {"Skills": 90.0}.items())[0].matched == 12
    assert len(seen) <= 3, seen
    first = ready()
    with writing() as db:
        rules = weights.reweighed(cohort.rules, even(cohort.rules), objective="fair", segment="")
        weighing.save_rules(db, amara.id, cohort_id=cohort.id, version=1, rules=rules)
    end_reading()
    tried(reading().get_one(Cohort, cohort.id))
    assert ready() != first


def test_what_is_kept_holds_nobodys_answers(cohort):
    with writing() as db:
        for row in db.query(Enrollment):
            row.answers = {**row.answers, "values": ["canary-answer"]}
            row.weekly_windows = ["mon-morning"]
    tried(cohort)
    kept = pickle.dumps(ready())
    assert b"canary-answer" not in kept and b"Field 0" not in kept and b"strategy" not in kept


def test_memory_is_bounded_and_the_least_used_state_goes_first(cohort, monkeypatch):
    tried(cohort)
    monkeypatch.setattr(previewing, "MOST_BYTES", ready()[0].previewer.size)
    with writing() as db:
        other = make_cohort(db, CohortState.MATCHING, title="Other")
        varied(db, other)
    assert tried(other)[0].is_preview
    assert previewing.SHELF.get(cohort.id, feed.state_of(reading(), cohort, 0)) is None
    assert len(ready()) == 1


def test_what_is_too_large_or_no_pairs_goes_to_a_worker(cohort, monkeypatch):
    monkeypatch.setattr(previewing, "MOST_PAIRS", 12 * 6 - 1)
    assert tried(cohort)[0] is None
    with writing() as db:
        groups = make_cohort(db, CohortState.MATCHING, template="group_mentoring", title="Groups")
        varied(db, groups)
    monkeypatch.setattr(previewing, "MOST_PAIRS", 1_000)
    assert weighing.tried(reading(), groups.id, groups.rules) is None
