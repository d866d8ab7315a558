"""Circles: found by exchanging people from several starts, and how far from the best at most.

The bound comes from a relaxation. In circles of at least ``smallest`` people everybody has at least
``smallest - 1`` partners, so the mean over one's partners is an average of shares of at most
1 / (smallest - 1) each, and everybody is given out as often as taken. The best such shares, which
need not form circles at all, are a largest-value flow; no circles can have a higher sum.
"""

from __future__ import annotations

from math import gcd

import numpy as np
from numpy.typing import NDArray

from .assignment import UNIT, Floats, Ints
from .text import MatchingError

CIRCLE = (3, 8)  # the usual sizes
EXCHANGES = 10_000
NEVER = -1e3  # two people who may not be in one circle
STARTS = 12  # ways to begin; the best end counts
FEW = 150  # people up to whom several starts are tried
Table = NDArray[np.float64]


def form_circles(score: Floats, least: int = CIRCLE[0], most: int = CIRCLE[1]) -> list[Ints]:
    """Everybody in circles of even size, as high as exchanges of two people can bring the score.

    ``score`` is symmetric; ``-inf`` keeps two people apart where that is possible. Fewer people
    than ``least`` make one circle; where no even size fits, the last circle is smaller or larger.
    """
    if not 2 <= least <= most:
        raise MatchingError("bad_group_size", least=least, most=most)
    people = len(score)
    table = np.where(np.isfinite(score), score, NEVER).astype(float)
    np.fill_diagonal(table, 0)
    fewest, largest = -(-people // most), max(people // least, 1)
    wanted = round(people / ((least + most) / 2))
    count = max(min(max(wanted, fewest), largest), 1)
    found = [_exchanged(table, start % count, count) for start in _starts(people)]
    best = max(found, key=lambda circle: round(_inside(table, circle), 6))
    return [np.flatnonzero(best == at) for at in range(count)]


def _starts(people: int) -> list[Ints]:
    """Orders of everybody, each person once: the same for the same number of people."""
    strides = [step for step in range(1, max(people, 2)) if gcd(step, people) == 1]
    if people > FEW:
        strides = strides[:1]
    return [np.arange(people) * step % people for step in strides[:: -(-len(strides) // STARTS)]]


def _exchanged(table: Table, circle: Ints, count: int) -> Ints:
    """The circles after the best exchange of two people, over and over until none helps."""
    people = np.arange(len(table))
    for _ in range(EXCHANGES):
        affinity = table @ np.eye(count)[circle]
        own = affinity[people, circle]
        gain = affinity[:, circle] + affinity[:, circle].T - own[:, None] - own[None, :] - 2 * table
        gain[circle[:, None] == circle[None, :]] = 0
        one, other = np.unravel_index(int(gain.argmax()), gain.shape)
        if gain[one, other] <= 1e-9:
            break
        circle[one], circle[other] = circle[other], circle[one]
    return circle


def _inside(table: Table, circle: Ints) -> float:
    return float(table[circle[:, None] == circle[None, :]].sum())


def best_in_circles(score: Floats, smallest: int) -> float:
    """What the sum over everybody of the mean score with their partners cannot exceed in circles of
    at least so many people; scores are 0 or more, ``-inf`` where two may not meet."""
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

    people, partners = len(score), smallest - 1
    if people < 2 or partners < 1:
        return 0.0
    one, other = np.nonzero(np.isfinite(score) & ~np.eye(people, dtype=bool))
    worth = np.rint(score[one, other].astype(float) * UNIT).astype(np.int64)
    everybody, source, sink = np.arange(people), 2 * people, 2 * people + 1
    whole, free = np.full(people, partners), np.zeros(people, np.int64)
    flow = SimpleMinCostFlow()
    flow.add_arcs_with_capacity_and_unit_cost(one, other + people, np.ones_like(one), -worth)
    flow.add_arcs_with_capacity_and_unit_cost(np.full(people, source), everybody, whole, free)
    flow.add_arcs_with_capacity_and_unit_cost(
        everybody + people, np.full(people, sink), whole, free
    )
    flow.add_arc_with_capacity_and_unit_cost(source, sink, people * partners, 0)
    flow.set_node_supply(source, people * partners)
    flow.set_node_supply(sink, -people * partners)
    if flow.solve() != flow.OPTIMAL:
        raise RuntimeError("the flow solver found no flow")
    rounding = people * 0.5 / UNIT
    return float(-flow.optimal_cost()) / UNIT / partners + rounding


def gap(total: float, bound: float) -> float:
    """How much below the best possible a sum is at most, as a share."""
    return max(0.0, 1 - total / bound) if bound > 0 else 0.0
