"""Fair time: which part of the world gets up early for a group's events, and whose turn is next.

An hour is fine where the whole event lies between 8:00 and 18:00 on the local clocks; it is bad
where any of it lies outside, and a night where any of it lies between 22:00 and 6:00. A bad hour
weighs 1, a night 3. A region's share is its weight among the weights of all regions.

The next slots are chosen one after the other. Each is the one that leaves the sum of the squared
weights smallest, so that whoever carried least so far carries next, and nobody is woken while
others could get up early instead. What is equal is decided by the fewer nights, then by the
earlier instant: the same question always has the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from app.core.walls import NonexistentTime, instant_of

SMALLEST = 5
DAY_FROM, DAY_TO = time(8), time(18)
NIGHT_FROM, NIGHT_TO = time(22), time(6)
STEP = timedelta(minutes=30)
AHEAD, RHYTHM, SPREAD = 7, 28, 7
SLOTS = 3


class Hour(StrEnum):
    """What an event's hour is like for those who live somewhere."""

    FINE = "fine"
    BAD = "bad"
    NIGHT = "night"


WEIGHT = {Hour.FINE: 0, Hour.BAD: 1, Hour.NIGHT: 3}


@dataclass(frozen=True, slots=True)
class Region:
    """Zones whose clocks agree all year; the first one names it."""

    zones: tuple[str, ...]

    @property
    def zone(self) -> str:
        """The zone whose clocks stand for all."""
        return self.zones[0]


@dataclass(frozen=True, slots=True)
class Burden:
    """How the dates of a group lie for one region."""

    region: Region
    dates: int
    bad: int
    nights: int

    @property
    def weight(self) -> int:
        """Bad hours count once, nights three times."""
        return WEIGHT[Hour.BAD] * self.bad + WEIGHT[Hour.NIGHT] * self.nights

    def and_then(self, hour: Hour) -> Burden:
        """With one date more."""
        return Burden(
            self.region,
            self.dates + 1,
            self.bad + (hour is Hour.BAD),
            self.nights + (hour is Hour.NIGHT),
        )


@dataclass(frozen=True, slots=True)
class Slot:
    """A proposed start on the group's clocks, and what hour it is in each region."""

    wall: datetime
    starts_at: datetime
    hours: tuple[Hour, ...]


def regions_of(people: Mapping[str, int], year: int, smallest: int = SMALLEST) -> list[Region]:
    """Regions from how many people live in each zone; where fewer than `smallest` do, none.

    Zones whose clocks agree all year are one region, named by its largest zone.
    """
    together: dict[tuple[timedelta | None, ...], list[str]] = {}
    for zone in sorted(people, key=lambda name: (-people[name], name)):
        together.setdefault(_clocks(zone, year), []).append(zone)
    large = [
        Region(tuple(zones))
        for zones in together.values()
        if sum(people[zone] for zone in zones) >= smallest
    ]
    return sorted(large, key=lambda region: (_clocks(region.zone, year)[0], region.zone))


def _clocks(zone: str, year: int) -> tuple[timedelta, ...]:
    """The offsets in the middle of each month: zones that agree on these share their hours."""
    days = (datetime(year, month, 15, 12, tzinfo=UTC) for month in range(1, 13))
    return tuple(day.astimezone(ZoneInfo(zone)).utcoffset() or timedelta() for day in days)


def hour_of(starts_at: datetime, minutes: int, zone: str) -> Hour:
    """What hour an event is where the clocks of a zone are looked at."""
    there = ZoneInfo(zone)
    first, last = (at.astimezone(there) for at in (starts_at, _last(starts_at, minutes)))
    if first.date() == last.date() and first.time() >= DAY_FROM and last.time() < DAY_TO:
        return Hour.FINE
    return Hour.NIGHT if _touches_night(first, last) else Hour.BAD


def _last(starts_at: datetime, minutes: int) -> datetime:
    """The last moment: an event that ends at 18:00 does not lie after it."""
    return starts_at + timedelta(minutes=max(minutes, 1)) - timedelta(seconds=1)


def _touches_night(first: datetime, last: datetime) -> bool:
    return (
        first.date() != last.date()
        or first.time() < NIGHT_TO
        or first.time() >= NIGHT_FROM
        or last.time() >= NIGHT_FROM
    )


def burdens_of(regions: Sequence[Region], dates: Iterable[tuple[datetime, int]]) -> list[Burden]:
    """How (start, minutes) of many dates lie for each region."""
    found = [Burden(region, 0, 0, 0) for region in regions]
    for starts_at, minutes in dates:
        found = [b.and_then(hour_of(starts_at, minutes, b.region.zone)) for b in found]
    return found


def share_of(burden: Burden, burdens: Iterable[Burden]) -> float:
    """Which part of all bad hours a region carries; nobody carries any of none."""
    whole = sum(other.weight for other in burdens)
    return burden.weight / whole if whole else 0.0


def next_slots(
    burdens: Sequence[Burden], today: date, zone: str, minutes: int, count: int = SLOTS
) -> list[Slot]:
    """Starts that balance what has been: about one a month, on weekdays of the group's zone."""
    carried, slots = list(burdens), []
    for turn in range(count if burdens else 0):
        since = today + timedelta(days=AHEAD + RHYTHM * turn)
        slot = min(_candidates(since, zone, minutes, carried), key=lambda s: _cost(s, carried))
        carried = [b.and_then(hour) for b, hour in zip(carried, slot.hours, strict=True)]
        slots.append(slot)
    return slots


def _candidates(since: date, zone: str, minutes: int, burdens: Sequence[Burden]) -> Iterator[Slot]:
    """Every half hour of a week's weekdays that the clocks of the zone show."""
    for day in (since + timedelta(days=ahead) for ahead in range(SPREAD)):
        if day.weekday() > 4:
            continue
        for step in range(timedelta(days=1) // STEP):
            wall = datetime.combine(day, time()) + step * STEP
            with suppress(NonexistentTime):
                starts_at = instant_of(wall, zone, fold=0)
                hours = tuple(hour_of(starts_at, minutes, b.region.zone) for b in burdens)
                yield Slot(wall, starts_at, hours)


def _cost(slot: Slot, burdens: Sequence[Burden]) -> tuple[int, int, datetime]:
    squared = sum(
        (b.weight + WEIGHT[hour]) ** 2 for b, hour in zip(burdens, slot.hours, strict=True)
    )
    return (squared, slot.hours.count(Hour.NIGHT), slot.starts_at)
