"""Times that suit everybody: inside all weekly windows, outside of what is known to be taken.

Nothing here says why a time is missing: a holiday, another session and an hour outside of
somebody's week all look the same. Of the times that suit everybody those come first that leave the
early and late hours shared most evenly (the rule of fair time of events: 8:00 to 18:00 is fine, a
bad hour weighs 1, a night 3); then those near the day on which the next session is due. The order
of the people, and who asks, change nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from uuid import UUID
from zoneinfo import ZoneInfo

from app.core.walls import is_shown_twice, wall_of
from app.events.rules.fair_time import WEIGHT, Hour, hour_of
from app.programs.feed.hours import DAYS, PARTS

STEP = timedelta(minutes=30)
LEAD = timedelta(hours=20)
HORIZON = timedelta(days=21)
APART = timedelta(hours=20)
MOST = 5
PROPOSAL_DAYS = timedelta(days=7)
LATER = 4
USUAL = frozenset(
    f"{day}-{part}" for day in DAYS[:5] for part in ("morning", "midday", "afternoon")
)


@dataclass(frozen=True, slots=True)
class Side:
    """What counts for one person: their week, what is taken, and how much they carried so far."""

    person_id: UUID
    zone: str
    windows: frozenset[str] = USUAL
    off: frozenset[date] = frozenset()
    busy: tuple[tuple[datetime, datetime], ...] = ()
    carried: int = 0

    @property
    def hours(self) -> frozenset[tuple[int, int]]:
        """(weekday, hour) of all hours of their week; whoever said nothing has office hours."""
        return hours_in(self.windows or USUAL)


@dataclass(frozen=True, slots=True)
class Slot:
    """A start, what hour it is for each of those who can, and who of a group cannot."""

    starts_at: datetime
    hours: Mapping[UUID, Hour]
    absent: tuple[UUID, ...] = ()

    @property
    def burdened(self) -> list[UUID]:
        """For whom it is early, late or at night."""
        return [person for person, hour in self.hours.items() if hour is not Hour.FINE]


@cache
def hours_in(windows: frozenset[str]) -> frozenset[tuple[int, int]]:
    """(weekday, hour) of windows such as `mon-morning`; what is none counts for nothing."""
    parts = (window.partition("-") for window in windows)
    return frozenset(
        (DAYS.index(day), hour)
        for day, _, part in parts
        if day in DAYS and part in PARTS
        for hour in range(*PARTS[part])
    )


def suits(side: Side, starts_at: datetime, minutes: int) -> bool:
    """Whether a person has time from an instant on."""
    zone = ZoneInfo(side.zone)
    ends_at = starts_at + timedelta(minutes=minutes)
    first = starts_at.astimezone(zone)
    last = (ends_at - timedelta(seconds=1)).astimezone(zone)
    if first.date() != last.date() or first.date() in side.off:
        return False
    spoken = {(first.weekday(), hour) for hour in range(first.hour, last.hour + 1)}
    if not spoken <= side.hours or is_shown_twice(wall_of(starts_at, side.zone), side.zone):
        return False
    return not any(begin < ends_at and starts_at < end for begin, end in side.busy)


def is_free(sides: Iterable[Side], starts_at: datetime, minutes: int, now: datetime) -> bool:
    """Whether a start that lies ahead suits everybody."""
    return starts_at > now and all(suits(side, starts_at, minutes) for side in sides)


def turn_of(sides: Sequence[Side]) -> UUID:
    """Who takes the next early or late hour: whoever carried least; of equals always the same."""
    return min(sides, key=lambda side: (side.carried, str(side.person_id))).person_id


def propose(
    sides: Sequence[Side],
    *,
    now: datetime,
    minutes: int,
    due: datetime | None = None,
    since: datetime | None = None,
    count: int = MOST,
) -> list[Slot]:
    """Up to `count` starts that suit everybody, the fairest and then those nearest to `due`."""
    begin = max(now + LEAD, since or now)
    turn, near = turn_of(sides), due or begin
    free = [slot for slot in _free(sides, begin, minutes) if slot.starts_at > now]
    free.sort(key=lambda slot: cost(slot, sides, turn, near))
    return apart(free, count)


def apart(ranked: Iterable[Slot], count: int) -> list[Slot]:
    """The first of a ranking that do not lie on top of each other, in order of time."""
    chosen: list[Slot] = []
    for slot in ranked:
        if all(abs(slot.starts_at - other.starts_at) >= APART for other in chosen):
            chosen.append(slot)
        if len(chosen) == count:
            break
    return sorted(chosen, key=lambda slot: slot.starts_at)


def _free(sides: Sequence[Side], begin: datetime, minutes: int) -> Iterator[Slot]:
    """All half hours of the horizon that suit everybody."""
    at = begin.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    end = at + HORIZON
    while at < end:
        if all(suits(side, at, minutes) for side in sides):
            hours = {side.person_id: hour_of(at, minutes, side.zone) for side in sides}
            yield Slot(at, hours)
        at += STEP


def cost(
    slot: Slot, sides: Sequence[Side], turn: UUID, near: datetime
) -> tuple[int, int, int, datetime]:
    """Fair first, for whose turn it is rather than for others, then near, then early."""
    weights = {person: WEIGHT[hour] for person, hour in slot.hours.items()}
    squared = sum((side.carried + weights.get(side.person_id, 0)) ** 2 for side in sides)
    misplaced = sum(weight for person, weight in weights.items() if person != turn)
    days = abs((slot.starts_at - near).days)
    return squared, misplaced, days, slot.starts_at


def carried_by(zone: str, dates: Iterable[tuple[datetime, int]]) -> int:
    """How much somebody in a zone carried at these (start, minutes): bad hours 1, nights 3."""
    return sum(WEIGHT[hour_of(starts_at, minutes, zone)] for starts_at, minutes in dates)


def whose_turn(slots: Sequence[Slot], sides: Sequence[Side]) -> UUID | None:
    """Whose turn the early or late hour is, where no proposed time is fine for everybody.

    Of those who carried equally little it is somebody for whom one of the times is early or late.
    """
    if not slots or not all(slot.burdened for slot in slots):
        return None
    takes = {person for slot in slots for person in slot.burdened}
    return min(
        sides, key=lambda side: (side.carried, side.person_id not in takes, str(side.person_id))
    ).person_id
