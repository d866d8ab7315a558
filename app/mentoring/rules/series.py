"""The days of a whole series: one each so many days, around holidays and pauses."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from app.events.rules import Settled, settled

WEEK = timedelta(days=7)
FARTHEST = timedelta(days=400)
MOST_SESSIONS = 26
WEEKEND = 5


@dataclass(frozen=True, slots=True)
class Planned:
    """One session of a series: its day and time, and the day it was meant for when it moved."""

    at: Settled
    meant: date

    @property
    def is_moved(self) -> bool:
        """Whether a holiday or a pause moved it to another day."""
        return self.at.wall.date() != self.meant


def series_of(
    first: datetime,
    zone: str,
    *,
    count: int,
    cadence_days: int,
    off: Collection[date] = (),
    pauses: Collection[tuple[date, date]] = (),
) -> list[Planned]:
    """A session every so many days at one wall time.

    A holiday moves a session to the next working day, a pause by whole weeks to after it; what
    follows keeps its day. No day is taken twice, and they stay in order.
    """
    planned: list[Planned] = []
    for number in range(min(count, MOST_SESSIONS)):
        meant = first.date() + timedelta(days=max(cadence_days, 1) * number)
        earliest = planned[-1].at.wall.date() + timedelta(days=1) if planned else meant
        day = _open_day(max(meant, earliest), first.weekday() < WEEKEND, off, pauses)
        if day is None:
            break
        planned.append(Planned(settled(_at(day, first.time()), zone), meant))
    return planned


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock)


def _open_day(
    day: date, keeps_week: bool, off: Collection[date], pauses: Collection[tuple[date, date]]
) -> date | None:
    """The first day from `day` on that is neither paused nor off; none within a year is none."""
    latest = day + FARTHEST
    while day < latest:
        pause = next((p for p in pauses if p[0] <= day <= p[1]), None)
        if pause is not None:
            day += WEEK * -(-((pause[1] - day).days + 1) // WEEK.days)
        elif day in off or (keeps_week and day.weekday() >= WEEKEND):
            day += timedelta(days=1)
        else:
            return day
    return None
