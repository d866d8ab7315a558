"""Wall times, as clocks on a wall show them, and the instants they mean."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


class NonexistentTime(ValueError):
    """The clocks skip this wall time; `suggestion` is the same moment on the new clock."""

    def __init__(self, suggestion: datetime) -> None:
        super().__init__("nonexistent")
        self.suggestion = suggestion


class AmbiguousTime(ValueError):
    """The clocks show this wall time twice; somebody must say which one is meant."""


def instant_of(wall: datetime, zone: str, fold: int | None = None) -> datetime:
    """The UTC instant of a naive wall time in a zone; raises when it is skipped or unclear."""
    local = wall.replace(tzinfo=ZoneInfo(zone), fold=0)
    there_and_back = wall_of(local.astimezone(UTC), zone)
    if there_and_back != wall.replace(fold=0):
        raise NonexistentTime(there_and_back)
    second = wall.replace(tzinfo=ZoneInfo(zone), fold=1)
    if second.utcoffset() != local.utcoffset() and fold is None:
        raise AmbiguousTime
    return (second if fold == 1 else local).astimezone(UTC)


def is_shown_twice(wall: datetime, zone: str) -> bool:
    """Whether the clocks of a zone show this wall time twice."""
    try:
        instant_of(wall, zone)
    except AmbiguousTime:
        return True
    except NonexistentTime:
        return False
    return False


def wall_of(instant: datetime, zone: str) -> datetime:
    """The naive wall time of an instant in a zone."""
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
