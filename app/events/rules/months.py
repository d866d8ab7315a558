"""The month as a grid of weeks, and the instants between which it lies somewhere."""

from __future__ import annotations

from calendar import Calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

EARLIEST, LATEST = 2000, 2100


@dataclass(frozen=True, order=True, slots=True)
class Month:
    """A month of a year."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    def later(self, by: int) -> Month:
        """So many months later; earlier when negative."""
        years, index = divmod(self.year * 12 + self.number - 1 + by, 12)
        return Month(years, index + 1)

    def has(self, day: date) -> bool:
        """Whether a day lies in it."""
        return (day.year, day.month) == (self.year, self.number)

    def weeks(self, first_weekday: int) -> list[list[date | None]]:
        """Its days by week, Monday = 0; days of the neighbors are None."""
        whole = Calendar(first_weekday).monthdatescalendar(self.year, self.number)
        return [[day if self.has(day) else None for day in week] for week in whole]

    def bounds(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """From its first midnight to the next month's, as the clocks of a zone show them."""
        return (midnight(self.first, zone), midnight(self.later(1).first, zone))


def month_named(text: str | None, today: date) -> Month:
    """The month of `2026-12`; anything else is the month of today."""
    year, _dash, number = (text or "").partition("-")
    if year.isdecimal() and number.isdecimal():
        wanted = (int(year[:9]), int(number[:9]))
        if EARLIEST <= wanted[0] <= LATEST and 1 <= wanted[1] <= 12:
            return Month(*wanted)
    return Month(today.year, today.month)


def day_named(text: str | None, month: Month) -> date | None:
    """The day of `2026-12-05` if it lies in the month."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if month.has(day) else None


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which a day begins on the clocks of a zone."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def chosen_day(days: list[date], wanted: date | None, today: date) -> date | None:
    """Which day's events to list: the wanted one, else the next with events, else the last."""
    if wanted is not None:
        return wanted
    ahead = [day for day in days if day >= today]
    return min(ahead) if ahead else max(days, default=None)
