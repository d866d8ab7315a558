"""The default order of aims: each rung reaches its optimum, and its proof convinces a stranger."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_bipartite_matching

from app.matching.assignment import Pools, assign
from app.matching.fairness import best_scores, fair, standing
from tests.matching.oracle import certificate_holds, dense_optimum, ladder_holds
from tests.matching.test_assignment import cases, problem


def holds(case, found, mate=None, proof=None) -> bool:
    proof = proof or found.certificate.serialized()
    mate = found.mate if mate is None else mate
    locked = case.locked.tolist()
    pools = (case.pools.of, case.pools.capacity) if case.pools else None
    parts = (case.score, case.capacity, case.minimum)
    return certificate_holds(*parts, mate, proof, locked, pools=pools) and ladder_holds(
        *parts, case.priority, mate, proof, locked, pools
    )


def coverage(score, capacity) -> int:
    """The size of a maximum bipartite matching, by scipy."""
    seats = np.repeat(np.arange(len(capacity)), capacity)
    if not len(seats):
        return 0
    mate = maximum_bipartite_matching(csr_matrix(np.isfinite(score)[:, seats]), perm_type="column")
    return int((mate >= 0).sum())


def bottleneck(score, capacity) -> float:
    """The highest floor at which as many can be placed, by trying every score."""
    goal = coverage(score, capacity)
    best = -np.inf
    for value in np.unique(score[np.isfinite(score)]):
        if coverage(np.where(score >= value, score, -np.inf), capacity) == goal:
            best = max(best, value)
    return best


@settings(max_examples=120, deadline=None)
@given(cases())
def test_coverage_is_a_maximum_matching_and_the_floor_the_bottleneck_optimum(case):
    plain = replace(case, minimum=case.minimum * 0, priority=case.priority * 0)
    plain = replace(plain, locked=plain.locked[:0])
    found = fair(plain)
    assert len(found.pairs) == coverage(plain.score, plain.capacity)
    if len(found.pairs):
        floor = plain.score[found.pairs[:, 0], found.pairs[:, 1]].min()
        assert floor == pytest.approx(bottleneck(plain.score, plain.capacity), abs=1e-6)
    assert holds(plain, found)


@settings(max_examples=120, deadline=None)
@given(cases())
def test_minima_missed_rounds_and_fixed_pairs_are_proved_on_every_rung(case):
    found = fair(case)
    matched, _, rows = dense_optimum(
        case.score, case.capacity, case.minimum, case.priority, case.locked.tolist()
    )
    assert len(found.pairs) == matched
    assert case.priority[found.pairs[:, 0]].sum() == case.priority[rows].sum()
    assert holds(case, found)


@settings(max_examples=80, deadline=None)
@given(cases())
def test_on_its_floor_no_assignment_counts_more_with_regret(case):
    plain = replace(case, minimum=case.minimum * 0, priority=case.priority * 0)
    plain = replace(plain, locked=plain.locked[:0])
    found = fair(plain)
    best = best_scores(plain)[:, None]
    floor = found.certificate.least
    high = np.isfinite(plain.score) & (np.rint(plain.score * np.float32(1e6)) >= floor)
    with np.errstate(invalid="ignore"):
        value = np.where(high, plain.score - (best - plain.score) ** 2, -np.inf)
    seats = np.repeat(np.arange(len(plain.capacity)), plain.capacity)
    dense = np.where(np.isfinite(value), value, -1e6)[:, seats]
    padded = np.concatenate([dense, np.full((len(dense), len(dense)), -1e3)], axis=1)
    rows, columns = linear_sum_assignment(padded, maximize=True)
    real = columns < len(seats)
    total = value[rows[real], seats[columns[real]]].sum()
    mine = value[found.pairs[:, 0], found.pairs[:, 1]].sum()
    assert mine == pytest.approx(total, abs=1e-5)


@settings(max_examples=80, deadline=None)
@given(cases(), st.integers(0, 2**32 - 1))
def test_a_spoiled_matching_is_rejected(case, seed):
    """Whoever swaps, drops or moves people cannot keep the certificate, unless it is a tie."""
    found = fair(case)
    rng = np.random.default_rng(seed)
    fixed = set(case.locked[:, 0].tolist())
    movable = [at for at in range(len(found.mate)) if at not in fixed]
    assume(movable)
    spoiled = found.mate.copy()
    spoiled[rng.choice(movable)] = rng.integers(-1, len(case.capacity))
    assume((spoiled != found.mate).any())
    if holds(case, found, mate=spoiled):  # only an assignment as good on every rung may pass
        twin = replace(case, aim=replace(case.aim))
        low = found.certificate.least
        both = (found.mate, spoiled)
        assert len({int((mate >= 0).sum()) for mate in both}) == 1
        rows = np.flatnonzero(spoiled >= 0)
        rows = rows[~np.isin(rows, list(fixed))]
        scores = twin.score[rows, spoiled[rows]]
        assert (np.rint(scores * np.float32(1e6)) >= low).all()
        lens = replace(twin, aim=replace(twin.aim, least=low, regret=1.0, best=best_scores(twin)))
        sums = [
            lens.worth_at(np.flatnonzero(m >= 0), m[m >= 0])
            .astype(float)[~np.isin(np.flatnonzero(m >= 0), list(fixed))]
            .sum()
            for m in both
        ]
        assert sums[0] == sums[1]


def test_a_forged_rung_is_rejected():
    case = problem([[0.9, 0.2], [0.8, 0.1]], [1, 1])
    found = fair(case)
    assert found.mate.tolist() == [1, 0]  # a floor of 0.2, not 0.1
    proof = found.certificate.serialized()
    assert holds(case, found)
    for spoil in (
        {"least": 0},
        {"price": [0, 0]},
        {"rungs": [{**r, "above": r["above"] - 150_000} for r in proof["rungs"]]},
        {"rungs": [{**r, "value": r["value"] + 1} for r in proof["rungs"]]},
        {"rungs": [{**r, "mentees": []} for r in proof["rungs"]]},
        {"rungs": proof["rungs"][:1]},
    ):
        assert not holds(case, found, proof={**proof, **spoil}) or spoil == {"least": 0}


def test_the_worst_off_pair_comes_before_the_total():
    case = problem([[1.0, 0.6], [0.6, 0.1]], [1, 1])
    assert assign(case).mate.tolist() == [1, 0]
    case = problem([[1.0, 0.4], [0.6, 0.1]], [1, 1])
    assert assign(case).mate.tolist() == [0, 1] and fair(case).mate.tolist() == [1, 0]


def scarce(seed: int, mentees: int = 1_000, mentors: int = 320):
    """One mentee in eight wishes for skills that few mentors offer; about as many others wish for
    the same mentors and gain a hair more by them, so the total alone gives the few nobody."""
    rng = np.random.default_rng(seed)
    few = rng.random(mentees) < 0.125
    rivals = ~few & (rng.random(mentees) < 0.13)
    capacity = rng.integers(3, 6, mentors)
    sought = np.cumsum(capacity) <= few.sum() + 4
    score = 0.5 + 0.2 * rng.random((mentees, mentors))
    score[np.ix_(few, sought)] += 0.2
    score[np.ix_(rivals, sought)] += 0.206
    return problem(score.astype(np.float32), capacity), np.where(few, 1, 0)


@pytest.mark.parametrize("seed", range(5))
def test_the_worst_off_segment_is_raised_for_almost_nothing(seed):
    case, segments = scarce(seed)
    best = best_scores(case)
    by_total, by_fair = assign(case), fair(case, segments)
    before = standing(case.score, best, segments, by_total.mate)
    after = standing(case.score, best, segments, by_fair.mate)
    lost = 1 - after.total / before.total
    print(f"gap {before.gap:.4f} -> {after.gap:.4f}, cost {lost:.4%}")
    assert after.gap <= 0.4 * before.gap
    assert lost <= 0.002
    assert holds(case, by_fair)


@settings(max_examples=80, deadline=None)
@given(cases(), st.integers(0, 2**32 - 1))
def test_mentors_of_several_programs_share_their_places(case, seed):
    rng = np.random.default_rng(seed)
    mentors = len(case.capacity)
    of = rng.integers(-1, 2, mentors)
    held = case.held
    least = [int(held[of == k].sum()) for k in range(2)]
    pools = Pools(of, np.array([n + int(rng.integers(0, 4)) for n in least]))
    joint = replace(case, minimum=case.minimum * 0, pools=pools)
    for found in (assign(joint), fair(joint)):
        load = np.bincount(found.pairs[:, 1], minlength=mentors)
        assert (load <= joint.capacity).all()
        assert (pools.sums(load) <= pools.capacity).all()
        proof = found.certificate.serialized()
        both = (pools.of, pools.capacity)
        parts = (joint.score, joint.capacity, joint.minimum)
        locked = joint.locked.tolist()
        assert certificate_holds(*parts, found.mate, proof, locked, pools=both)
        assert (
            ladder_holds(*parts, joint.priority, found.mate, proof, locked, both)
            or not (proof["rungs"])
        )
