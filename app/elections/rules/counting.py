"""Counting ranked ballots: instant runoff for one seat, single transferable vote for several.

One seat: the candidate with more than half of the votes that still count is elected; while there
is none, the last one drops out and each of their ballots goes to its next choice.

Several seats: the weighted inclusive Gregory method with the Droop quota, as in the Scottish Local
Government Elections Order 2007, schedule 1, rules 45 to 52:

    quota = floor(ballots / (seats + 1)) + 1
    value of a ballot passed on = its value x (votes of the elected - quota) / votes of the elected

with exact fractions instead of five decimals. Largest surplus first; surpluses before exclusions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from app.elections.rules.ballots import Ranking
from app.elections.rules.states import TieRule

Tallies = dict[int, Fraction]


@dataclass(frozen=True, slots=True)
class Tie:
    """Who was level, whom the declared rule chose (to drop out or to pass on first), and how."""

    level: tuple[int, ...]
    chosen: int
    by: str


@dataclass(frozen=True, slots=True)
class Round:
    """Where the votes stood, and what followed from it."""

    tallies: Tallies
    exhausted: Fraction
    needed: Fraction
    elected: tuple[int, ...] = ()
    excluded: int | None = None
    surplus_of: int | None = None
    tie: Tie | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """Who was elected, in that order, and every round."""

    elected: tuple[int, ...]
    rounds: tuple[Round, ...]
    is_joint: bool = False


def count(
    ballots: Mapping[Ranking, int],
    candidates: Iterable[int],
    seats: int,
    tie_rule: TieRule,
    lot: Sequence[int],
) -> Result:
    """Count; who is not among the candidates (any more) is passed over on every ballot."""
    return _Count(ballots, sorted(candidates), seats, tie_rule, lot).run()


@dataclass
class _Parcel:
    """All ballots with one ranking: they always move together."""

    ranking: Ranking
    value: Fraction
    holder: int | None = None


@dataclass
class _Count:
    ballots: Mapping[Ranking, int]
    candidates: list[int]
    seats: int
    tie_rule: TieRule
    lot: Sequence[int]
    parcels: list[_Parcel] = field(default_factory=list)
    elected: list[int] = field(default_factory=list)
    settled: Tallies = field(default_factory=dict)
    rounds: list[Round] = field(default_factory=list)
    is_joint: bool = False

    def run(self) -> Result:
        self.continuing = list(self.candidates)
        for ranking, number in sorted(self.ballots.items()):
            self._hand_on(_Parcel(ranking, Fraction(number)))
        self.total = sum(self.ballots.values())
        if self.total:
            while self._round():
                pass
        return Result(tuple(self.elected), tuple(self.rounds), self.is_joint)

    def _hand_on(self, parcel: _Parcel) -> None:
        parcel.holder = next((n for n in parcel.ranking if n in self.continuing), None)
        self.parcels.append(parcel)

    def _tallies(self) -> Tallies:
        tallies = dict.fromkeys([*self.continuing, *self.elected], Fraction(0)) | self.settled
        for parcel in self.parcels:
            if parcel.holder is not None:
                tallies[parcel.holder] += parcel.value
        return dict(sorted(tallies.items()))

    def _needed(self, tallies: Tallies) -> Fraction:
        if self.seats > 1:
            return Fraction(self.total // (self.seats + 1) + 1)
        return sum((tallies[n] for n in self.continuing), Fraction(0)) / 2

    def _round(self) -> bool:
        """One round; whether another one follows."""
        tallies = self._tallies()
        needed = self._needed(tallies)
        winners = self._winners(tallies, needed)
        for number in winners:
            self.continuing.remove(number)
            self.elected.append(number)
        exhausted = Fraction(self.total) - sum(tallies.values(), Fraction(0))
        facts = (tallies, exhausted, needed, tuple(winners))
        if len(self.elected) >= self.seats or not self.continuing:
            self.rounds.append(Round(*facts))
            return False
        surplus = {n: tallies[n] - needed for n in self.elected if n not in self.settled}
        surplus = {n: more for n, more in surplus.items() if more > 0}
        if surplus:
            self._pass_on_surplus(facts, surplus)
        else:
            self._exclude(facts)
        return True

    def _winners(self, tallies: Tallies, needed: Fraction) -> list[int]:
        left = self.seats - len(self.elected)
        by_votes = sorted(self.continuing, key=lambda n: (-tallies[n], self.lot.index(n)))
        if len(by_votes) <= left:
            return by_votes
        reached = [n for n in by_votes if self._reaches(tallies[n], needed)]
        if not reached and self._all_share(tallies):
            self.is_joint = True
            return by_votes
        return reached

    def _reaches(self, votes: Fraction, needed: Fraction) -> bool:
        return votes > needed if self.seats == 1 else votes >= needed

    def _all_share(self, tallies: Tallies) -> bool:
        """A joint term: all who are left are level, and there are not enough seats for them."""
        if self.tie_rule is not TieRule.JOINT or self._has_surplus(tallies):
            return False
        votes = {tallies[n] for n in self.continuing}
        return len(votes) == 1 and votes != {Fraction(0)}

    def _has_surplus(self, tallies: Tallies) -> bool:
        needed = self._needed(tallies)
        return any(tallies[n] > needed for n in self.elected if n not in self.settled)

    def _pass_on_surplus(
        self,
        facts: tuple[Tallies, Fraction, Fraction, tuple[int, ...]],
        surplus: Tallies,
    ) -> None:
        most = max(surplus.values())
        chosen, tie = self._choose([n for n in surplus if surplus[n] == most], best=True)
        tallies, _exhausted, needed, _winners = facts
        self.rounds.append(Round(*facts, surplus_of=chosen, tie=tie))
        share = most / tallies[chosen]
        self.settled[chosen] = needed
        self._release(chosen, share)

    def _exclude(self, facts: tuple[Tallies, Fraction, Fraction, tuple[int, ...]]) -> None:
        tallies = facts[0]
        least = min(tallies[n] for n in self.continuing)
        chosen, tie = self._choose([n for n in self.continuing if tallies[n] == least], best=False)
        self.rounds.append(Round(*facts, excluded=chosen, tie=tie))
        self.continuing.remove(chosen)
        self._release(chosen, Fraction(1))

    def _release(self, number: int, share: Fraction) -> None:
        """Every ballot of a candidate goes on with a share of its value."""
        released = [parcel for parcel in self.parcels if parcel.holder == number]
        self.parcels = [parcel for parcel in self.parcels if parcel.holder != number]
        for parcel in released:
            self._hand_on(_Parcel(parcel.ranking, parcel.value * share))

    def _choose(self, level: list[int], *, best: bool) -> tuple[int, Tie | None]:
        """One of those who are level, by the declared rule; the lot is the last resort."""
        if len(level) == 1:
            return level[0], None
        left = sorted(level)
        if self.tie_rule is not TieRule.LOT:
            left = self._by_earlier_rounds(left, best=best)
        if len(left) == 1:
            return left[0], Tie(tuple(sorted(level)), left[0], TieRule.EARLIER_ROUNDS.value)
        drawn = sorted(left, key=self.lot.index)
        chosen = drawn[0] if best else drawn[-1]
        return chosen, Tie(tuple(sorted(level)), chosen, TieRule.LOT.value)

    def _by_earlier_rounds(self, level: list[int], *, best: bool) -> list[int]:
        """Those with the most (or fewest) votes in the latest round that tells them apart."""
        pick = max if best else min
        for earlier in reversed(self.rounds):
            goal = pick(earlier.tallies[n] for n in level)
            level = [n for n in level if earlier.tallies[n] == goal]
            if len(level) == 1:
                break
        return level
