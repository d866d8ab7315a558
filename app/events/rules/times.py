"""Local wall time and instants; deadlines and reminders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.events.rules.seats import TIMED_UNTIL
from app.events.rules.states import Mode, Phase

OFFER_WAKING_HOURS = timedelta(hours=6)


class NonexistentTime(ValueError):
    """The clocks skip this wall time; `suggestion` is the same moment on the new clock."""

    def __init__(self, suggestion: datetime) -> None:
        super().__init__("nonexistent")
        self.suggestion = suggestion


class AmbiguousTime(ValueError):
    """The clocks show this wall time twice; somebody must say which one is meant."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """When to remind, and until when it makes sense."""

    name: str
    due: datetime
    expires: datetime


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


def wall_of(instant: datetime, zone: str) -> datetime:
    """The naive wall time of an instant in a zone."""
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def phase_at(now: datetime, starts_at: datetime, ends_at: datetime) -> Phase:
    """Where the clock stands."""
    if now < starts_at:
        return Phase.UPCOMING
    return Phase.LIVE if now < ends_at else Phase.ENDED


def shown_zones(
    starts_at: datetime, zone: str, viewer_zone: str, mode: Mode
) -> tuple[str, str | None]:
    """Which zone to print first and, when the clocks differ, second."""
    here = starts_at.astimezone(ZoneInfo(viewer_zone)).utcoffset()
    there = starts_at.astimezone(ZoneInfo(zone)).utcoffset()
    first, second = (zone, viewer_zone) if mode is Mode.IN_PERSON else (viewer_zone, zone)
    return (first, None if here == there else second)


def offer_deadline(
    now: datetime, starts_at: datetime, zone: str, quiet_from: time | None, quiet_to: time | None
) -> datetime:
    """Until when an offered seat is held: six waking hours, but not into the last three."""
    waking = _after_waking(now, OFFER_WAKING_HOURS, ZoneInfo(zone), quiet_from, quiet_to)
    return min(waking, starts_at - TIMED_UNTIL)


def _after_waking(
    now: datetime, left: timedelta, zone: ZoneInfo, quiet_from: time | None, quiet_to: time | None
) -> datetime:
    if quiet_from is None or quiet_to is None or quiet_from == quiet_to:
        return now + left
    at = now
    while left > timedelta():
        to_sleep, to_wake = _next(at, quiet_from, zone), _next(at, quiet_to, zone)
        if to_wake < to_sleep:  # asleep: the next thing that happens is waking up
            at = to_wake
            continue
        step = min(left, to_sleep - at)
        at, left = at + step, left - step
    return at


def _next(at: datetime, clock: time, zone: ZoneInfo) -> datetime:
    """The first instant after `at` when the clocks of a zone show `clock`."""
    day = at.astimezone(zone).date()
    for ahead in (0, 1, 2):
        found = datetime.combine(day + timedelta(days=ahead), clock, zone).astimezone(UTC)
        if found > at:
            return found
    raise AssertionError("a day has every wall time, give or take a clock change")


def reminders(starts_at: datetime, now: datetime) -> list[Reminder]:
    """What still lies ahead: a day before and an hour before the current start."""
    hour = timedelta(hours=1)
    planned = [
        Reminder("event_tomorrow", starts_at - 24 * hour, starts_at - 2 * hour),
        Reminder("event_soon", starts_at - hour, starts_at),
    ]
    return [reminder for reminder in planned if reminder.due > now]
