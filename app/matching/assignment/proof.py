"""Prices that prove an assignment against all pairs, or name the pairs that were missing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .flow import Arcs
from .problem import CHUNK, SURE, Ints, Pools, Problem, Progress, chunks, silent
from .pruning import top_of_rows


@dataclass(frozen=True)
class Standing:
    """What the chosen pairs say about prices: bounds per mentor, and each mentee's own score."""

    mate: Ints
    own: Ints
    upper: Ints
    lower: Ints
    ties: tuple[Ints, Ints, Ints]  # (from, to, cost): bounds between mentors and their pools

    @classmethod
    def of(cls, problem: Problem, mate: Ints) -> Standing:
        mentors = len(problem.capacity)
        decided = np.flatnonzero(problem.free & (mate >= 0))
        own = np.zeros(len(mate), np.int64)
        own[decided] = problem.worth_at(decided, mate[decided]).astype(np.int64)
        load = np.bincount(mate[mate >= 0], minlength=mentors)
        top = int(problem.reward.max(initial=0)) + 2 * problem.aim.span
        pools = problem.pools
        alone = np.ones(mentors, bool) if pools is None else pools.of < 0
        upper = np.where(alone & (load < problem.capacity), 0, top)
        upper[alone & (load < problem.minimum)] = -problem.dominant
        np.minimum.at(upper, mate[decided], own[decided] + problem.reward[decided])
        lower = np.where((load > problem.minimum) | (problem.minimum == 0), 0, -problem.dominant)
        if pools is None:
            return cls(mate, own, upper, lower, (np.zeros(0, np.int64),) * 3)
        full = pools.sums(load) >= pools.capacity
        upper = np.concatenate([upper, np.where(full, top, 0)])
        lower = np.concatenate([lower, np.zeros(len(full), np.int64)])
        return cls(mate, own, upper, lower, _ties(problem, pools, load))


def _ties(problem: Problem, pools: Pools, load: Ints) -> tuple[Ints, Ints, Ints]:
    """What a flow leaves open between mentors and their pools: (from, to, cost)."""
    inside, node, held = pools.of >= 0, len(load) + pools.of, problem.held
    roomy = np.flatnonzero(inside & (load < problem.capacity))
    down = np.where((load < problem.minimum)[roomy], -problem.dominant, 0)
    used = np.flatnonzero(inside & (load > held))
    is_extra = load[used] > np.maximum(problem.minimum, held)[used]
    return (
        np.concatenate([roomy, node[used]]),
        np.concatenate([node[roomy], used]),
        np.concatenate([down, np.where(is_extra, 0, problem.dominant)]),
    )


def settle(standing: Standing, arcs: Arcs, reward: Ints, price: Ints, rounds: int) -> Ints | None:
    """The highest prices that keep every mentee where they are; None when there are none.

    Bellman-Ford on the mentors: taking a mentee's place at one mentor may cost at most what
    moving that mentee to another costs, down to a mentor with a free place; and no mentor may be
    cheaper than what a mentee left without one would gain.
    """
    home = standing.mate[arcs.mentee]
    lower = standing.lower.copy()
    waiting = home < 0
    np.maximum.at(lower, arcs.mentor[waiting], (arcs.gain + reward[arcs.mentee])[waiting])
    if (price < lower).any():
        return None
    moves = np.flatnonzero((home >= 0) & (home != arcs.mentor))
    source = np.concatenate([home[moves], standing.ties[0]])
    order = np.argsort(source, kind="stable")
    if not len(order):
        return price
    source = source[order]
    target = np.concatenate([arcs.mentor[moves], standing.ties[1]])[order]
    loss = standing.own[arcs.mentee[moves]] - arcs.gain[moves]
    loss = np.concatenate([loss, standing.ties[2]])[order]
    starts = np.flatnonzero(np.diff(source, prepend=-1))
    for _ in range(rounds):
        cheapest = np.minimum.reduceat(price[target] + loss, starts)
        lowered = np.minimum(price[source[starts]], cheapest)
        if (lowered == price[source[starts]]).all():
            return price
        price = price.copy()
        price[source[starts]] = lowered
        if (price < lower).any():
            return None
    return None


def utilities(problem: Problem, standing: Standing, price: Ints) -> Ints:
    """What each mentee is left with after paying the price of the place."""
    matched = standing.mate >= 0
    return np.where(matched, standing.own - price[standing.mate], -problem.reward)


def objections(
    problem: Problem, utility: Ints, price: Ints, progress: Progress = silent, each: int = 8
) -> Ints:
    """Keys of pairs that would pay better than the prices say; none means proved optimal."""
    mentees, mentors = problem.score.shape
    bound = np.where(problem.free, utility, np.inf)
    base = int(np.median(price)) if mentors else 0  # when places are scarce, all prices are high
    rough = np.clip(price - base, -SURE, SURE).astype(np.float32)
    found = [np.zeros(0, np.int64)]
    for rows in chunks(mentees, CHUNK // 4):
        gain = problem.worth(rows)
        # float32 is exact up to SURE; beyond it a row is only suspected, then counted exactly
        suspects = np.flatnonzero((gain - rough).max(axis=1) > bound[rows] + base)
        if len(suspects):
            excess = gain[suspects] - price - bound[rows][suspects][:, None]
            best = top_of_rows(excess, each)
            i, k = np.nonzero(np.take_along_axis(excess, best, axis=1) > 0)
            found.append((suspects[i] + rows.start) * mentors + best[i, k])
        progress("certify", rows.stop, mentees)
    return np.concatenate(found)
