"""Change many dates of a series at once: all that follow the template, or those from a day on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, ids, search
from app.core.database import hold
from app.core.errors import Refused
from app.ergs.rules import TextStatus
from app.events.models import Event, Occurrence, Series, SeriesDate, SeriesSubscription
from app.events.queries.outlooks import Outlook, changes_words, dates_from, outlook
from app.events.rules import EventState, OccurrenceState, settled, wall_of
from app.events.rules.series import Change
from app.events.services import admission, approving, dates
from app.events.services.audience import People, audience_of, change_audience, require_growth
from app.events.services.ending import cancel_held
from app.events.services.readiness import require_access
from app.events.services.series import extend, held_series, require_rule

# While days change places no two dates may stand on one: first all go aside, then to their own.
ASIDE = datetime(1900, 1, 1, tzinfo=UTC)


def revise_series(
    db: Session, actor_id: UUID | None, *, series_id: UUID, change: Change, from_day: date | None
) -> Outlook:
    """Change the dates from a day on (none: all that lie ahead); edited ones stay as they are."""
    series = held_series(db, actor_id, series_id)
    if series.ended_at is not None:
        raise Refused(_("This series has ended and cannot be changed."))
    if from_day is not None and _has_before(db, series, from_day):
        series = _split(db, series, from_day)
    anchor = next_day(db, series)
    require_rule(change.repeats.rule, change.first_day)
    _require_ahead(change)
    plan = outlook(db, series, change, anchor)
    rows = {row.id: row for row in dates_from(db, series.id, anchor)}
    for occurrence_id in sorted(row.occurrence_id for row in rows.values()):
        hold(db, Occurrence, occurrence_id)
    people = _people(series.event, change)
    judged = _judged(series, change, plan, people)
    if _changes_event(series, change, people):
        dates.keep_past(db, series.event)
    _change_template(series, change)
    change_audience(db, actor_id, series.event, people)
    if series.event.state not in (EventState.DRAFT, EventState.CHANGES_REQUESTED):
        require_access(series.event)
    _put_days(db, rows, plan)
    _put_times(db, rows, plan, change)
    _drop(db, actor_id, rows, plan)
    db.flush()
    audit.record(db, actor_id, "revise", series, reason="all" if from_day is None else "following")
    extend(db, series.id)
    _tell(db, series, rows, plan)
    first = next((rows[key].occurrence for key in plan.changed), None)
    if actor_id is not None and first is not None:
        approving.revised(db, actor_id, first, judged)
    return plan


def _people(event: Event, change: Change) -> People:
    """Whom the dates are for afterwards; once people could answer, nobody is left out."""
    audience = change.others.get("audience", event.audience)
    people = audience_of(event, audience, None, change.chapters)
    require_growth(event, people)
    return people


def _judged(series: Series, change: Change, plan: Outlook, people: People) -> set[str]:
    """What of the change those who approve have judged."""
    event = series.event
    as_it_was = audience_of(event, event.audience)
    source = next(text for text in event.texts if text.status is TextStatus.SOURCE)
    pairs = {
        "title": (source.title, change.title),
        "description": (source.description, change.description),
        "venue": (event.venue, change.venue),
        "seats_in_person": (series.seats_in_person, change.seats_in_person),
        "seats_online": (series.seats_online, change.seats_online),
        "starts_at": (plan.is_nothing, True),
        "chapters": (as_it_was.chapters, people.chapters),
        **{name: (getattr(event, name), value) for name, value in change.others.items()},
    }
    return {name for name, (before, after) in pairs.items() if before != after}


def next_day(db: Session, series: Series) -> date:
    """The day of the next date that follows the template, from which a change counts.

    Where all that is there was changed or canceled alone, that of the next one in the rule.
    """
    day = db.scalar(
        select(SeriesDate.day)
        .join(Occurrence, Occurrence.id == SeriesDate.occurrence_id)
        .where(
            SeriesDate.series_id == series.id,
            Occurrence.event_id == series.event_id,
            Occurrence.state == OccurrenceState.SCHEDULED,
            Occurrence.starts_at > clock.now(),
        )
        .order_by(SeriesDate.day)
        .limit(1)
    )
    day = day or _next_in_rule(db, series)
    if day is None:
        raise Refused(_("No date of this series lies ahead."))
    return day


def _next_in_rule(db: Session, series: Series) -> date | None:
    """The first day of the rule after today on which there is no date yet."""
    today = wall_of(clock.now(), series.zone).date()
    known = set(db.scalars(select(SeriesDate.day).where(SeriesDate.series_id == series.id)))
    taken = known | series.exceptions
    days = series.recurrence.days(series.first_day)
    return next((day for day in days if day > today and day not in taken), None)


def _require_ahead(change: Change) -> None:
    first = settled(datetime.combine(change.first_day, change.wall_time), change.zone)
    if first.instant <= clock.now():
        raise Refused(_("The first date lies in the past. Choose a later day."), 422)


def _has_before(db: Session, series: Series, from_day: date) -> bool:
    earlier = select(SeriesDate.id).where(
        SeriesDate.series_id == series.id, SeriesDate.day < from_day
    )
    return db.scalar(earlier.limit(1)) is not None


def _split(db: Session, series: Series, from_day: date) -> Series:
    """End a series before a day; from there on another one, with the same dates and answers."""
    event = dates.copied(db, series.event, f"{series.event_id}|{from_day}")
    made = Series(
        id=ids.new_id("series", event.id),
        event_id=event.id,
        first_day=from_day,
        follows_id=series.id,
        **{
            name: getattr(series, name)
            for name in (
                "rule",
                "wall_time",
                "zone",
                "minutes",
                "seats_in_person",
                "seats_online",
                "skips_holidays",
                "holiday_site",
                "left_out",
                "created_by",
            )
        },
    )
    db.add(made)
    db.flush()
    later = select(SeriesDate).where(SeriesDate.series_id == series.id, SeriesDate.day >= from_day)
    for row in db.scalars(later):
        row.series = made
        if row.occurrence.event_id == series.event_id:
            row.occurrence.event = event
    for one in db.scalars(
        select(SeriesSubscription).where(SeriesSubscription.series_id == series.id)
    ):
        db.add(
            SeriesSubscription(
                series_id=made.id,
                person_id=one.person_id,
                mode=one.mode,
                guests=one.guests,
                visibility=one.visibility,
            )
        )
    rule = replace(series.recurrence, count=None, until=from_day - timedelta(days=1))
    series.rule = rule.text
    db.flush()
    return made


def _changes_event(series: Series, change: Change, people: People) -> bool:
    """Whether anything about the event itself changes, not only days, times and seats."""
    event = series.event
    source = next(text for text in event.texts if text.status is TextStatus.SOURCE)
    return (
        changes_words(series, change)
        or source.description != change.description
        or people != audience_of(event, event.audience)
        or any(getattr(event, name) != value for name, value in change.others.items())
    )


def _change_template(series: Series, change: Change) -> None:
    event = series.event
    event.venue, event.online_link = change.venue, change.online_link
    for name, value in change.others.items():
        setattr(event, name, value)
    _change_words(event, change)
    series.rule, series.first_day = change.repeats.rule.text, change.first_day
    series.wall_time, series.zone, series.minutes = change.wall_time, change.zone, change.minutes
    series.seats_in_person, series.seats_online = change.seats_in_person, change.seats_online
    series.skips_holidays = change.repeats.skips_holidays
    series.holiday_site = change.repeats.holiday_site
    series.left_out = sorted(day.isoformat() for day in change.repeats.left_out)


def _change_words(event: Event, change: Change) -> None:
    source = next(text for text in event.texts if text.status is TextStatus.SOURCE)
    if (source.title, source.description) == (change.title, change.description):
        return
    source.title, source.description = change.title, change.description
    for other in event.texts:
        if other.status is TextStatus.TRANSLATED:
            other.status = TextStatus.STALE


def _put_days(db: Session, rows: dict[UUID, SeriesDate], plan: Outlook) -> None:
    for number, key in enumerate(plan.days):
        rows[key].day = (ASIDE + timedelta(days=number)).date()
        if key in plan.changed:
            rows[key].occurrence.original_start = ASIDE + timedelta(days=number)
    db.flush()
    for key, day in plan.days.items():
        rows[key].day = day
    db.flush()


def _put_times(db: Session, rows: dict[UUID, SeriesDate], plan: Outlook, change: Change) -> None:
    for key, at in plan.changed.items():
        occurrence = rows[key].occurrence
        occurrence.wall_start, occurrence.zone, occurrence.fold = at.wall, change.zone, 0
        occurrence.starts_at = occurrence.original_start = at.instant
        occurrence.ends_at = at.instant + timedelta(minutes=change.minutes)
        occurrence.seats_in_person = change.seats_in_person
        occurrence.seats_online = change.seats_online
    db.flush()


def _drop(db: Session, actor_id: UUID | None, rows: dict[UUID, SeriesDate], plan: Outlook) -> None:
    """A day that the rule no longer names is canceled, as an event of its own."""
    for key in plan.dropped:
        cancel_held(db, actor_id, rows[key].occurrence, "not in the series any more")
        db.delete(rows[key])
    db.flush()


def _tell(db: Session, series: Series, rows: dict[UUID, SeriesDate], plan: Outlook) -> None:
    event = series.event
    words = [part for text in event.texts for part in (text.title, text.description)]
    search.put(db, "events", event.id, *words, event.venue)
    for key in plan.changed:
        occurrence = rows[key].occurrence
        if key in plan.moved and event.state is EventState.PUBLISHED:
            dates.announce(db, occurrence)
        admission.settle(db, occurrence)
