"""A matching problem as arrays, its answer, and the units that solver and proof share."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

UNIT = 1_000_000  # integer costs per unit of score
CHUNK = 1_000  # rows of the score matrix handled at once
TOP_MENTORS = 30
TOP_MENTEES = 12
TIGHT = 8  # pairs per mentee kept for further rounds
MOST_PRIORITY = 9
SURE = 8_000_000  # units; sums with a score stay exact in float32
NO_FLOOR = -(10**9)
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
class Aim:
    """How a pair's score counts; by default as it is.

    ``regret`` weighs the square of what a mentee misses of their best score, ``extra`` (one number
    per mentee) what they miss; pairs below ``least`` units do not count at all. Pairs of
    ``current`` gain ``bonus`` units.
    """

    least: int = NO_FLOOR
    regret: float = 0.0
    best: Floats | None = None
    extra: Floats | None = None
    current: Ints = field(default_factory=no_pairs)
    bonus: int = 0

    @property
    def span(self) -> int:
        """The widest difference between what two pairs of one mentee can be worth, in units."""
        most = float(self.extra.max(initial=0)) if self.extra is not None else 0.0
        return int(np.ceil((1 + self.regret + most) * UNIT)) + self.bonus

    def value(self, score: Floats, best: Floats | None, extra: Floats | None) -> Floats:
        """Units for scores whose mentees have these best scores; ``-inf`` below the floor."""
        worth = units(score)
        low = worth < self.least if self.least > NO_FLOOR else None
        if best is not None:
            missed = best - score
            pull = np.float32(self.regret) * missed
            if extra is not None:
                pull += extra
            worth = units(score - pull * missed)
        if low is not None:
            worth[low] = -np.inf
        return worth


@dataclass(frozen=True)
class Pools:
    """Mentors who share places: the pool of each (-1: none), and how many each pool has."""

    of: Ints
    capacity: Ints

    def sums(self, counts: Ints) -> Ints:
        """Per pool, the sum of its mentors' counts."""
        inside = self.of >= 0
        whole = np.bincount(self.of[inside], counts[inside], minlength=len(self.capacity))
        return whole.astype(np.int64)


@dataclass(frozen=True)
class Problem:
    """A score matrix (mentees x mentors, at most 1, ``-inf`` where forbidden) and its limits."""

    score: Floats
    capacity: Ints
    minimum: Ints
    priority: Ints
    locked: Ints = field(default_factory=no_pairs)
    aim: Aim = field(default_factory=Aim)
    pools: Pools | None = None

    def worth(self, rows: slice) -> Floats:
        """What some mentees' pairs count, in units; ``-inf`` where forbidden."""
        aim, current = self.aim, self.aim.current
        best = None if aim.best is None else aim.best[rows, None]
        extra = None if aim.extra is None else aim.extra[rows, None]
        value = aim.value(self.score[rows], best, extra)
        if aim.bonus and len(current):
            first, last = np.searchsorted(current[:, 0], [rows.start, rows.stop])
            near = current[first:last]
            value[near[:, 0] - rows.start, near[:, 1]] += np.float32(aim.bonus)
        return value

    def worth_at(self, mentee: Ints, mentor: Ints) -> Floats:
        """What single pairs count, in units."""
        aim, current = self.aim, self.aim.current
        best = None if aim.best is None else aim.best[mentee]
        extra = None if aim.extra is None else aim.extra[mentee]
        value = aim.value(self.score[mentee, mentor], best, extra)
        if aim.bonus and len(current):
            value[self._is_current(mentee, mentor)] += np.float32(aim.bonus)
        return value

    def _is_current(self, mentee: Ints, mentor: Ints) -> NDArray[np.bool_]:
        if self._own is not None:
            mine: NDArray[np.bool_] = self._own[mentee] == mentor
            return mine
        width, current = self.score.shape[1], self.aim.current
        return np.isin(mentee * width + mentor, current[:, 0] * width + current[:, 1])

    @cached_property
    def _own(self) -> Ints | None:
        """Each mentee's one current mentor, where nobody has two: looked up, not searched."""
        rows = self.aim.current[:, 0]
        if (rows[1:] == rows[:-1]).any():
            return None
        own = np.full(len(self.score), -1, np.int64)
        own[rows] = self.aim.current[:, 1]
        return own

    @property
    def dominant(self) -> int:
        """What placing one person is worth: more than any exchange of scores can gain.

        An exchange runs along a simple path that visits each mentor once, so it changes at most
        min(mentees, mentors) + 1 pairs, whose worth differs by at most the aim's span.
        """
        return (int(min(self.score.shape)) + 2) * self.aim.span

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
class Rung:
    """A step of the ladder with the cut that proves it.

    Of the mentees who missed ``level`` rounds or more, ``value`` are matched; no matching on pairs
    above ``above`` units places more than ``bound``. The cut shows it: no such pair joins a mentee
    of ``mentees`` to a mentor outside ``mentors``, so that whoever of them is placed takes a place
    of those mentors. For ``seats`` the same holds of places up to each mentor's minimum. The rung
    ``coverage`` counts every allowed pair and has bound = value; in ``floor`` bound < value.
    """

    name: str
    level: int
    above: int
    value: int
    bound: int
    mentees: NDArray[np.bool_]
    mentors: NDArray[np.bool_]
    seats: bool = False

    def serialized(self) -> dict[str, object]:
        """Plain numbers for storage as JSON; the cut as indices."""
        return {
            "name": self.name,
            "level": self.level,
            "above": self.above,
            "value": self.value,
            "bound": self.bound,
            "mentees": np.flatnonzero(self.mentees).tolist(),
            "mentors": np.flatnonzero(self.mentors).tolist(),
            "seats": self.seats,
        }


@dataclass(frozen=True)
class Certificate:
    """Prices that prove an assignment optimal; anyone can check them with a few lines.

    In units of a millionth: for every mentee i that is not fixed and every allowed pair,
    ``worth <= utility[i] + price[j]``, with equality on the pairs chosen; an unmatched mentee has
    ``utility = -reward``, a matched one no less. A mentor with a place left and no unmet minimum
    has ``price <= 0``, one above its minimum ``price >= 0``; at its minimum a price may be
    negative (the mentee is held there), never below ``-minimum_reward``. Of a mentor in a pool,
    what counts is the price above ``pool_price``, which is 0 where the pool has a place left.
    A pair's worth is its score, or what the aim (``least``, ``regret``, ``extra``, ``bonus``)
    makes of it.
    """

    utility: Ints
    price: Ints
    reward: Ints
    minimum_reward: int
    unit: int = UNIT
    least: int = NO_FLOOR
    regret: float = 0.0
    extra: Floats | None = None
    bonus: int = 0
    pool_price: Ints | None = None
    rungs: tuple[Rung, ...] = ()

    def serialized(self) -> dict[str, object]:
        """Plain numbers for storage as JSON."""
        return {
            "unit": self.unit,
            "utility": self.utility.tolist(),
            "price": self.price.tolist(),
            "reward": self.reward.tolist(),
            "minimum_reward": self.minimum_reward,
            "least": self.least,
            "regret": self.regret,
            "extra": None if self.extra is None else self.extra.tolist(),
            "bonus": self.bonus,
            "pool_price": None if self.pool_price is None else self.pool_price.tolist(),
            "rungs": [rung.serialized() for rung in self.rungs],
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
