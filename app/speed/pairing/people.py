"""Those who take part, who of them may sit together, and what a draw hands back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import combinations
from uuid import UUID


class Side(StrEnum):
    """As what somebody takes part."""

    MENTOR = "mentor"
    MENTEE = "mentee"
    BOTH = "both"


class Odd(StrEnum):
    """What happens with those who are left over in a round."""

    BENCH = "bench"
    TRIAD = "triad"


@dataclass(frozen=True, slots=True)
class Player:
    """One person as the draw sees them; `above` is everybody in the line over them."""

    id: UUID
    side: Side
    manager: UUID | None = None
    above: frozenset[UUID] = frozenset()
    department: str | None = None
    site: str | None = None
    topics: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Talk:
    """A table of one round; a third person sits there when nobody shall pause."""

    table: int
    mentor: UUID
    mentee: UUID
    third: UUID | None = None

    @property
    def people(self) -> tuple[UUID, ...]:
        """All who sit there."""
        return tuple(one for one in (self.mentor, self.mentee, self.third) if one)

    @property
    def meetings(self) -> list[frozenset[UUID]]:
        """Every two who meet there."""
        return [frozenset(two) for two in combinations(self.people, 2)]


class ReasonCode(StrEnum):
    """Why not everything asked for could be fulfilled."""

    NO_COUNTERPART = "no_counterpart"
    UNEVEN = "uneven"
    TOO_MANY_ROUNDS = "too_many_rounds"
    FEW_TABLES = "few_tables"
    FEW_PARTNERS = "few_partners"
    TANGLED = "tangled"


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason with its figure, and the people whom it concerns."""

    code: ReasonCode
    number: int = 0
    people: tuple[UUID, ...] = ()


Round = tuple[Talk, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The rounds drawn, how many of them are full, and why the others are not."""

    rounds: tuple[Round, ...]
    full: int
    reasons: tuple[Reason, ...] = field(default=())

    @property
    def talks(self) -> int:
        """How many tables over all rounds."""
        return sum(len(one) for one in self.rounds)


def are_opposite(a: Side, b: Side) -> bool:
    """Whether one of the two can be mentor and the other mentee."""
    return a is not b or a is Side.BOTH


def may_talk(a: Player, b: Player) -> bool:
    """Not oneself, not of one team, not in one line of command, however many levels apart."""
    if a.id == b.id or (a.manager is not None and a.manager == b.manager):
        return False
    is_over = a.id == b.manager or a.id in b.above
    is_under = b.id == a.manager or b.id in a.above
    return not is_over and not is_under


def met_in(rounds: Sequence[Round]) -> set[frozenset[UUID]]:
    """Every two who have met in these rounds."""
    return {two for one in rounds for talk in one for two in talk.meetings}


def talks_of(rounds: Sequence[Round]) -> dict[UUID, int]:
    """How many talks each person has in these rounds; who has none is absent."""
    counted: dict[UUID, int] = {}
    for one in rounds:
        for talk in one:
            for person in talk.people:
                counted[person] = counted.get(person, 0) + 1
    return counted
