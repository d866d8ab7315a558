"""The exact waitlist: who gets a seat, who is offered one, who is called.

Order is (priority, queue time, id). A party larger than the gap is skipped and keeps its place.
More than 48 hours before the start a free seat is given outright; from 48 to 3 hours it is
offered with a deadline and held meanwhile; under 3 hours those who wait are called and the first
claim wins.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

MOST_SEATS = 1_000_000
AUTOMATIC_UNTIL = timedelta(hours=48)
TIMED_UNTIL = timedelta(hours=3)


class Ladder(StrEnum):
    """How a free seat is handed on, by the time that is left."""

    AUTOMATIC = "automatic"
    TIMED = "timed"
    BROADCAST = "broadcast"


class Verdict(StrEnum):
    """What admission decides about a claim; no verdict means it keeps waiting."""

    SEAT = "seat"
    OFFER = "offer"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody in the queue of one mode; `seats` is the party with its guests."""

    id: UUID
    seats: int
    queued_at: datetime
    priority: int = 0
    is_present: bool = False
    was_called: bool = False

    @property
    def order(self) -> tuple[int, datetime, UUID]:
        """The key of the queue."""
        return (self.priority, self.queued_at, self.id)


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict about one claim."""

    claim_id: UUID
    verdict: Verdict


def ladder_at(now: datetime, starts_at: datetime) -> Ladder:
    """The rung by the time to the start."""
    left = starts_at - now
    if left > AUTOMATIC_UNTIL:
        return Ladder.AUTOMATIC
    return Ladder.TIMED if left > TIMED_UNTIL else Ladder.BROADCAST


def free_seats(capacity: int | None, held: int) -> int | None:
    """Seats to give away: None is unlimited; never below zero, however much it was lowered."""
    return None if capacity is None else max(0, capacity - held)


def admit(free: int | None, queue: Iterable[Claim], ladder: Ladder) -> list[Decision]:
    """Walk the queue of one mode once, in order, and decide about everybody who fits."""
    ordered = sorted(queue, key=lambda claim: claim.order)
    if ladder is Ladder.BROADCAST:
        return _call(free, ordered)
    decisions, gap = [], free
    for claim in ordered:
        if not _fits(claim, gap):
            continue
        gives = ladder is Ladder.AUTOMATIC or claim.is_present
        decisions.append(Decision(claim.id, Verdict.SEAT if gives else Verdict.OFFER))
        gap = _less(gap, claim.seats)
    return decisions


def _call(free: int | None, ordered: list[Claim]) -> list[Decision]:
    """Free seats are kept for those who wait; of these the present one takes what was called."""
    decisions, gap = [], free
    for claim in ordered:
        if claim.is_present and _fits(claim, gap) and _may_take(claim, gap, ordered):
            decisions.append(Decision(claim.id, Verdict.SEAT))
            gap = _less(gap, claim.seats)
    seated = {decision.claim_id for decision in decisions}
    called = [c for c in ordered if c.id not in seated and not c.was_called and _fits(c, gap)]
    return decisions + [Decision(claim.id, Verdict.CALL) for claim in called]


def _may_take(claim: Claim, gap: int | None, ordered: list[Claim]) -> bool:
    """Who was called may take it; a newcomer only what no waiting person could take."""
    others = (c for c in ordered if c.id != claim.id)
    return gap is None or claim.was_called or not any(_fits(other, gap) for other in others)


def _fits(claim: Claim, gap: int | None) -> bool:
    return gap is None or claim.seats <= gap


def _less(gap: int | None, seats: int) -> int | None:
    return None if gap is None else gap - seats
