"""The best assignment of mentees to mentors on a score matrix, proved over every pair.

The linear program: maximize the sum of (score + reward) over pairs, where each mentee has at most
one mentor, a mentor at most ``capacity`` mentees, and the reward of placing one more person
exceeds anything that scores can gain, so that the most people are matched first. A min-cost flow
solves it on the promising pairs only; prices (its dual) then prove the result against all pairs,
or name the pairs that were missing. Everything is integer in units of a millionth of a score.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .text import MatchingError

UNIT = 1_000_000  # integer costs per unit of score
CHUNK = 1_000  # rows of the score matrix handled at once
TOP_MENTORS = 30
TOP_MENTEES = 12
TIGHT = 8  # pairs per mentee kept for further rounds
MOST_PRIORITY = 9
SURE = 8_000_000  # units; sums with a score stay exact in float32
LARGEST = 400_000_000  # entries of a score matrix: 1.6 GB of float32

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Progress = Callable[[str, int, int], None]


def silent(phase: str, done: int, of: int) -> None:
    """Report progress to nobody."""


def no_pairs() -> Ints:
    """An empty list of index pairs."""
    return np.zeros((0, 2), np.int64)


@dataclass(frozen=True)
class Problem:
    """A score matrix (mentees x mentors, at most 1, ``-inf`` where forbidden) and its limits."""

    score: Floats
    capacity: Ints
    minimum: Ints
    priority: Ints
    locked: Ints = field(default_factory=no_pairs)

    @property
    def dominant(self) -> int:
        """What placing one person is worth: more than any exchange of scores can gain.

        An exchange runs along a simple path that visits each mentor once, so it changes at most
        min(mentees, mentors) + 1 scores of at most UNIT each.
        """
        return (int(min(self.score.shape)) + 2) * UNIT

    @property
    def reward(self) -> Ints:
        """Per mentee, what being matched is worth; missed rounds come before any score."""
        return self.dominant * (1 + self.priority)

    @property
    def held(self) -> Ints:
        """Per mentor, the places taken by fixed pairs."""
        return np.bincount(self.locked[:, 1], minlength=len(self.capacity)).astype(np.int64)

    @property
    def free(self) -> NDArray[np.bool_]:
        """Per mentee, whether the solver may decide (not fixed)."""
        mask = np.ones(len(self.score), bool)
        mask[self.locked[:, 0]] = False
        return mask


@dataclass(frozen=True)
class Certificate:
    """Prices that prove an assignment optimal; anyone can check them with a few lines.

    In units of a millionth: for every mentee i that is not fixed and every allowed pair,
    ``score <= utility[i] + price[j]``, with equality on the pairs chosen; an unmatched mentee has
    ``utility = -reward``, a matched one no less. A mentor with a place left and no unmet minimum
    has ``price <= 0``, one above its minimum ``price >= 0``; at its minimum a price may be
    negative (the mentee is held there), never below ``-minimum_reward``.
    """

    utility: Ints
    price: Ints
    reward: Ints
    minimum_reward: int
    unit: int = UNIT

    def serialized(self) -> dict[str, object]:
        """Plain numbers for storage as JSON."""
        return {
            "unit": self.unit,
            "utility": self.utility.tolist(),
            "price": self.price.tolist(),
            "reward": self.reward.tolist(),
            "minimum_reward": self.minimum_reward,
        }


@dataclass(frozen=True)
class Assignment:
    """Each mentee's mentor (or -1), and the proof."""

    mate: Ints
    certificate: Certificate
    arcs: int
    solves: int
    seconds: dict[str, float]

    @property
    def pairs(self) -> Ints:
        """Index pairs, by mentee."""
        rows = np.flatnonzero(self.mate >= 0)
        return np.column_stack([rows, self.mate[rows]])


def units(scores: Floats) -> Floats:
    """Scores rounded to whole millionths: the one rounding that solver and proof share."""
    rounded: Floats = np.rint(scores * np.float32(UNIT))
    return rounded


def chunks(count: int, size: int = CHUNK) -> Iterator[slice]:
    """Slices that cover ``count`` rows."""
    for start in range(0, count, size):
        yield slice(start, min(start + size, count))


