"""The times of a date: as a series settles them, as viewers see them, and deadlines of offers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.core.walls import AmbiguousTime, NonexistentTime, instant_of
from app.events.rules.seats import TIMED_UNTIL
from app.events.rules.states import Mode, Phase

OFFER_WAKING_HOURS = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Settled:
    """What a wall time of a series comes to on one day of a zone."""

    wall: datetime
    instant: datetime
    is_moved: bool = False
    is_twice: bool = False


def settled(wall: datetime, zone: str) -> Settled:
    """A wall time that nobody can be asked about: RFC 5545's way for the dates of a series.

    A time the clocks skip is read with the offset before the change, which is the same moment on
    the new clock; of a time they show twice it is the first.
    """
    try:
        return Settled(wall, instant_of(wall, zone))
    except AmbiguousTime:
        return Settled(wall, instant_of(wall, zone, 0), is_twice=True)
    except NonexistentTime as skipped:
        moved = skipped.suggestion
        return Settled(moved, instant_of(moved, zone, 0), is_moved=True)


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
