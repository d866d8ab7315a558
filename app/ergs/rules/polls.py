"""When members let go of confidentiality: each of them has to agree, and nobody learns who did not.

Answers are looked at only twice: on the day of a snapshot, and when the notice is over. Both times
each member must have said yes; no answer is a no. One poll in four ends with "stays" by lot,
whatever was answered, so that "stays" never proves that somebody is there who did not agree.
"""

from __future__ import annotations

from collections.abc import Set
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from app.ergs.rules.snapshots import Band

OPEN_FOR = timedelta(days=28)
NOTICE = timedelta(days=30)
REST = timedelta(days=180)
TAKEN_BACK_WITHIN = timedelta(hours=1)
SMALLEST = 10
LOTS = 256
LOST_LOTS = 64


class PollState(StrEnum):
    """Open; agreed and waiting for its day; stays confidential; withdrawn by leads; carried out."""

    OPEN = "open"
    AGREED = "agreed"
    STAYS = "stays"
    WITHDRAWN = "withdrawn"
    DONE = "done"


POLL_TRANSITIONS = {
    PollState.OPEN: frozenset({PollState.AGREED, PollState.STAYS, PollState.WITHDRAWN}),
    PollState.AGREED: frozenset({PollState.DONE, PollState.STAYS, PollState.WITHDRAWN}),
}
LIVE = tuple(POLL_TRANSITIONS)


def counted_on(opened: date) -> date:
    """The first day of a month, as snapshots are, that leaves everybody four weeks to answer."""
    earliest = opened + OPEN_FOR
    return (earliest.replace(day=1) + timedelta(days=31)).replace(day=1)


def is_large_enough(band: Band | None) -> bool:
    """Whether the group is so large that an outcome points to nobody; the band is public."""
    return band is not None and band.low >= SMALLEST


def rests_until(
    opened_at: datetime, closed_at: datetime | None, state: PollState
) -> datetime | None:
    """When the next poll may begin; one taken back before anybody was told does not count."""
    is_slip = closed_at is not None and closed_at - opened_at < TAKEN_BACK_WITHIN
    return None if state is PollState.WITHDRAWN and is_slip else opened_at + REST


def agrees(members: Set[UUID], consenting: Set[UUID], band: Band | None, lot: int) -> bool:
    """Whether each member said yes, in a group that is large enough, and the lot was not lost."""
    is_won = lot >= LOST_LOTS
    return members <= consenting and is_large_enough(band) and is_won
