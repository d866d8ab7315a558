"""Repeating: which days a rule names; a subset of RFC 5545's RRULE, expanded in wall time.

Days are expanded first and become instants afterwards, each with the offset of its own day, so a
series keeps its hour on the clocks of its zone through every change of offset.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from dateutil import rrule

# Dates are made this far ahead, and at least so many of them.
HORIZON = timedelta(days=92)
AHEAD_AT_LEAST = 2
MOST_DATES = 1000
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
LAST = -1
LONGEST_MONTH, SHORTEST_MONTH = 31, 28
FEBRUARY, LEAP_DAY = 2, 29


class Frequency(StrEnum):
    """How often."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    YEARLY = "yearly"


class Caution(StrEnum):
    """What people do not expect of a rule."""

    SHORT_MONTHS = "short_months"
    LEAP_YEARS = "leap_years"


class BadRule(ValueError):
    """A rule that is not of our subset."""


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A rule. `nth` with one weekday, or `month_day` (-1: the last), say which day of a month."""

    frequency: Frequency
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    nth: int | None = None
    month_day: int | None = None
    month: int | None = None
    count: int | None = None
    until: date | None = None

    @property
    def text(self) -> str:
        """The rule as RFC 5545 writes it; `until` is a day and means the whole of it."""
        parts = [f"FREQ={self.frequency.upper()}"]
        if self.interval != 1:
            parts.append(f"INTERVAL={self.interval}")
        if self.weekdays:
            named = (f"{self.nth or ''}{WEEKDAYS[day]}" for day in self.weekdays)
            parts.append(f"BYDAY={','.join(named)}")
        if self.month is not None:
            parts.append(f"BYMONTH={self.month}")
        if self.month_day is not None:
            parts.append(f"BYMONTHDAY={self.month_day}")
        if self.count is not None:
            parts.append(f"COUNT={self.count}")
        if self.until is not None:
            parts.append(f"UNTIL={self.until:%Y%m%d}T235959")
        return ";".join(parts)

    def days(self, first: date) -> Iterator[date]:
        """The days of the rule from the first on; endless when it has no end."""
        for at in rrule.rrule(dtstart=datetime.combine(first, time()), **self._arguments()):
            yield at.date()

    def _arguments(self) -> dict[str, Any]:
        given: dict[str, Any] = {
            "freq": getattr(rrule, self.frequency.upper()),
            "interval": self.interval,
            "wkst": rrule.MO,
        }
        if self.weekdays:
            given["byweekday"] = [rrule.weekday(day, self.nth) for day in self.weekdays]
        if self.month is not None:
            given["bymonth"] = self.month
        if self.month_day is not None:
            given["bymonthday"] = self.month_day
        if self.count is not None:
            given["count"] = self.count
        elif self.until is not None:
            given["until"] = datetime.combine(self.until, time.max)
        return given


@dataclass(frozen=True, slots=True)
class Repeats:
    """How an event repeats: the rule, days left out, and whether holidays are skipped."""

    rule: Recurrence
    skips_holidays: bool = False
    holiday_site: str = ""
    left_out: frozenset[date] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Change:
    """What a lead changes about many dates; `first_day` is what the first of them becomes."""

    title: str
    description: str
    venue: str
    online_link: str
    first_day: date
    wall_time: time
    zone: str
    minutes: int
    seats_in_person: int | None
    seats_online: int | None
    repeats: Repeats
    # What else is decided about the event, by its name there; what is missing stays as it was.
    others: Mapping[str, Any] = field(default_factory=dict)
    chapters: frozenset[UUID] | None = None


def parse(text: str) -> Recurrence:
    """Read a rule of our subset."""
    try:
        parts = dict(part.split("=", 1) for part in text.upper().split(";"))
        frequency = Frequency(parts.pop("FREQ").lower())
        named = [_weekday(word) for word in parts.pop("BYDAY", "").split(",") if word]
        until = parts.pop("UNTIL", None)
        found = Recurrence(
            frequency,
            int(parts.pop("INTERVAL", 1)),
            tuple(day for _nth, day in named),
            named[0][0] if named else None,
            _number(parts.pop("BYMONTHDAY", None)),
            _number(parts.pop("BYMONTH", None)),
            _number(parts.pop("COUNT", None)),
            datetime.strptime(until[:8], "%Y%m%d").date() if until else None,
        )
    except (KeyError, ValueError) as error:
        raise BadRule(text) from error
    if parts or found.interval < 1:
        raise BadRule(text)
    return found


def _weekday(word: str) -> tuple[int | None, int]:
    return (int(word[:-2]) if word[:-2] else None, WEEKDAYS.index(word[-2:]))


def _number(word: str | None) -> int | None:
    return int(word) if word is not None else None


def nth_of(day: date) -> int:
    """Which one of its weekday a day is in its month: 1 to 4, and the fifth is the last."""
    number = (day.day - 1) // 7 + 1
    return number if number <= 4 else LAST


def is_last_of_month(day: date) -> bool:
    """Whether the month ends with this day."""
    return day.day == calendar.monthrange(day.year, day.month)[1]


def cautions(rule: Recurrence, first: date) -> list[Caution]:
    """Where a rule leaves out months or years that people would expect."""
    day = rule.month_day or first.day
    if rule.frequency is Frequency.MONTHLY and not rule.weekdays and day > SHORTEST_MONTH:
        return [Caution.SHORT_MONTHS]
    is_leap_day = (first.month, first.day) == (FEBRUARY, LEAP_DAY)
    if rule.frequency is Frequency.YEARLY and is_leap_day and rule.month_day is None:
        return [Caution.LEAP_YEARS]
    return []


def on_last_day(rule: Recurrence, first: date) -> Recurrence:
    """The same rule on the last day of the month."""
    month = first.month if rule.frequency is Frequency.YEARLY else None
    return replace(rule, month_day=LAST, month=month)


def named_days(
    rule: Recurrence, first: date, *, start: date, horizon: date, without: Iterable[date] = ()
) -> list[date]:
    """Days from `start` to the horizon, yet at least the next two, without those left out."""
    skipped, found = set(without), list[date]()
    for number, day in enumerate(rule.days(first)):
        if number >= MOST_DATES * 10 or len(found) >= MOST_DATES:
            break
        if day > horizon and len(found) >= AHEAD_AT_LEAST:
            break
        if day >= start and day not in skipped:
            found.append(day)
    return found


def rematch(old: Iterable[date], new: Iterable[date], frequency: Frequency) -> dict[date, date]:
    """Which new day each old day becomes: itself, else in its period, else the nearest in a week.

    Whoever said yes for an old day is told of the new one; a day that is missing here is canceled.
    """
    olds, news = sorted(old), sorted(new)
    found = {day: day for day in olds if day in set(news)}
    _pair(found, olds, news, lambda day: _period(day, frequency))
    free = [day for day in news if day not in set(found.values())]
    for day in olds:
        near = [other for other in free if abs((other - day).days) <= 7]
        if day not in found and near:
            found[day] = min(near, key=lambda other: (abs((other - day).days), other))
            free.remove(found[day])
    return found


def _pair(found: dict[date, date], olds: list[date], news: list[date], period: Any) -> None:
    """In each period the first old day becomes the first new one that is free, and so on."""
    taken = set(found.values())
    free: dict[Any, list[date]] = {}
    for day in news:
        if day not in taken:
            free.setdefault(period(day), []).append(day)
    for day in olds:
        if day not in found and free.get(period(day)):
            found[day] = free[period(day)].pop(0)


def _period(day: date, frequency: Frequency) -> tuple[int, ...]:
    if frequency is Frequency.DAILY:
        return (day.toordinal(),)
    if frequency is Frequency.WEEKLY:
        return tuple(day.isocalendar()[:2])
    return (day.year, day.month) if frequency is Frequency.MONTHLY else (day.year,)


def from_then_on(rule: Recurrence, first: date, anchor: date) -> Recurrence:
    """The rule as it reads from one of its days on: of a number of dates, those that are left."""
    if rule.count is None:
        return rule
    gone = sum(1 for day in rule.days(first) if day < anchor)
    return replace(rule, count=max(1, rule.count - gone))
