"""What groups live with: their quorum, whose turn it is, topics, closed times, and waiting."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

LEAST_QUORUM = 3
QUORUM_CHECKED = timedelta(hours=24)  # before a session; too few by then, and all are told once
HOST_REMINDED = timedelta(days=2)
MOST_TOPICS = 3  # each member may propose that many in a round
LONGEST_VOTE = timedelta(days=30)
LONGEST_CLOSED = timedelta(days=180)
POST_RETURNS = timedelta(days=1)  # how long a deleted post can be brought back
LONGEST_POST = 2_000

Somebody = TypeVar("Somebody")


class PostKind(StrEnum):
    """What a post on a board is."""

    QUESTION = "question"
    RESOURCE = "resource"
    THANKS = "thanks"


class RoundState(StrEnum):
    """A vote on the next topic."""

    OPEN = "open"
    CLOSED = "closed"


class WaitState(StrEnum):
    """Somebody's place in the line for a seat."""

    WAITING = "waiting"
    OFFERED = "offered"
    JOINED = "joined"
    LEFT = "left"
    PASSED = "passed"


def quorum_bounds(people: int) -> tuple[int, int]:
    """Between how many and how many a group of that many may choose."""
    return min(LEAST_QUORUM, people), people


def quorum(people: int, chosen: int | None = None) -> int:
    """How many must come: what the group chose, else more than half, and at least three."""
    least, most = quorum_bounds(people)
    return min(max(chosen or people // 2 + 1, least), most)


def turn(
    people: Sequence[Somebody], number: int, taken: Mapping[int, Somebody] | None = None
) -> Somebody | None:
    """Who facilitates the session of that number, from 0: as swapped, else everybody in turn."""
    agreed = (taken or {}).get(number)
    if agreed is not None and agreed in people:
        return agreed
    return people[number % len(people)] if people else None


def own_turn(
    people: Sequence[Somebody], who: Somebody, after: int, taken: Mapping[int, Somebody]
) -> int | None:
    """The number of somebody's next turn later than a number; None when they have none."""
    return next(
        (n for n in range(after + 1, after + 1 + 2 * len(people)) if turn(people, n, taken) == who),
        None,
    )


def winner(topics: Sequence[UUID], ballots: Iterable[Collection[UUID]]) -> UUID | None:
    """The topic that most approve; of equal ones the older proposal, so `topics` begin with the
    oldest. None where nobody approves any."""
    said = [set(ballot) for ballot in ballots]
    ticks = {topic: sum(topic in ballot for ballot in said) for topic in topics}
    best = max(ticks.values(), default=0)
    return next((topic for topic in topics if best and ticks[topic] == best), None)


def closed_until(people: int, wishes: Iterable[date]) -> date | None:
    """The last day on which more than half of a group want to stay as they are."""
    needed = people // 2 + 1
    days = sorted(wishes, reverse=True)
    return days[needed - 1] if len(days) >= needed else None
