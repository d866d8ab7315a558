"""Prune, solve, prove, until proved."""

from __future__ import annotations

import numpy as np

from ..text import MatchingError
from .flow import Arcs, best_flow
from .problem import LARGEST, TIGHT, Assignment, Certificate, Clock, Ints, Problem, Progress, silent
from .proof import Standing, objections, settle, utilities
from .pruning import distinct, promising


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
    pools = problem.pools
    if pools is not None and (pools.sums(problem.held) > pools.capacity).any():
        raise MatchingError("locked_over_pool")


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
    return improve(problem, keys, progress, clock)


def improve(
    problem: Problem, keys: Ints, progress: Progress = silent, clock: Clock | None = None
) -> Assignment:
    """The same, begun on given pairs."""
    solves, clock = 0, clock or Clock()
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
    standing, mentors = Standing.of(problem, mate), len(problem.capacity)
    reward = problem.reward
    price = settle(standing, arcs, reward, standing.upper, len(standing.upper) + 2)
    if price is None:
        raise RuntimeError("the flow was not optimal over its own arcs")
    while True:
        utility = utilities(problem, standing, price)
        missing = objections(problem, utility, price[:mentors], progress)
        if not len(missing):
            return arcs.keys, _certificate(problem, utility, price)
        if first:  # once only: from here on pairs are only added, so the rounds end
            arcs, first = _tightest(arcs, utility, price), False
        arcs = Arcs.of(problem, distinct(np.concatenate([arcs.keys, missing])))
        lower = settle(standing, arcs, reward, price, 200)
        if lower is None:
            return arcs.keys, None
        price = lower


def _certificate(problem: Problem, utility: Ints, price: Ints) -> Certificate:
    aim, mentors = problem.aim, len(problem.capacity)
    return Certificate(
        utility=utility,
        price=price[:mentors],
        reward=problem.reward,
        minimum_reward=problem.dominant,
        least=aim.least,
        regret=aim.regret,
        extra=aim.extra,
        bonus=aim.bonus,
        pool_price=price[mentors:] if problem.pools else None,
    )


def _tightest(arcs: Arcs, utility: Ints, price: Ints) -> Arcs:
    """The pairs nearest to being chosen; should another be needed, the proof names it."""
    slack = utility[arcs.mentee] + price[arcs.mentor] - arcs.gain
    wanted = TIGHT * len(utility)
    if wanted >= len(slack):
        return arcs
    near = slack <= max(0, np.partition(slack, wanted)[wanted])
    return Arcs(arcs.keys[near], arcs.mentee[near], arcs.mentor[near], arcs.gain[near])
