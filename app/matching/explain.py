"""Why this pair, why not her, why am I still waiting: answers that rest on public factors alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .scoring import Scorer
from .text import Message
from .types import Instance, Outcome, Pair

NEAR = 1e-4  # by how much sums of rounded scores and prices may differ


@dataclass(frozen=True)
class Alternative:
    """Another mentor for a mentee: the score, what the place costs others, and the difference."""

    mentor: str
    score: float
    price: float | None
    value: float


class Explainer:
    """Answers about a run, from its instance, its pairs and its public prices.

    Both may come from storage: ``mate`` maps mentee to mentor ids, ``prices`` mentor ids to the
    prices of an Outcome.
    """

    def __init__(
        self,
        instance: Instance,
        mate: Mapping[str, str],
        prices: Mapping[str, float | None],
        scorer: Scorer | None = None,
    ) -> None:
        self.instance, self.mate, self.prices = instance, mate, prices
        self.scorer = scorer or Scorer(instance)

    @classmethod
    def of(cls, instance: Instance, outcome: Outcome) -> Explainer:
        """An explainer for an outcome at hand."""
        return cls(instance, outcome.mate, outcome.prices)

    def explain_pair(self, mentee: str, mentor: str) -> Pair:
        """Any pair's public score with its contributions, whether proposed or not."""
        row, column = self.scorer.row(mentee), self.scorer.column(mentor)
        parts = self.scorer.contributions(row, column)
        locked = (mentee, mentor) in self.instance.locked
        return Pair(mentee, mentor, float(sum(c.points for c in parts)), parts, locked)

    def why_not(self, mentee: str, mentor: str) -> Message:
        """The first rule that fails, or what the place would have cost others."""
        row, column = self.scorer.row(mentee), self.scorer.column(mentor)
        own = self.mate.get(mentee)
        if own == mentor:
            return Message("already_paired")
        failed = self.scorer.failed(row, column)
        if failed:
            return failed
        if any(pair[0] == mentee for pair in self.instance.locked):
            return Message("locked_elsewhere")
        return self._priced(mentee, mentor, own)

    def _priced(self, mentee: str, mentor: str, own: str | None) -> Message:
        score, price = self._score(mentee, mentor), self.prices.get(mentor, 0.0)
        shown: dict[str, object] = {"score": round(score, 3)}
        mine = self._score(mentee, own) if own else 0.0
        if own and score <= mine:
            return Message("better_elsewhere", {**shown, "own": round(mine, 3)})
        if self.instance.discreet:
            return self._priced_openly(mentor, own, {"score": score, "own": mine}, shown)
        if price == 0:
            return Message("not_chosen", shown)
        if price is None:
            return Message("would_displace", shown)
        return Message("contested", {**shown, "price": round(price, 3)})

    def _priced_openly(
        self, mentor: str, own: str | None, scores: Mapping[str, float], shown: dict[str, object]
    ) -> Message:
        """The price, where the place is taken and the price alone explains why by others.

        It rests on public factors and the pairs, so it tells no more than they do; where it would
        not be enough, something else decided, and the sentence names nothing.
        """
        price, cost = self.prices.get(mentor, 0.0), self.prices.get(own, 0.0) if own else 0.0
        places = self.instance.mentors[self.scorer.column(mentor)].capacity
        is_taken = sum(one == mentor for one in self.mate.values()) >= places
        if not is_taken or cost is None:
            return Message("not_chosen", shown)
        if price is None:
            return Message("would_displace_openly", shown)
        if price > 0 and scores["score"] - price <= scores["own"] - cost + NEAR:
            return Message("contested_openly", {**shown, "price": round(price, 3)})
        return Message("not_chosen", shown)

    def _score(self, mentee: str, mentor: str) -> float:
        return self.explain_pair(mentee, mentor).score

    def alternatives(self, mentee: str, k: int = 5) -> tuple[Alternative, ...]:
        """The k best other mentors by score minus price; those whose place would displace someone
        come last."""
        row = self.scorer.row(mentee)
        scores = self.scorer.block(slice(row, row + 1), public=True)[0].astype(float)
        found = []
        for mentor in self.instance.mentors:
            score = float(scores[self.scorer.columns[mentor.id]])
            if mentor.capacity == 0 or score == -np.inf or self.mate.get(mentee) == mentor.id:
                continue
            price = self.prices.get(mentor.id, 0.0)
            value = score - price if price is not None else score - 2.0
            found.append(Alternative(mentor.id, score, price, value))
        return tuple(sorted(found, key=lambda a: (-a.value, -a.score, a.mentor))[:k])

    def why_waiting(self, mentee: str) -> tuple[Message, ...]:
        """The smallest set of rules that leaves nobody, and which relaxation gives whom."""
        row = self.scorer.row(mentee)
        open_places = np.array([m.capacity > 0 for m in self.instance.mentors], bool)
        if not open_places.any():
            return (Message("no_mentors"),)
        near = slice(row, row + 1)
        broken = {b.rule.label: b.breaks(near)[0] for b in self.scorer.shown_hard}
        banned = np.zeros(len(open_places), bool)
        banned[self.scorer.banned[self.scorer.banned[:, 0] == row, 1]] = True
        return _waiting(broken, open_places & ~banned, self.instance.discreet)


def _waiting(
    broken: dict[str, np.ndarray], possible: np.ndarray, discreet: bool
) -> tuple[Message, ...]:
    if not possible.any():
        return (Message("ruled_out_by_decisions"),)
    left = _left(broken, possible)
    if left:
        code = "waiting_discreetly" if discreet else "places_taken"
        return (Message(code, {"count": left}),)
    binding = dict(broken)
    for label in broken:
        rest = {other: mask for other, mask in binding.items() if other != label}
        if not _left(rest, possible):
            binding = rest
    labels = ", ".join(binding)
    return (Message("rules_leave_nobody", {"labels": labels}), *_relaxations(broken, possible))


def _left(broken: dict[str, np.ndarray], possible: np.ndarray) -> int:
    return int((possible & ~np.any([np.zeros_like(possible), *broken.values()], axis=0)).sum())


def _relaxations(broken: dict[str, np.ndarray], possible: np.ndarray) -> tuple[Message, ...]:
    """Each single rule whose absence would help; else the fewest that must go together."""
    found = []
    for label in broken:
        rest = {other: mask for other, mask in broken.items() if other != label}
        if count := _left(rest, possible):
            found.append(Message("relax", {"label": label, "count": count}))
    if found:
        return tuple(found)
    violations = np.sum(list(broken.values()), axis=0)
    nearest = int(np.where(possible, violations, len(broken) + 1).argmin())
    together = [label for label, mask in broken.items() if mask[nearest]]
    rest = {label: mask for label, mask in broken.items() if label not in together}
    params = {"labels": ", ".join(together), "count": _left(rest, possible)}
    return (Message("relax_together", params),)
