"""A say in the choice: fair shortlists, and solving again with what people answered."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .assignment import Floats, Ints, Problem, assign
from .scoring import Scorer
from .solver import concluded, ordered, solve
from .types import IdPair, Instance, Outcome

EXPOSURE = 2.0  # in how many shortlists a mentor is, per free place
FEWEST, MOST = 3, 5
KEEP = 0.05  # what a pair of the proposal is worth when others have answered
FIRST = 0.5  # a listed mentor counts from here up, by the mentee's rank; others stay below


@dataclass(frozen=True)
class Candidate:
    """A mentor in a shortlist: the public score, what the place costs others, and the difference.

    ``proposed`` is the mentor of the whole group's best matching.
    """

    mentor: str
    score: float
    price: float | None
    value: float
    proposed: bool = False


def shortlists(
    instance: Instance,
    outcome: Outcome,
    *,
    unwanted: frozenset[IdPair] = frozenset(),
    most: int = MOST,
    exposure: float = EXPOSURE,
) -> dict[str, tuple[Candidate, ...]]:
    """Up to ``most`` candidates for each mentee, ranked by score minus price.

    Round by round everybody gets one more (the proposal is the first) by an assignment that
    serves the most people, until each mentor is in about ``exposure`` lists per place. Only the
    pairs and public facts count, so that a list tells nothing of anybody's private answers;
    ``unwanted`` pairs, which a mentee ruled out in silence, are left out of that mentee's own list.
    """
    scorer = Scorer(ordered(instance))
    problem = scorer.problem(public=True)
    price = np.array([_price(outcome, m.id) for m in scorer.instance.mentors])
    score: Floats = ((problem.score - price + 1) / 2).clip(max=1).astype(np.float32)
    room = np.ceil(problem.capacity * exposure).astype(np.int64)
    lists: list[list[int]] = [[] for _ in scorer.rows]
    pairs = [(scorer.rows[e], scorer.columns[r]) for e, r in outcome.mate.items()]
    for count in range(1, most + 1):
        for row, column in pairs:
            lists[row].append(column)
            score[row, column] = -np.inf
            room[column] -= 1
        pairs = _one_more(score, room)
        short = np.array([len(found) <= count for found in lists])
        short[[row for row, _ in pairs]] = False
        if count < FEWEST and short.any():  # too few choices are worse than a mentor seen once more
            others = np.where(short[:, None], score, -np.inf).astype(np.float32)
            spare = np.maximum(room - np.bincount([c for _, c in pairs], minlength=len(room)), 0)
            pairs += _one_more(others, spare + (problem.capacity > 0))
    left_out = {(scorer.row(e), scorer.column(r)) for e, r in unwanted}
    found = {}
    for row, mentee in enumerate(scorer.instance.mentees):
        columns = [column for column in lists[row] if (row, column) not in left_out]
        found[mentee.id] = _ranked(scorer, outcome, problem.score, price, row, columns)
    return found


def _price(outcome: Outcome, mentor: str) -> float:
    price = outcome.prices.get(mentor)
    return 1.0 if price is None else min(max(price, -1.0), 1.0)


def _one_more(score: Floats, room: Ints) -> list[tuple[int, int]]:
    nothing, nobody = np.zeros(len(room), np.int64), np.zeros(len(score), np.int64)
    found = assign(Problem(score, np.maximum(room, 0), nothing, nobody))
    return [(int(row), int(column)) for row, column in found.pairs.tolist()]


def _ranked(
    scorer: Scorer,
    outcome: Outcome,
    shown: Floats,
    price: Floats,
    row: int,
    columns: Sequence[int],
) -> tuple[Candidate, ...]:
    mentee, mentors = scorer.instance.mentees[row].id, scorer.instance.mentors
    own = outcome.mate.get(mentee)
    found = []
    for column in columns:
        name, score = mentors[column].id, float(shown[row, column])
        score = score if math.isfinite(score) else 0.0
        cost = outcome.prices.get(name)
        value = score - float(price[column])
        found.append(Candidate(name, score, cost, value, proposed=name == own))
    return tuple(sorted(found, key=lambda c: (-c.value, -c.score, c.mentor)))


def after_answers(
    instance: Instance,
    outcome: Outcome,
    accepted: Iterable[IdPair] = (),
    declined: Iterable[IdPair] = (),
) -> Outcome:
    """Solve again: accepted pairs are fixed, declined ones ruled out, others stay if they can."""
    kept, ruled_out = frozenset(accepted), frozenset(declined)
    return solve(
        replace(
            instance,
            locked=instance.locked | kept,
            banned=(instance.banned | ruled_out) - kept,
            current=frozenset(outcome.mate.items()) - ruled_out,
            stickiness=max(instance.stickiness, KEEP),
        )
    )


def by_choice(instance: Instance, ranked: Mapping[str, Sequence[str]]) -> Outcome:
    """The matching that follows the mentees' own ranking of their shortlists.

    The most people are matched first; then listed mentors count by rank, and anybody else less
    than any of them.
    """
    plain = replace(instance, objective="total")
    scorer = Scorer(ordered(plain))
    problem = scorer.problem(public=False)
    found = assign(followed(scorer, problem, ranked))
    return concluded(plain, scorer, problem, found)


def followed(scorer: Scorer, problem: Problem, ranked: Mapping[str, Sequence[str]]) -> Problem:
    """The problem with listed mentors counting by rank, and anybody else less than any of them."""
    score = problem.score * np.float32(FIRST)
    for mentee, mentors in ranked.items():
        row = scorer.row(mentee)
        for at, mentor in enumerate(mentors):
            column = scorer.column(mentor)
            if score[row, column] > -np.inf:
                score[row, column] = 1 - (1 - FIRST) * at / max(len(mentors), 1)
    return replace(problem, score=score)
