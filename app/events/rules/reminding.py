"""When people are reminded: so long before the current start, and until when it is of use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

# What organizers may choose, in minutes before the start.
OFFSETS = (10_080, 4_320, 1_440, 180, 60, 15)
USUAL = (1_440, 60)
MOST = 3
# A reminder from this far ahead waits for the end of quiet hours; a later one cannot.
CALM = 120
# The summary of a morning: what lies between then and the end of the next day.
SUMMARY = "event_summary"
SUMS_UP_FROM, SUMS_UP_UNTIL = time(7, 0), time(11, 0)
SUMMED_UP = timedelta(hours=40)
# Each kind of message is one reminder of a person's entry, or several told apart by their offset.
REMINDERS = ("event_tomorrow", "event_soon", "event_ahead", "event_shortly")
_OWN_WORDS = {1_440: "event_tomorrow", 60: "event_soon"}


@dataclass(frozen=True, slots=True)
class Reminder:
    """When to remind, and until when it makes sense."""

    name: str
    due: datetime
    expires: datetime
    occasion: str = ""


def next_summary(after: datetime, zone: ZoneInfo) -> datetime:
    """The next morning from then on at which a summary is written, there."""
    there = after.astimezone(zone)
    first = datetime.combine(there.date(), SUMS_UP_FROM, there.tzinfo)
    return first if first >= there else first + timedelta(days=1)


def is_summed_up(starts_at: datetime, due: datetime, zone: ZoneInfo) -> bool:
    """Whether the next summary after a reminder is due comes in time and names the date."""
    morning = next_summary(due, zone)
    return morning < starts_at < morning + SUMMED_UP


def offsets(chosen: Iterable[int] | None) -> tuple[int, ...]:
    """The offsets of an event, the earliest first; None is the usual ones, empty is none."""
    return tuple(sorted(USUAL if chosen is None else set(chosen), reverse=True))


def reminders(
    starts_at: datetime, now: datetime, chosen: Iterable[int] | None = None
) -> list[Reminder]:
    """What still lies ahead of the current start."""
    planned = [_reminder(starts_at, minutes) for minutes in offsets(chosen)]
    return [reminder for reminder in planned if reminder.due > now]


def _reminder(starts_at: datetime, minutes: int) -> Reminder:
    is_calm = minutes > CALM
    return Reminder(
        _OWN_WORDS.get(minutes) or ("event_ahead" if is_calm else "event_shortly"),
        starts_at - timedelta(minutes=minutes),
        starts_at - timedelta(minutes=CALM) if is_calm else starts_at,
        "" if minutes in _OWN_WORDS else str(minutes),
    )
