"""The order of aims: most people, then the worst-off pair, then a total that counts regret.

Each rung is proved over all pairs: coverage and floor by cuts, the total by prices.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..assignment import (
    NO_FLOOR,
    Assignment,
    Clock,
    Floats,
    Ints,
    Problem,
    Progress,
    Rung,
    check_limits,
    chunks,
    distinct,
    improve,
    promising,
    silent,
    units,
)
from .cover import Cut, Demand, leaks, most
from .segments import repaired

REGRET = 1.0  # weight of squared regret beside the score


def fair(
    problem: Problem,
    segments: Ints | None = None,
    budget: float = 0.002,
    progress: Progress = silent,
    most_floor: int | None = None,
) -> Assignment:
    """The assignment in the default order of aims, with its certificate.

    ``segments`` numbers each mentee's segment (-1: none); the worst-off one is raised at a cost of
    at most ``budget`` of the total. With ``most_floor`` the floor rises no further than that, and
    no rung claims that it could not be higher.
    """
    check_limits(problem)
    clock = Clock()
    keys = promising(problem, progress)
    clock.lap("prune")
    climb = _Climb(problem, keys)
    rungs = [*climb.cover(), *climb.raise_floor(progress)]
    if most_floor is not None and climb.floor > most_floor:
        rungs = [rung for rung in rungs if rung.name != "floor"]
        climb.floor = most_floor
    clock.lap("floor")
    lens = replace(
        problem.aim, least=climb.floor, regret=REGRET, best=best_scores(problem), extra=None
    )
    restricted = replace(problem, aim=lens)
    if segments is not None and (segments >= 0).any():
        restricted = repaired(restricted, climb.keys, segments, budget)
    clock.lap("segments")
    found = improve(restricted, climb.keys, progress)
    proof = replace(found.certificate, rungs=tuple(rungs))
    return replace(found, certificate=proof, seconds={**clock.seconds, **found.seconds})


def best_scores(problem: Problem) -> Floats:
    """Each mentee's best allowed score; 0 for those who have none."""
    best = np.zeros(len(problem.score), np.float32)
    if problem.score.shape[1]:
        for rows in chunks(len(best)):
            best[rows] = problem.score[rows].max(axis=1)
    best[np.isneginf(best)] = 0
    return best


@dataclass
class _Climb:
    """The search for the highest floor on pairs that grow where the proof asks for more."""

    problem: Problem
    keys: Ints
    floor: int = NO_FLOOR

    def __post_init__(self) -> None:
        self.demands = Demand.of(self.problem)
        self.values: list[int] = []
        self._index()

    def _index(self) -> None:
        self.mentee, self.mentor = np.divmod(self.keys, max(self.problem.score.shape[1], 1))
        self.worth = units(self.problem.score[self.mentee, self.mentor]).astype(np.int64)

    def _on(self, demand: Demand, least: int) -> Cut:
        good = self.worth >= least
        return most(self.problem, demand, self.mentee[good], self.mentor[good])

    def _add(self, more: Ints) -> None:
        self.keys = distinct(np.concatenate([self.keys, more]))
        self._index()

    def cover(self) -> list[Rung]:
        """How many can be placed at all."""
        rungs = []
        for demand in self.demands:
            while True:
                cut = self._on(demand, NO_FLOOR)
                goal = min(int(demand.people.sum()), int(demand.room.sum()))
                missing = leaks(self.problem, cut, NO_FLOOR) if cut.value < goal else ()
                if not len(missing):
                    break
                self._add(np.asarray(missing))
            self.values.append(cut.value)
            rungs.append(_rung("coverage", demand, NO_FLOOR, cut, cut.value))
        return rungs

    def raise_floor(self, progress: Progress) -> list[Rung]:
        """The highest score that every pair can have while as many are placed."""
        if not self.values or not self.values[0]:
            return []
        done = 0
        while True:
            self._search()
            progress("floor", done, done + 1)
            done += 1
            failing = self._failing(self.floor + 1)
            if failing is None:  # pairs named by the proof made a higher floor possible
                continue
            demand, cut, value = failing
            missing = leaks(self.problem, cut, self.floor)
            if not len(missing):
                return [_rung("floor", demand, self.floor, cut, value)]
            self._add(missing)

    def _failing(self, least: int) -> tuple[Demand, Cut, int] | None:
        for demand, value in zip(self.demands, self.values, strict=True):
            cut = self._on(demand, least)
            if cut.value < value:
                return demand, cut, value
        return None

    def _search(self) -> None:
        """Bottleneck by bisection over the scores that occur."""
        steps = distinct(self.worth[self.worth >= self.floor])
        top = self._ceiling()
        steps = steps[steps <= top] if (steps <= top).any() else steps[:1]
        low, high = 0, len(steps) - 1
        if self._failing(int(steps[high])) is None:
            low = high
        while low < high - 1:
            middle = (low + high) // 2
            if self._failing(int(steps[middle])) is None:
                low = middle
            else:
                high = middle
        self.floor = int(steps[low])

    def _ceiling(self) -> int:
        """No floor is above the best pair of somebody who must be placed."""
        everybody = self.demands[0]
        if self.values[0] < everybody.people.sum():
            return int(self.worth.max())
        best = np.full(len(everybody.people), NO_FLOOR)
        np.maximum.at(best, self.mentee, self.worth)
        return int(best[everybody.people].min())


def _rung(name: str, demand: Demand, above: int, cut: Cut, value: int) -> Rung:
    return Rung(
        name,
        demand.level,
        above,
        value,
        cut.value,
        cut.mentees,
        cut.mentors,
        seats=demand.name == "seats",
    )
