"""Why somebody who waits has no seat yet, and what happens next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.events.rules.seats import AUTOMATIC_UNTIL, TIMED_UNTIL, Ladder, ladder_at


@dataclass(frozen=True, slots=True)
class Outlook:
    """The truth about a place in the queue; numbers are None where they are nobody's business.

    `until` is when this rung of the ladder ends: the next one begins then, or the event. Closed is
    the way of taking part for which the person waits.
    """

    rung: Ladder
    until: datetime
    party: int
    position: int | None = None
    free: int | None = None
    offered: int | None = None
    is_paused: bool = False
    is_closed: bool = False

    @property
    def is_too_large(self) -> bool:
        """Whether seats are free, but fewer than the party needs."""
        return bool(self.free) and self.party > (self.free or 0)


def rung_until(now: datetime, starts_at: datetime) -> tuple[Ladder, datetime]:
    """The rung of now, and when it ends."""
    rung = ladder_at(now, starts_at)
    ends = {
        Ladder.AUTOMATIC: starts_at - AUTOMATIC_UNTIL,
        Ladder.TIMED: starts_at - TIMED_UNTIL,
        Ladder.BROADCAST: starts_at,
    }
    return rung, ends[rung]
