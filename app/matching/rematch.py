"""Matching again after some people left or came: few pairs change, almost nothing is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from .assignment import NO_FLOOR, UNIT, Assignment, Clock, Ints, Problem, Progress, silent, units
from .scoring import Scorer
from .solver import concluded, decide, ordered, segments_of
from .types import Instance, Outcome

STICKINESS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3)  # what keeping a pair is worth: tried from the left
MOST = 2.0  # more than any score can gain: nothing but coverage moves a pair
STEPS = 14  # halvings between what loses too little and too much
CALM = 1.1  # changed pairs per broken pair that are few enough
LOSS = 0.002  # share of the best total that keeping pairs may cost


@dataclass(frozen=True)
class Rematch:
    """A new outcome beside the former pairs.

    ``broken`` pairs could not stay (somebody left, or a rule now forbids them); ``changed`` are
    all former mentees still here who have another mentor or none; ``kept_share`` is the total
    reached as a share of the best total without regard to former pairs. ``fewest`` is a proved
    bound: no matching of as many people that loses no more than LOSS changes fewer pairs.
    """

    outcome: Outcome
    broken: int
    changed: int
    kept_share: float
    fewest: int


def rematch(
    instance: Instance, former: Mapping[str, str], *, progress: Progress | None = None
) -> Rematch:
    """The best matching that leaves former pairs (mentee id to mentor id) alone where it can.

    People who are not in the instance any more are passed over. Stickiness rises until at most
    CALM pairs change per broken pair, as long as no more than LOSS of the total is lost; where that
    cannot be, the stickiest that loses no more is found by halving.
    """
    report, clock = progress or silent, Clock()
    mentors = {person.id for person in instance.mentors}
    here = {p.id: former[p.id] for p in instance.mentees if p.id in former}
    current = frozenset(pair for pair in here.items() if pair[1] in mentors)
    instance = replace(instance, current=current)
    scorer = Scorer(ordered(instance))
    problem = scorer.problem(public=False, progress=report)
    pairs = problem.aim.current
    possible = pairs[problem.score[pairs[:, 0], pairs[:, 1]] > -np.inf]
    broken = len(here) - len(possible)
    clock.lap("score")
    search = _Search(problem, instance, scorer, possible, broken, report)
    best = search.calmest()
    outcome = concluded(instance, scorer, problem, best.found, report, clock)
    return Rematch(outcome, broken, best.changed + broken, best.share, search.fewest() + broken)


@dataclass(frozen=True)
class _Try:
    """What a stickiness gave: pairs that could have stayed and did not, and the total."""

    stickiness: float
    found: Assignment
    changed: int
    total: float
    share: float


class _Search:
    """Keeping a pair is a price on changing it: the higher it is, the fewer pairs change and the
    less is reached (Everett 1963). Every price tried also bounds what any matching can do."""

    def __init__(
        self,
        problem: Problem,
        instance: Instance,
        scorer: Scorer,
        kept: Ints,
        broken: int,
        report: Progress,
    ) -> None:
        self.problem, self.instance, self.kept, self.broken = problem, instance, kept, broken
        self.segments, self.report = segments_of(scorer.instance), report
        self.least = _floor(problem, kept)
        self.tried: list[_Try] = []
        self.best = 0.0

    def _try(self, stickiness: float) -> _Try:
        aim = replace(self.problem.aim, bonus=round(stickiness * UNIT))
        tried, instance = replace(self.problem, aim=aim), self.instance
        floor = self.least if self.tried else None
        found = decide(
            tried, instance.objective, self.report, self.segments, instance.budget, floor
        )
        total = _total(self.problem, found)
        self.best = max(self.best, total)
        changed = int((found.mate[self.kept[:, 0]] != self.kept[:, 1]).sum())
        share = total / self.best if self.best else 1.0
        self.tried.append(_Try(stickiness, found, changed, total, share))
        return self.tried[-1]

    def calmest(self) -> _Try:
        """The first stickiness that is calm enough, else the calmest that loses little enough."""
        low = high = chosen = self._try(self.instance.stickiness)
        for stickiness in (*STICKINESS, MOST):
            if chosen.changed + self.broken <= CALM * self.broken:
                return chosen
            high = self._try(stickiness)
            if high.share < 1 - LOSS:
                break
            low = chosen = _calmer(chosen, high)
        for _step in range(STEPS if high.share < 1 - LOSS else 0):
            if chosen.changed <= self.fewest() or high.changed >= chosen.changed:
                break
            middle = self._try((low.stickiness + high.stickiness) / 2)
            if middle.share < 1 - LOSS:
                high = middle
            else:
                low, chosen = middle, _calmer(chosen, middle)
        return chosen

    def fewest(self) -> int:
        """No matching that reaches 1 - LOSS of the best total changes fewer pairs that could stay.

        For a price s, total + s * kept is at most what the solver reached with it, so whoever has
        the total keeps no more than the rest allows. Only where the solver maximizes the total.
        """
        if self.instance.objective != "total" or not self.tried:
            return 0
        least, stay = (1 - LOSS) * self.best, len(self.kept)
        most = float(stay)
        for one in self.tried:
            if one.stickiness > 0:
                whole = one.total + one.stickiness * (stay - one.changed)
                most = min(most, (whole - least) / one.stickiness)
        return max(0, stay - int(np.floor(most + 1e-6)))


def _calmer(one: _Try, other: _Try) -> _Try:
    return other if other.changed <= one.changed else one


def _floor(problem: Problem, kept: Ints) -> int:
    """The lowest score among pairs that could stay: the worst-off pair need not rise above it."""
    if not len(kept):
        return NO_FLOOR
    return int(units(problem.score[kept[:, 0], kept[:, 1]]).min())


def _total(problem: Problem, found: Assignment) -> float:
    pairs = found.pairs
    return float(problem.score[pairs[:, 0], pairs[:, 1]].astype(float).sum())