class Clock:
    """Adds up seconds by phase."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, phase: str) -> None:
        """Count the time since the last lap for a phase."""
        now = time.perf_counter()
        self.seconds[phase] = self.seconds.get(phase, 0.0) + now - self._last
        self._last = now


# -- the promising pairs ------------------------------------------------------------------------


def _top_of_rows(block: Floats, count: int) -> NDArray[np.intp]:
    width = block.shape[1]
    if count >= width:
        return np.broadcast_to(np.arange(width), block.shape)
    return np.argpartition(block, width - count, axis=1)[:, width - count :]


def _keys(block: Floats, best: NDArray[np.intp], base: Ints, step: int) -> Ints:
    allowed = np.take_along_axis(block, best, axis=1) > -np.inf
    keys: Ints = (base[:, None] + best * step)[allowed]
    return keys


def _transposed(score: Floats, columns: slice) -> Floats:
    """Some columns as rows, copied tile by tile so that the copy stays in the cache."""
    block = np.empty((columns.stop - columns.start, len(score)), np.float32)
    for rows in chunks(len(score)):
        block[:, rows] = score[rows, columns].T
    return block


def promising(problem: Problem, progress: Progress = silent) -> Ints:
    """Keys (mentee x mentors + mentor) of everybody's best partners on the other side.

    A mentee with fewer allowed mentors than TOP_MENTORS keeps them all.
    """
    score = problem.score
    mentees, mentors = score.shape
    found = []
    for rows in chunks(mentees):
        base = np.arange(rows.start, rows.stop, dtype=np.int64) * mentors
        found.append(_keys(score[rows], _top_of_rows(score[rows], TOP_MENTORS), base, 1))
        progress("prune", rows.stop, mentees)
    for columns in chunks(mentors, CHUNK // 4):
        block = _transposed(score, columns)
        base = np.arange(columns.start, columns.stop, dtype=np.int64)
        found.append(_keys(block, _top_of_rows(block, TOP_MENTEES), base, mentors))
    keys: Ints = np.unique(np.concatenate(found))
    kept: Ints = keys[problem.free[keys // mentors]]
    return kept


# -- the flow -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Arcs:
    """Pairs as columns: key, mentee, mentor, score in units."""

    keys: Ints
    mentee: Ints
    mentor: Ints
    gain: Ints

    @classmethod
    def of(cls, problem: Problem, keys: Ints) -> Arcs:
        """The pairs behind sorted keys."""
        mentee, mentor = np.divmod(keys, problem.score.shape[1])
        return cls(keys, mentee, mentor, units(problem.score[mentee, mentor]).astype(np.int64))


def best_flow(problem: Problem, arcs: Arcs) -> Ints:
    """Each mentee's mentor (-1: none; fixed pairs kept) of a largest-value flow over the arcs.

    Tried first with a place for everybody, which is twice as fast as allowing for people left over.
    """
    places = int((problem.capacity - problem.held).sum())
    used = _flow(problem, arcs, everybody=True) if places >= problem.free.sum() else None
    if used is None:
        used = _flow(problem, arcs, everybody=False)
    if used is None:
        raise RuntimeError("the flow solver found no flow")
    mate = np.full(len(problem.score), -1, np.int64)
    mate[problem.locked[:, 0]] = problem.locked[:, 1]
    mate[arcs.mentee[used]] = arcs.mentor[used]
    return mate


def _flow(problem: Problem, arcs: Arcs, everybody: bool) -> NDArray[np.bool_] | None:
    """Which arcs a cheapest flow uses; None when not everybody can be placed on them."""
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

    mentees, mentors = problem.score.shape
    people = np.flatnonzero(problem.free)
    flow, sink, seats = SimpleMinCostFlow(), mentees + mentors, np.arange(mentors) + mentees
    minimum = np.maximum(problem.minimum - problem.held, 0)

    def add(tail: Ints, head: Ints, room: Ints, cost: Ints) -> None:
        flow.add_arcs_with_capacity_and_unit_cost(tail, head, room, cost)

    add(arcs.mentee, arcs.mentor + mentees, np.ones_like(arcs.gain), -arcs.gain)
    if not everybody:
        add(people, np.full_like(people, sink), np.ones_like(people), problem.reward[people])
    to_sink = np.full(mentors, sink)
    if minimum.any():
        add(seats, to_sink, minimum, np.full(mentors, -problem.dominant))
    add(seats, to_sink, problem.capacity - problem.held - minimum, np.zeros(mentors, np.int64))
    flow.set_nodes_supplies(people, np.ones_like(people))
    flow.set_node_supply(sink, -len(people))
    if flow.solve() != flow.OPTIMAL:
        return None
    used: NDArray[np.bool_] = flow.flows(np.arange(len(arcs.gain))) > 0
    return used


# -- the proof ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Standing:
    """What the chosen pairs say about prices: bounds per mentor, and each mentee's own score."""

    mate: Ints
    own: Ints
    upper: Ints
    lower: Ints

    @classmethod
    def of(cls, problem: Problem, mate: Ints) -> _Standing:
        mentors = len(problem.capacity)
        decided = np.flatnonzero(problem.free & (mate >= 0))
        own = np.zeros(len(mate), np.int64)
        own[decided] = units(problem.score[decided, mate[decided]]).astype(np.int64)
        load = np.bincount(mate[mate >= 0], minlength=mentors)
        top = int(problem.reward.max(initial=0)) + 2 * UNIT
        upper = np.where(load < problem.capacity, 0, top)
        upper[load < problem.minimum] = -problem.dominant
        np.minimum.at(upper, mate[decided], own[decided] + problem.reward[decided])
        lower = np.where((load > problem.minimum) | (problem.minimum == 0), 0, -problem.dominant)
        return cls(mate, own, upper, lower)


