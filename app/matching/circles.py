"""Circles: found by exchanging people from several starts, and how far from the best at most.

The bound comes from a relaxation. In circles of at least ``smallest`` people everybody has at least
``smallest - 1`` partners, so the mean over one's partners is an average of shares of at most
1 / (smallest - 1) each, and everybody is given out as often as taken. The best such shares, which
need not form circles at all, are a largest-value flow; no circles can have a higher sum.
"""

from __future__ import annotations

from collections.abc import Iterable
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
TOGETHER = 100.0  # what a fixed pair adds in a circle: more than any exchange can gain
Table = NDArray[np.float64]
Group = tuple[int, ...]


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


def seat_circles(
    score: Floats,
    least: int,
    most: int,
    missed: Ints,
    fixed: Iterable[tuple[int, int]] = (),
) -> list[Group]:
    """Circles without two people who may not meet, as full as that allows.

    Whoever has no seat takes that of somebody who ``missed`` fewer rounds, where everybody else of
    the circle may meet them. ``fixed`` pairs stay together.
    """
    wanted, kept = score.copy(), {at for pair in fixed for at in pair}
    for one, other in fixed:
        wanted[one, other] = wanted[other, one] = TOGETHER
    best: list[list[int]] = []
    for largest in range(most, least - 1, -1):  # smaller circles keep more people apart
        found = _split(wanted, least, largest, most, missed)
        _give_way(wanted, found, most, missed, kept)
        if not best or _value(found, missed) > _value(best, missed):
            best = found
        if sum(map(len, best)) == len(score):
            break
    return [tuple(sorted(circle)) for circle in best]


def _value(circles: Iterable[list[int]], missed: Ints) -> tuple[int, int]:
    seated = [at for circle in circles for at in circle]
    return len(seated), int(missed[seated].sum())


def _split(wanted: Floats, least: int, largest: int, most: int, missed: Ints) -> list[list[int]]:
    found = [[int(at) for at in circle] for circle in form_circles(wanted, least, largest)]
    left: list[int] = []
    for circle in found:
        while (worst := _most_apart(wanted, circle, missed)) is not None:
            circle.remove(worst)
            left.append(worst)
    for circle in [circle for circle in found if len(circle) < least]:
        found.remove(circle)
        left += circle
    for one in _who_waits(found, missed):
        _seat(wanted, found, most, one)
    return found


def _who_waits(circles: Iterable[list[int]], missed: Ints) -> list[int]:
    """People without a seat, those who missed most rounds first."""
    seated = {at for circle in circles for at in circle}
    return sorted(set(range(len(missed))) - seated, key=lambda at: (-int(missed[at]), at))


def _seat(wanted: Floats, circles: Iterable[list[int]], most: int, one: int) -> bool:
    """Whether somebody found room in a circle where all may meet them: the one that suits best."""
    roomy = [c for c in circles if len(c) < most and np.isfinite(wanted[one, c]).all()]
    if roomy:
        max(roomy, key=lambda circle: float(wanted[one, circle].mean())).append(one)
    return bool(roomy)


def _give_way(
    wanted: Floats, circles: list[list[int]], most: int, missed: Ints, kept: set[int]
) -> None:
    """Whoever waits takes the seat of somebody who missed fewer rounds, until no such seat is left.

    The rounds missed by those with a seat rise each time, so this ends.
    """
    changed = True
    while changed:
        changed = False
        for one in _who_waits(circles, missed):
            changed = _seat(wanted, circles, most, one) or _take_seat(
                wanted, circles, missed, kept, one
            )
            if changed:
                break


def _take_seat(
    wanted: Floats, circles: Iterable[list[int]], missed: Ints, kept: set[int], one: int
) -> bool:
    seats = [
        (int(missed[holder]), -float(wanted[one, others].mean()), at, holder)
        for at, circle in enumerate(circles)
        for holder in circle
        for others in [[other for other in circle if other != holder]]
        if missed[holder] < missed[one]
        and holder not in kept
        and np.isfinite(wanted[one, others]).all()
    ]
    if not seats:
        return False
    _rounds, _score, at, holder = min(seats)
    circle = list(circles)[at]
    circle[circle.index(holder)] = one
    return True


def _most_apart(table: Floats, circle: list[int], missed: Ints) -> int | None:
    """Who of a circle may not meet most of the others, of several whoever missed fewest rounds;
    None when all may meet."""
    apart = (~np.isfinite(table[np.ix_(circle, circle)])).sum(axis=1) - 1
    if not circle or apart.max() <= 0:
        return None
    return circle[min(range(len(circle)), key=lambda at: (-apart[at], int(missed[circle[at]])))]


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
