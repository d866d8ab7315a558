"""Groups around a mentor, reverse programs, and when to advise a group.

Which groups to open is searched (open, close, exchange); who goes where is the proved optimum of a
flow for the groups that are open. Circles are in `circles.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .assignment import Assignment, Ints, Problem, Progress, assign, shortfall, silent
from .choosing import by_choice, followed
from .scoring import Scorer
from .solver import ordered, solve
from .text import MatchingError, Message
from .types import Instance, Outcome, Rule

TRIES = 120  # flows spent on the question which groups to open
GROUP = (4, 8)  # the usual size


@dataclass(frozen=True)
class Groups:
    """An assignment in which every open group has at least its least size; ``open`` per mentor."""

    found: Assignment
    open: NDArray[np.bool_]
    total: float
    missed: int = 0  # rounds that those who have a place now went without


def form_groups(problem: Problem, least: int = GROUP[0], most: int = GROUP[1]) -> Groups | None:
    """The groups that place the most people with the highest total; None where none is possible.

    A mentor takes at most ``most`` and no more than the capacity. Fixed pairs keep their group
    open. For the groups opened the assignment is proved optimal.
    """
    if not 1 <= least <= most:
        raise MatchingError("bad_group_size", least=least, most=most)
    hosts = problem.capacity >= least
    fixed = problem.held > 0
    whole = replace(
        problem,
        capacity=np.where(hosts, np.minimum(problem.capacity, most), 0),
        minimum=problem.minimum * 0,
    )
    load = np.bincount(assign(whole).pairs[:, 1], minlength=len(hosts))
    search = _Search(problem, least, most, fixed)
    order = np.lexsort((np.arange(len(hosts)), -load))
    order = order[hosts[order]]
    count = min(len(order), max(len(problem.score) // least, int(fixed.sum())))
    best: Groups | None = None
    while count and best is None:
        chosen = fixed.copy()
        chosen[order[:count]] = True
        best, short = search.tried(chosen)
        if best is None:  # close the group that lacks most people, and try with one fewer
            order = np.array([at for at in order if at not in short[:1]], np.int64)
            count = min(max(count - 1, 1), len(order))
    return None if best is None else search.improved(best, np.flatnonzero(hosts & ~fixed))


def solve_groups(
    instance: Instance,
    least: int = GROUP[0],
    most: int = GROUP[1],
    progress: Progress = silent,
    *,
    ranked: Mapping[str, Sequence[str]] | None = None,
) -> Outcome:
    """Groups around the mentors worth opening, proved like any other matching.

    Where mentees ranked mentors, groups are opened and filled by their order.
    """
    scorer = Scorer(ordered(instance))
    problem = scorer.problem(public=False)
    groups = form_groups(followed(scorer, problem, ranked) if ranked else problem, least, most)
    if groups is None:
        raise MatchingError("no_group", least=least, most=most)
    open_ = {
        m.id for m, is_open in zip(scorer.instance.mentors, groups.open, strict=True) if is_open
    }
    mentors = tuple(
        replace(m, capacity=min(m.capacity, most) if m.id in open_ else 0) for m in instance.mentors
    )
    opened = replace(instance, mentors=mentors, minimum=least)
    return by_choice(opened, ranked) if ranked else solve(opened, progress=progress)


class _Search:
    def __init__(self, problem: Problem, least: int, most: int, fixed: NDArray[np.bool_]) -> None:
        self.problem, self.least, self.most, self.fixed = problem, least, most, fixed
        self.left = TRIES

    def tried(self, open_: NDArray[np.bool_]) -> tuple[Groups | None, Ints]:
        """The assignment for some open groups; else the groups that stay too small, worst first."""
        self.left -= 1
        limits = replace(
            self.problem,
            capacity=np.where(open_, np.minimum(self.problem.capacity, self.most), 0),
            minimum=np.where(open_, np.minimum(self.problem.capacity, self.least), 0),
        )
        found = assign(limits)
        load = np.bincount(found.pairs[:, 1], minlength=len(open_))
        short = shortfall(limits, found.mate)
        short = short[~self.fixed[short]]
        if len(short):
            return None, short[np.argsort(load[short], kind="stable")]
        scores = self.problem.score[found.pairs[:, 0], found.pairs[:, 1]].astype(float)
        missed = int(self.problem.priority[found.pairs[:, 0]].sum())
        return Groups(found, open_, float(scores.sum()), missed), short

    def improved(self, best: Groups, candidates: Ints) -> Groups:
        """Open one, close one, or exchange two, while that places more people or adds score."""
        better = True
        while better and self.left > 0:
            better = False
            for open_ in self._neighbors(best.open, candidates):
                if self.left <= 0:
                    break
                other, _ = self.tried(open_)
                if other is not None and _value(other) > _value(best):
                    best, better = other, True
                    break
        return best

    def _neighbors(self, open_: NDArray[np.bool_], candidates: Ints) -> Iterable[NDArray[np.bool_]]:
        for at in candidates:
            flipped = open_.copy()
            flipped[at] = ~flipped[at]
            if flipped.any():
                yield flipped
        for inside in candidates[open_[candidates]]:
            for outside in candidates[~open_[candidates]]:
                swapped = open_.copy()
                swapped[inside], swapped[outside] = False, True
                yield swapped


def _value(groups: Groups) -> tuple[int, int, float]:
    return len(groups.found.pairs), groups.missed, round(groups.total, 6)


def mirrored(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Rules for a reverse program, where the mentor is the junior: every gap turned round."""
    return tuple(_mirror(rule) if rule.comparator == "gap" else rule for rule in rules)


def _mirror(rule: Rule) -> Rule:
    low = float(rule.params.get("low", 1))
    high = float(rule.params.get("high", np.inf))
    return replace(rule, params={**rule.params, "low": -high, "high": -low})


def advice(instance: Instance) -> Message | None:
    """What to do about too few mentors: larger groups, where they would place more people."""
    mentees, mentors = len(instance.mentees), sum(m.capacity > 0 for m in instance.mentors)
    places = sum(mentor.capacity for mentor in instance.mentors)
    if places >= mentees:
        return None
    size = -(-mentees // mentors) if mentors else 0
    if not mentors or size > GROUP[1]:
        most = mentors * GROUP[1]
        more = -(-(mentees - most) // GROUP[1])
        return Message("advise_recruit", {"mentees": mentees, "places": places, "mentors": more})
    params = {"mentees": mentees, "places": places, "size": max(size, 2), "mentors": mentors}
    return Message("advise_groups", params)
