"""Scans at the door: when they count, and which moment a device's clock meant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

OPENS_BEFORE = timedelta(hours=2)
SETTLES_AFTER = timedelta(hours=1)  # by then devices that were offline have come back, mostly
MERGE_WITHIN = timedelta(days=7)


class Method(StrEnum):
    """How somebody was checked in."""

    SCAN = "scan"
    TYPED = "typed"
    ROOM_CODE = "room_code"
    BY_NAME = "by_name"
    WALK_IN = "walk_in"


class Outcome(StrEnum):
    """What became of a scan."""

    CHECKED_IN = "checked_in"
    DUPLICATE = "duplicate"
    UNKNOWN = "unknown"
    NO_SEAT = "no_seat"
    UNDONE = "undone"
    WRONG = "wrong"
    TOO_OFTEN = "too_often"


@dataclass(frozen=True, slots=True)
class Scanned:
    """A scan as a device reports it: its own id, what it read, and when by its own clock."""

    id: UUID
    code: str
    at: datetime
    device: str = ""
    method: Method = Method.SCAN


def is_open(now: datetime, starts_at: datetime, ends_at: datetime) -> bool:
    """Whether people are checked in: from two hours before until an hour after the end."""
    return starts_at - OPENS_BEFORE <= now <= ends_at + SETTLES_AFTER


def takes_scans(now: datetime, starts_at: datetime, ends_at: datetime) -> bool:
    """Whether what a device kept while it was offline is still taken."""
    return starts_at - OPENS_BEFORE <= now <= ends_at + MERGE_WITHIN


def corrected(
    at: datetime, sent_at: datetime, now: datetime, starts_at: datetime, ends_at: datetime
) -> datetime:
    """When it was by our clock: a device whose clock is wrong was wrong when it sent as well.

    What still lies outside of the time of check-in is moved to its edge.
    """
    moment = at + (now - sent_at)
    return max(starts_at - OPENS_BEFORE, min(moment, now, ends_at + SETTLES_AFTER))
