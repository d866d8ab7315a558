"""Series: make an event repeat, make its dates ahead of time, end it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, ids
from app.core.database import hold
from app.core.errors import Refused
from app.ergs import queries as ergs
from app.ergs.models import Erg
from app.ergs.rules import ErgState
from app.events.models import Event, Occurrence, Series, SeriesDate
from app.events.rules import EVENT_TRANSITIONS, EventState, OccurrenceState, settled, wall_of
from app.events.rules.series import HORIZON, Recurrence, Repeats, named_days
from app.events.services import approving, dates
from app.events.services.ending import cancel_held
from app.events.services.holding import change_state, led_with_group
from app.holidays.queries import between

ALIVE = (
    EventState.DRAFT,
    EventState.CHANGES_REQUESTED,
    EventState.SUBMITTED,
    EventState.APPROVED,
    EventState.PUBLISHED,
)
RULE_AHEAD = timedelta(days=800)  # as far as holidays are looked up


def repeat(db: Session, actor_id: UUID | None, *, occurrence_id: UUID, repeats: Repeats) -> Series:
    """Make an event the template of a series, its date the first one; leads only (None: seeds)."""
    occurrence = led_with_group(db, actor_id, occurrence_id)
    _require_new(db, occurrence, repeats)
    first = occurrence.wall_start
    series = Series(
        id=ids.new_id("series", occurrence.event_id),
        event_id=occurrence.event_id,
        rule=repeats.rule.text,
        first_day=first.date(),
        wall_time=first.time(),
        zone=occurrence.zone,
        minutes=occurrence.minutes,
        seats_in_person=occurrence.seats_in_person,
        seats_online=occurrence.seats_online,
        skips_holidays=repeats.skips_holidays,
        holiday_site=repeats.holiday_site,
        left_out=sorted(day.isoformat() for day in repeats.left_out),
        created_by=actor_id,
    )
    db.add(series)
    db.flush()
    db.add(_dated(series, first.date(), occurrence.id))
    audit.record(db, actor_id, "repeat", occurrence.event, after=series.recurrence.frequency)
    db.flush()
    extend(db, series.id)
    if actor_id is not None:
        approving.revised(db, actor_id, occurrence, {"starts_at"})
    return series


def _require_new(db: Session, occurrence: Occurrence, repeats: Repeats) -> None:
    first = occurrence.wall_start.date()
    if dates.is_repeated(db, occurrence):
        raise Refused(_("This event repeats already. Change its series instead."))
    if occurrence.event.state not in ALIVE or occurrence.starts_at <= clock.now():
        raise Refused(_("Only an event that lies ahead can repeat."))
    if occurrence.event.state is EventState.SUBMITTED:
        raise Refused(_("This event waits for approval and cannot be changed now."))
    require_rule(repeats.rule, first)


def require_rule(rule: Recurrence, first: date) -> None:
    """A rule names its first day, and one more at least."""
    days = [day for day, _n in zip(rule.days(first), range(2), strict=False)]
    if days[:1] != [first]:
        raise Refused(_("The first date is not among the days of the rule. Add its day."), 422)
    if len(days) < 2:
        raise Refused(_("With this end there is only one date. Choose a later end."), 422)


def require_lead(db: Session, actor_id: UUID | None, event: Event) -> None:
    """Leads of a hosting group only."""
    hosts = event.accepted_hosts
    if actor_id is not None and not any(ergs.leads(db, actor_id, erg.id) for erg in hosts):
        raise Refused(_("Only organizers of the event can do this."), 403)


def extend(db: Session, series_id: UUID) -> list[UUID]:
    """Make the dates that are due; harmless at any time and at once twice. What is there stays."""
    series = hold(db, Series, series_id)
    if series is None or not _goes_on(series):
        return []
    known = select(SeriesDate.day).where(SeriesDate.series_id == series.id)
    there = set(db.scalars(known))
    made = []
    for day in due_days(db, series):
        if day not in there and (occurrence := _occurrence(series, day)) is not None:
            db.add_all([occurrence, _dated(series, day, occurrence.id)])
            made.append(occurrence.id)
    db.flush()
    return made


def _goes_on(series: Series) -> bool:
    """Neither ended nor canceled, and a group is left to hold it."""
    event = series.event
    has_host = any(erg.state is not ErgState.ARCHIVED for erg in event.accepted_hosts)
    return series.ended_at is None and event.state in ALIVE and has_host


def due_days(db: Session, series: Series) -> list[date]:
    """The days from today to the horizon, without those left out and, if wanted, holidays."""
    today = wall_of(clock.now(), series.zone).date()
    skipped = series.exceptions
    if series.skips_holidays:
        skipped |= set(between(db, today, today + RULE_AHEAD, site=series.holiday_site))
    return named_days(
        series.recurrence,
        series.first_day,
        start=today,
        horizon=today + HORIZON,
        without=skipped - {series.first_day},
    )


def _occurrence(series: Series, day: date) -> Occurrence | None:
    """The date of a day as the template says; none when it has begun already."""
    at = settled(datetime.combine(day, series.wall_time), series.zone)
    if at.instant <= clock.now():
        return None
    return Occurrence(
        id=ids.new_id("occurrence", f"{series.id}|{day}"),
        event_id=series.event_id,
        wall_start=at.wall,
        zone=series.zone,
        fold=0,
        starts_at=at.instant,
        ends_at=at.instant + timedelta(minutes=series.minutes),
        original_start=at.instant,
        seats_in_person=series.seats_in_person,
        seats_online=series.seats_online,
    )


def _dated(series: Series, day: date, occurrence_id: UUID) -> SeriesDate:
    return SeriesDate(
        id=ids.new_id("series_date", f"{series.id}|{day}"),
        series_id=series.id,
        day=day,
        occurrence_id=occurrence_id,
    )


def to_extend(db: Session) -> list[UUID]:
    """Series that go on."""
    return list(
        db.scalars(
            select(Series.id)
            .join(Event, Event.id == Series.event_id)
            .where(Series.ended_at.is_(None), Event.state.in_(ALIVE))
            .order_by(Series.id)
        )
    )


def held_series(db: Session, actor_id: UUID | None, series_id: UUID) -> Series:
    """A series, locked after the group that planned it, for a lead (None: seeds)."""
    known = db.get(Series, series_id)
    if known is None:
        raise Refused(_("This series does not exist any more."), 404)
    hold(db, Erg, known.event.first_host.id)
    series = hold(db, Series, series_id)
    assert series is not None
    require_lead(db, actor_id, series.event)
    return series


def end(
    db: Session, actor_id: UUID | None, *, series_id: UUID, from_day: date | None, reason: str = ""
) -> int:
    """Cancel all dates from a day on, edited ones too, and make no more; returns how many."""
    series = held_series(db, actor_id, series_id)
    canceled = 0
    for occurrence_id in ahead(db, series.id, from_day):
        occurrence = hold(db, Occurrence, occurrence_id)
        assert occurrence is not None
        cancel_held(db, actor_id, occurrence, reason)
        canceled += 1
    _leave_template(db, actor_id, series)
    series.ended_at = clock.now()
    audit.record(db, actor_id, "end", series, after="ended", reason=reason or None)
    db.flush()
    return canceled


def _leave_template(db: Session, actor_id: UUID | None, series: Series) -> None:
    """A template that no date follows any more is canceled as well; one with a past stays."""
    followed = select(Occurrence.id).where(Occurrence.event_id == series.event_id).limit(1)
    is_open = EventState.CANCELED in EVENT_TRANSITIONS[series.event.state]
    if is_open and db.scalar(followed) is None:
        change_state(db, actor_id, series.event, EventState.CANCELED, "series ended")


def ahead(db: Session, series_id: UUID, from_day: date | None = None) -> list[UUID]:
    """The dates of a series that still take place, in the order in which they are locked."""
    chosen = (
        select(Occurrence.id)
        .join(SeriesDate, SeriesDate.occurrence_id == Occurrence.id)
        .where(
            SeriesDate.series_id == series_id,
            Occurrence.state == OccurrenceState.SCHEDULED,
            Occurrence.starts_at > clock.now(),
        )
    )
    if from_day is not None:
        chosen = chosen.where(SeriesDate.day >= from_day)
    return list(db.scalars(chosen.order_by(Occurrence.id)))
