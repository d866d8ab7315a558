"""What a change of weights would do, while somebody still moves the slider.

Each factor's columns are kept without their weights; a change scales them and multiplies again.
The solver starts from the pairs that are worth most at the prices before any change, which is
nearly always all it needs; the proof asks for others where it is not. The same weights always give
the same answer, and ties fall as in the matching before any change.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from .assignment import UNIT, Aim, Floats, Ints, Problem, assign, chunks, distinct, improve
from .scoring import Bound, Scorer
from .solver import ordered, refuse_shortfall
from .text import MatchingError
from .types import Instance

NEAR = 0.06  # a pair this close to a mentee's best, price counted, is looked at from the start
MANY = 20  # such pairs per mentee at most; should others be needed, the proof asks for them
Weight = tuple[str, float]  # a factor's label and how much it counted before any change


@dataclass(frozen=True)
class Preview:
    """The matching under tried weights, and how far it is from the one before."""

    mate: Mapping[str, str]
    total: float
    floor: float | None
    matched: int
    changed: int
    seconds: float


class Previewer:
    """Tries weights on one instance, on public factors alone; several may ask at the same time.

    It keeps ids and numbers of pairs, and nothing that anybody answered.
    """

    def __init__(self, instance: Instance) -> None:
        scorer = Scorer(ordered(instance))
        self.problem = scorer.problem(public=True)
        self.ruled_out = np.isneginf(self.problem.score)
        folded = [bound for bound in scorer.shown if bound.factor.linear]
        rest = [bound for bound in scorer.shown if not bound.factor.linear]
        self.folded, self.rest = [_weight(one) for one in folded], [_weight(one) for one in rest]
        self.kept = [_whole(bound, len(scorer.rows)) for bound in rest]
        linear = [bound.factor.linear for bound in folded if bound.factor.linear]
        self.left = np.hstack([rows for rows, _ in linear]) if linear else None
        self.right = [columns for _, columns in linear]
        self.mentees = [person.id for person in scorer.instance.mentees]
        self.mentors = [person.id for person in scorer.instance.mentors]
        first = assign(self.problem)
        self.own = first.mate
        self.price = np.clip(first.certificate.price / UNIT, -1, 2).astype(np.float32)
        rows = np.flatnonzero(first.mate >= 0)
        self.kept_keys: Ints = rows * len(self.mentors) + first.mate[rows]
        # from here on ties fall as they are now
        self.problem = replace(self.problem, aim=Aim(current=first.pairs, bonus=1))

    @property
    def size(self) -> int:
        """How many bytes are kept, nearly all of them in the tables of pairs."""
        tables = [self.problem.score, self.ruled_out, *self.kept, *self.right]
        return sum(table.nbytes for table in tables) + (
            0 if self.left is None else self.left.nbytes
        )

    def tried(self, weights: Mapping[str, float]) -> Preview:
        """The matching if these factors (by label) had these weights; the others keep theirs."""
        start = time.perf_counter()
        problem = replace(self.problem, score=self._scores(weights))
        found = improve(problem, self._near(problem))
        refuse_shortfall(problem, found, self.mentors)
        pairs = found.pairs
        scores = problem.score[pairs[:, 0], pairs[:, 1]].astype(float)
        mate = {self.mentees[row]: self.mentors[column] for row, column in pairs.tolist()}
        changed = int((found.mate != self.own).sum())
        floor = float(scores.min()) if len(scores) else None
        spent = time.perf_counter() - start
        return Preview(mate, float(scores.sum()), floor, len(pairs), changed, spent)

    def _near(self, problem: Problem) -> Ints:
        """Keys of the pairs worth most at the prices before the change, and of the pairs then."""
        found, width = [self.kept_keys], len(self.mentors)
        for rows in chunks(len(self.mentees)):
            worth = problem.score[rows] - self.price
            best = worth.max(axis=1, keepdims=True, initial=-np.inf)
            close = np.flatnonzero((worth >= best - np.float32(NEAR)) & (worth > -np.inf))
            step = -(-len(close) // (MANY * len(worth)))
            found.append(close[:: max(step, 1)] + rows.start * width)
        keys = distinct(np.concatenate(found))
        near: Ints = keys[problem.free[keys // width]]
        return near

    def _scores(self, weights: Mapping[str, float]) -> Floats:
        known = [*self.folded, *self.rest]
        labels = {label for label, _ in known}
        for label, weight in weights.items():
            if label not in labels or not 0 <= weight < np.inf:
                raise MatchingError("bad_weight", label=label)
        whole = sum(weights.get(label, weight) for label, weight in known)
        if whole <= 0:
            raise MatchingError("no_preference")

        def shares(factors: list[Weight]) -> list[np.float32]:
            return [np.float32(weights.get(label, own) / whole) for label, own in factors]

        score = np.zeros(self.problem.score.shape, np.float32)
        if self.left is not None:
            scaled = [
                s * columns for s, columns in zip(shares(self.folded), self.right, strict=True)
            ]
            np.matmul(self.left, np.hstack(scaled).T, out=score)
        for share, degrees in zip(shares(self.rest), self.kept, strict=True):
            score += share * degrees
        np.clip(score, 0, 1, out=score)
        score[self.ruled_out] = -np.inf
        return score


def _weight(bound: Bound) -> Weight:
    return bound.rule.label, float(bound.rule.weight)


def _whole(bound: Bound, mentees: int) -> Floats:
    whole: Floats = bound.factor.degree(slice(0, mentees)).astype(np.float32)
    return whole
