"""Raising the segment that is worst off: what its people miss counts for more, within a budget.

A segment is any division of the mentees; its regret is the mean of what its people miss of their
best possible score. Segments move the solver only and are never part of a reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ..assignment import Aim, Floats, Ints, Problem
from ..assignment.flow import Arcs, best_flow

SMALLEST = 3  # people; below it a mean says more about persons than about a segment
STEP, MOST = 0.1, 3.0  # weights of a segment's regret: the first tried, the largest
ROUNDS = 10
SLACK = 1e-4  # a gap this much wider is still worth going on from
NEAR = 0.004  # a gap that needs no repair


@dataclass(frozen=True)
class Standing:
    """Mean regret by segment of one assignment."""

    total: float
    regret: dict[int, float]
    overall: float

    @property
    def worst(self) -> int | None:
        """The segment whose people miss most."""
        return max(self.regret, key=lambda s: (self.regret[s], -s), default=None)

    @property
    def gap(self) -> float:
        """How much more the worst segment misses than everybody on average."""
        worst = self.worst
        return 0.0 if worst is None else max(0.0, self.regret[worst] - self.overall)


def standing(score: Floats, best: Floats, segments: Ints, mate: Ints) -> Standing:
    """What each segment misses under an assignment; whoever has nobody misses their best score."""
    rows = np.arange(len(mate))
    matched = mate >= 0
    got = np.zeros(len(mate))
    got[matched] = score[rows[matched], mate[matched]]
    missed = best.astype(float) - got
    counts = {int(s): segments == s for s in np.unique(segments[segments >= 0])}
    means = {s: float(missed[of].mean()) for s, of in counts.items() if of.sum() >= SMALLEST}
    return Standing(float(got.sum()), means, float(missed.mean()) if len(missed) else 0.0)


def repaired(problem: Problem, keys: Ints, segments: Ints, budget: float) -> Problem:
    """The problem with the extra weights that lower the worst segment's gap most.

    The floor and the repair together cost at most ``budget`` of the best total; where the floor
    alone costs more, the repair has a quarter of the budget.
    """
    if problem.aim.best is None:
        return problem
    plain = replace(problem, aim=Aim(current=problem.aim.current, bonus=problem.aim.bonus))
    limit = _solved(plain, keys, segments, problem.aim.best).total * (1 - budget)
    weights: dict[int, float] = {}
    first = state = _solved(problem, keys, segments, problem.aim.best)
    limit = min(limit, first.total * (1 - budget / 4))
    chosen, smallest, step = problem, first.gap, STEP
    for _ in range(ROUNDS):
        worst = state.worst
        if worst is None or state.gap <= NEAR or step < STEP / 8:
            break
        raised = {**weights, worst: min(weights.get(worst, 0.0) + step, MOST)}
        tried = _weighted(problem, segments, raised)
        after = _solved(tried, keys, segments, problem.aim.best)
        if after.total < limit or after.gap >= state.gap + SLACK:
            step /= 2  # too much at once
            continue
        weights, state, step = raised, after, min(2 * step, MOST)
        if state.gap < smallest:
            chosen, smallest = tried, state.gap
    return chosen


def _weighted(problem: Problem, segments: Ints, weights: Mapping[int, float]) -> Problem:
    extra = np.zeros(len(segments), np.float32)
    for segment, weight in weights.items():
        extra[segments == segment] = weight
    return replace(problem, aim=replace(problem.aim, extra=extra))


def _solved(problem: Problem, keys: Ints, segments: Ints, best: Floats) -> Standing:
    mate = best_flow(problem, Arcs.of(problem, keys))
    return standing(problem.score, best, segments, mate)
