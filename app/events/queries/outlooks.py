"""What a change of a series would do to its dates; the preview and the change both ask this."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, joinedload

from app.core import clock
from app.events.models import Occurrence, Series, SeriesDate
from app.events.queries.series import people_told
from app.events.rules import OccurrenceState, Settled, settled, wall_of
from app.events.rules.series import HORIZON, Change, Frequency, named_days, rematch
from app.holidays.queries import between

PERIOD = {
    Frequency.DAILY: timedelta(days=1),
    Frequency.WEEKLY: timedelta(days=6),
    Frequency.MONTHLY: timedelta(days=30),
    Frequency.YEARLY: timedelta(days=365),
}


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a change would do to the dates of a series from an anchor on."""

    days: dict[UUID, date]  # SeriesDate.id -> the day it stands for afterwards
    changed: dict[UUID, Settled]  # SeriesDate.id of unmodified dates -> their time afterwards
    moved: frozenset[UUID]  # those of them that people must be told about
    dropped: tuple[UUID, ...]  # SeriesDate.id of dates that the rule no longer names
    fresh: tuple[date, ...]
    people: int

    @property
    def is_nothing(self) -> bool:
        """Whether all stays as it is."""
        return not (self.moved or self.dropped or self.fresh)


def dates_from(db: Session, series_id: UUID, anchor: date) -> list[SeriesDate]:
    """The dates of a series from a day on that have not begun, in order."""
    return list(
        db.scalars(
            select(SeriesDate)
            .join(Occurrence, Occurrence.id == SeriesDate.occurrence_id)
            .where(
                SeriesDate.series_id == series_id,
                SeriesDate.day >= anchor,
                Occurrence.starts_at > clock.now(),
            )
            .order_by(SeriesDate.day)
            .options(contains_eager(SeriesDate.occurrence), joinedload(SeriesDate.series))
        )
    )


def day_ahead(db: Session, series_id: UUID, text: str) -> date | None:
    """A day from an address, if the series has a date on it that has not begun."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return db.scalar(
        select(SeriesDate.day)
        .join(Occurrence, Occurrence.id == SeriesDate.occurrence_id)
        .where(
            SeriesDate.series_id == series_id,
            SeriesDate.day == day,
            Occurrence.starts_at > clock.now(),
        )
    )


def outlook(db: Session, series: Series, change: Change, anchor: date) -> Outlook:
    """What would follow from a change; the preview and the change itself both ask this."""
    rows = dates_from(db, series.id, anchor)
    skipped = _skipped(db, change)
    news = _new_days(series, change, rows, skipped)
    frequency: Frequency = change.repeats.rule.frequency
    became = rematch([row.day for row in rows if row.day not in skipped], news, frequency)
    open_rows = [row for row in rows if _follows(row, series)]
    changed = {
        row.id: settled(datetime.combine(became[row.day], change.wall_time), change.zone)
        for row in open_rows
        if row.day in became
    }
    words = changes_words(series, change)
    moved = frozenset(
        row.id
        for row in open_rows
        if row.id in changed and (words or _is_moved(row.occurrence, changed[row.id], change))
    )
    dropped = tuple(row.id for row in open_rows if row.day not in became)
    by_id = {row.id: row.occurrence_id for row in rows}
    taken = set(became.values())
    return Outlook(
        {row.id: became[row.day] for row in rows if row.day in became},
        changed,
        moved,
        dropped,
        tuple(day for day in news if day not in taken and day <= _today(series) + HORIZON),
        people_told(db, [by_id[key] for key in moved], [by_id[key] for key in dropped]),
    )


def _follows(row: SeriesDate, series: Series) -> bool:
    is_on = row.occurrence.state is OccurrenceState.SCHEDULED
    return is_on and row.occurrence.event_id == series.event_id


def _skipped(db: Session, change: Change) -> set[date]:
    skipped = set(change.repeats.left_out)
    if change.repeats.skips_holidays:
        last = change.first_day + timedelta(days=800)
        skipped |= set(between(db, change.first_day, last, site=change.repeats.holiday_site))
    return skipped - {change.first_day}


def _today(series: Series) -> date:
    return wall_of(clock.now(), series.zone).date()


def _new_days(
    series: Series, change: Change, rows: list[SeriesDate], skipped: set[date]
) -> list[date]:
    today, rule = _today(series), change.repeats.rule
    # The last week, month or year is looked at as a whole: its date may lie late in it.
    horizon = max([today + HORIZON, *(row.day for row in rows)]) + PERIOD[rule.frequency]
    return named_days(
        rule,
        change.first_day,
        start=max(change.first_day, today),
        horizon=horizon,
        without=skipped,
    )


def changes_words(series: Series, change: Change) -> bool:
    """Whether title or place change, which stand in calendars."""
    event = series.event
    source = next((t for t in event.texts if t.status == "source"), None)
    return (
        (event.venue, event.online_link) != (change.venue, change.online_link)
        or source is None
        or source.title != change.title
    )


def _is_moved(occurrence: Occurrence, at: Settled, change: Change) -> bool:
    return (
        occurrence.starts_at != at.instant
        or occurrence.zone != change.zone
        or occurrence.minutes != change.minutes
    )
