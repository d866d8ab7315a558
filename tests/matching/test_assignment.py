"""The assignment is the best there is, and its proof convinces somebody else."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.matching.assignment import Assignment, Problem, assign, shortfall
from app.matching.text import MatchingError
from tests.matching.oracle import certificate_holds, dense_optimum


def problem(score, capacity, minimum=None, priority=None, locked=()):
    score = np.array(score, np.float32)
    mentees, mentors = score.shape
    zeros = np.zeros(mentors, np.int64) if minimum is None else np.array(minimum, np.int64)
    missed = np.zeros(mentees, np.int64) if priority is None else np.array(priority, np.int64)
    fixed = np.array(locked, np.int64).reshape(-1, 2)
    return Problem(score, np.array(capacity, np.int64), zeros, missed, fixed)


def proved(case: Problem, found: Assignment) -> bool:
    proof = found.certificate.serialized()
    return certificate_holds(
        case.score, case.capacity, case.minimum, found.mate, proof, case.locked.tolist()
    )


def total(case: Problem, found: Assignment) -> float:
    pairs = found.pairs
    return float(case.score[pairs[:, 0], pairs[:, 1]].astype(float).sum())


@st.composite
def cases(draw):
    """Small problems with ties, forbidden pairs, empty capacities, minima, waits, fixed pairs."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    mentees, mentors = draw(st.integers(1, 9)), draw(st.integers(1, 6))
    coarse = draw(st.booleans())
    score = rng.integers(0, 6, (mentees, mentors)) / 5 if coarse else rng.random((mentees, mentors))
    score = score.astype(np.float32)
    score[rng.random(score.shape) < draw(st.sampled_from([0, 0.3, 0.7]))] = -np.inf
    capacity = rng.integers(0, 4, mentors)
    minimum = np.minimum(capacity, rng.integers(0, 3, mentors) * draw(st.integers(0, 1)))
    priority = rng.integers(0, 3, mentees) * draw(st.integers(0, 1))
    locked, room = [], capacity.copy()
    for row in np.flatnonzero(rng.random(mentees) < draw(st.sampled_from([0, 0.3]))):
        open_to = np.flatnonzero(np.isfinite(score[row]) & (room > 0))
        if len(open_to):
            column = int(rng.choice(open_to))
            room[column] -= 1
            locked.append((int(row), column))
    return problem(score, capacity, minimum, priority, locked)


@settings(max_examples=150, deadline=None)
@given(cases())
def test_no_assignment_places_more_people_or_reaches_a_higher_total(case):
    found = assign(case)
    matched, best, rows = dense_optimum(
        case.score, case.capacity, case.minimum, case.priority, case.locked.tolist()
    )
    assert len(found.pairs) == matched
    assert case.priority[found.pairs[:, 0]].sum() == case.priority[rows].sum()
    assert total(case, found) == pytest.approx(best, abs=1e-6 * len(case.score))


@settings(max_examples=150, deadline=None)
@given(cases())
def test_every_result_respects_rules_capacity_and_fixed_pairs_and_carries_a_proof(case):
    found = assign(case)
    pairs = found.pairs
    assert np.isfinite(case.score[pairs[:, 0], pairs[:, 1]]).all()
    load = np.bincount(pairs[:, 1], minlength=len(case.capacity))
    assert (load <= case.capacity).all()
    assert (found.mate[case.locked[:, 0]] == case.locked[:, 1]).all()
    assert proved(case, found)


def test_a_result_that_is_not_the_best_is_not_proved():
    case = problem([[0.9, 0.8], [0.9, 0.1]], [1, 1])
    found = assign(case)
    assert found.mate.tolist() == [1, 0]
    proof = found.certificate.serialized()
    worse = np.array([0, 1])
    assert not certificate_holds(case.score, case.capacity, case.minimum, worse, proof)
    cheaper = {**proof, "price": [0, 0]}
    assert not certificate_holds(case.score, case.capacity, case.minimum, found.mate, cheaper)


def test_whoever_missed_a_round_is_placed_before_whoever_scores_higher():
    assert assign(problem([[1.0], [0.1]], [1], priority=[0, 1])).mate.tolist() == [-1, 0]


def test_more_people_matched_beats_any_score():
    case = problem([[1.0, 0.0], [1.0, -np.inf]], [1, 1])
    assert assign(case).mate.tolist() == [1, 0]


def test_every_mentor_gets_the_minimum_even_where_scores_suffer():
    case = problem([[1.0, 0.0], [1.0, 0.1]], [2, 2], minimum=[1, 1])
    assert assign(case).mate.tolist() == [0, 1]


def test_an_impossible_minimum_is_noticed():
    case = problem([[1.0, -np.inf], [1.0, -np.inf]], [2, 2], minimum=[1, 1])
    assert shortfall(case, assign(case).mate).tolist() == [1]


def test_more_fixed_pairs_than_places_are_refused():
    with pytest.raises(MatchingError, match="More mentees are fixed"):
        assign(problem([[1.0], [1.0]], [1], locked=[(0, 0), (1, 0)]))


def believable(mentees: int, mentors: int, seed: int) -> Problem:
    """People described by a dozen traits; about 4 places a mentor, popular mentors contested."""
    rng = np.random.default_rng(seed)
    traits = rng.normal(size=(mentees, 12)).astype(np.float32)
    score = traits @ rng.normal(size=(12, mentors)).astype(np.float32)
    score -= score.min()
    score /= score.max()
    score[::7, ::5] = -np.inf
    return problem(score, rng.integers(2, 7, mentors))


def test_a_company_of_thousands_is_proved_over_every_pair():
    case = believable(3_000, 900, seed=1)
    found = assign(case)
    assert len(found.pairs) == 3_000
    assert found.arcs < 0.1 * case.score.size  # solved on few pairs, proved on all
    assert proved(case, found)


def test_scarce_places_are_proved_too():
    case = believable(1_500, 300, seed=2)
    found = assign(case)
    assert len(found.pairs) == case.capacity.sum() < 1_500
    assert proved(case, found)


@pytest.mark.soak
def test_ten_thousand_by_three_thousand_in_five_seconds_and_750_megabytes(tmp_path):
    case = believable(10_000, 3_000, seed=3)
    np.savez(tmp_path / "m.npz", score=case.score, capacity=case.capacity)
    code = (
        "import re, sys, pathlib; from app.operations.match import match_command as m\n"
        "m(['--matrix', sys.argv[1], '--repeat', '5'], standalone_mode=False)\n"
        "status = pathlib.Path('/proc/self/status').read_text()\n"
        "print(int(re.search('VmHWM:\\\\s+(\\\\d+)', status)[1]) // 1024, file=sys.stderr)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "m.npz")],
        capture_output=True,
        text=True,
        check=True,
    )
    answer = json.loads(run.stdout)
    print(answer["seconds"], run.stderr)
    assert answer["certified"] and answer["matched_share"] == 1
    assert answer["seconds"]["fastest"] <= 5
    assert int(run.stderr) <= 750
    found = assign(case)
    assert found.pairs.tolist() == answer["pairs"]
    assert proved(case, found)