def settle(standing: _Standing, arcs: Arcs, reward: Ints, price: Ints, rounds: int) -> Ints | None:
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
    moves = moves[np.argsort(home[moves], kind="stable")]
    if not len(moves):
        return price
    source, target = home[moves], arcs.mentor[moves]
    loss = standing.own[arcs.mentee[moves]] - arcs.gain[moves]
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


def utilities(problem: Problem, standing: _Standing, price: Ints) -> Ints:
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
        gain = units(problem.score[rows])
        # float32 is exact up to SURE; beyond it a row is only suspected, then counted exactly
        suspects = np.flatnonzero((gain - rough).max(axis=1) > bound[rows] + base)
        if len(suspects):
            excess = gain[suspects] - price - bound[rows][suspects][:, None]
            best = _top_of_rows(excess, each)
            i, k = np.nonzero(np.take_along_axis(excess, best, axis=1) > 0)
            found.append((suspects[i] + rows.start) * mentors + best[i, k])
        progress("certify", rows.stop, mentees)
    return np.concatenate(found)


# -- all together -------------------------------------------------------------------------------


def check_limits(problem: Problem) -> None:
    """Refuse a problem that no assignment can satisfy for reasons visible at once."""
    mentees, mentors = problem.score.shape
    if mentees * mentors > LARGEST:
        raise MatchingError("too_large", mentees=mentees, mentors=mentors)
    over = np.flatnonzero(problem.held > problem.capacity)
    if len(over):
        raise MatchingError("locked_over_capacity", id=int(over[0]))
    fixed, times = np.unique(problem.locked[:, 0], return_counts=True)
    if (times > 1).any():
        raise MatchingError("locked_twice", id=int(fixed[times > 1][0]))


def shortfall(problem: Problem, mate: Ints) -> Ints:
    """Mentors who got fewer mentees than their minimum."""
    load = np.bincount(mate[mate >= 0], minlength=len(problem.capacity))
    return np.flatnonzero(load < problem.minimum)


def assign(problem: Problem, progress: Progress = silent) -> Assignment:
    """The optimal assignment with its certificate over all pairs.

    Source of the scheme: LP duality with column generation (Ford and Fulkerson 1958).
    """
    check_limits(problem)
    clock = Clock()
    keys = promising(problem, progress)
    clock.lap("solve")
    solves = 0
    while True:
        arcs = Arcs.of(problem, keys)
        progress("solve", solves, solves + 1)
        mate = best_flow(problem, arcs)
        solves += 1
        clock.lap("solve")
        keys, certificate = _prove(problem, mate, arcs, solves == 1, progress)
        clock.lap("certify")
        if certificate:
            return Assignment(mate, certificate, len(keys), solves, clock.seconds)


def _prove(
    problem: Problem, mate: Ints, arcs: Arcs, first: bool, progress: Progress
) -> tuple[Ints, Certificate | None]:
    """A certificate, or the pairs to solve again with."""
    standing = _Standing.of(problem, mate)
    reward = problem.reward
    price = settle(standing, arcs, reward, standing.upper, len(problem.capacity) + 2)
    if price is None:
        raise RuntimeError("the flow was not optimal over its own arcs")
    while True:
        utility = utilities(problem, standing, price)
        missing = objections(problem, utility, price, progress)
        if not len(missing):
            return arcs.keys, Certificate(utility, price, reward, problem.dominant)
        if first:  # once only: from here on pairs are only added, so the rounds end
            arcs, first = _tightest(arcs, utility, price), False
        arcs = Arcs.of(problem, np.union1d(arcs.keys, missing))
        lower = settle(standing, arcs, reward, price, 200)
        if lower is None:
            return arcs.keys, None
        price = lower


def _tightest(arcs: Arcs, utility: Ints, price: Ints) -> Arcs:
    """The pairs nearest to being chosen; should another be needed, the proof names it."""
    slack = utility[arcs.mentee] + price[arcs.mentor] - arcs.gain
    wanted = TIGHT * len(utility)
    if wanted >= len(slack):
        return arcs
    near = slack <= max(0, np.partition(slack, wanted)[wanted])
    return Arcs(arcs.keys[near], arcs.mentee[near], arcs.mentor[near], arcs.gain[near])
