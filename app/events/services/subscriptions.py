"""Coming to every date: one answer that becomes a real one for each date, ahead of time."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock
from app.core.database import hold
from app.core.errors import Refused
from app.ergs.rules import Visibility
from app.events.models import (
    EventHost,
    Occurrence,
    Rsvp,
    Series,
    SeriesDate,
    SeriesSubscription,
)
from app.events.rules import EventState, HostState, Mode, OccurrenceState, Reply
from app.events.services import admission
from app.events.services.answering import answer
from app.events.services.claiming import CLAIMING
from app.events.services.series import ahead


def subscribe(
    db: Session,
    actor_id: UUID,
    *,
    series_id: UUID,
    mode: Mode,
    guests: int = 0,
    visibility: Visibility = Visibility.NOBODY,
) -> int:
    """Come to every date from now on; a date that was answered already stays as it is.

    Returns the number of dates answered now. The same again changes what holds for later dates.
    """
    series = hold(db, Series, series_id)
    if series is None or series.ended_at is not None:
        raise Refused(_("This series has ended."))
    if series.event.state is not EventState.PUBLISHED:
        raise Refused(_("This series does not take answers yet."))
    if not 0 <= guests <= series.event.guest_limit:
        raise Refused(_("You cannot bring that many guests to this event."), 422)
    shown = Visibility.NOBODY if series.event.is_hidden else visibility
    row = db.get(SeriesSubscription, (series_id, actor_id))
    if row is None:
        row = SeriesSubscription(series_id=series_id, person_id=actor_id)
        db.add(row)
        _note(db, series, actor_id, shown, "subscribe")
    row.mode, row.guests, row.visibility = mode, guests, shown
    db.flush()
    return sum(_answer(db, row, occurrence_id) for occurrence_id in _open(db, row))


def unsubscribe(db: Session, actor_id: UUID, *, series_id: UUID, withdraws: bool) -> int:
    """End it; dates that were said yes to stay, or are withdrawn too. Returns how many were."""
    series = hold(db, Series, series_id)
    row = db.get(SeriesSubscription, (series_id, actor_id))
    if series is None or row is None:
        return 0
    _note(db, series, actor_id, row.visibility, "unsubscribe")
    db.delete(row)
    db.flush()
    if not withdraws:
        return 0
    held = select(Rsvp.occurrence_id).where(Rsvp.person_id == actor_id, Rsvp.state.in_(CLAIMING))
    mine = set(db.scalars(held))
    given = [one for one in ahead(db, series_id) if one in mine]
    for occurrence_id in given:
        answer(db, actor_id, occurrence_id=occurrence_id, reply=Reply.NO)
    return len(given)


def to_answer(db: Session) -> list[tuple[UUID, UUID]]:
    """(series, person) of those whom a date ahead is still without an answer."""
    return [
        (row.series_id, row.person_id)
        for row in db.execute(
            select(SeriesSubscription.series_id, SeriesSubscription.person_id)
            .where(_unanswered())
            .order_by(SeriesSubscription.series_id, SeriesSubscription.created_at)
        )
    ]


def answer_dates(db: Session, series_id: UUID, person_id: UUID) -> int:
    """Answer the new dates for one subscriber; a date they withdrew from has an answer already."""
    if hold(db, Series, series_id) is None:
        return 0
    row = db.get(SeriesSubscription, (series_id, person_id))
    if row is None:
        return 0
    return sum(_answer(db, row, occurrence_id) for occurrence_id in _open(db, row))


def end_departed(db: Session, person_id: UUID) -> None:
    """Whoever leaves the company comes to no date any more."""
    for row in db.scalars(
        select(SeriesSubscription).where(SeriesSubscription.person_id == person_id)
    ):
        db.delete(row)
    db.flush()


def end_left(db: Session, erg_id: UUID, person_id: UUID) -> None:
    """Whoever leaves a group or chapter comes no more to series that are for its members."""
    rows = db.scalars(
        select(SeriesSubscription)
        .join(Series, Series.id == SeriesSubscription.series_id)
        .join(EventHost, EventHost.event_id == Series.event_id)
        .where(
            SeriesSubscription.person_id == person_id,
            EventHost.erg_id == erg_id,
            EventHost.state == HostState.ACCEPTED,
        )
    )
    for row in rows.all():
        event = db.get_one(Series, row.series_id).event
        if not admission.entitled_among(db, event, [person_id]):
            db.delete(row)
    db.flush()


def _unanswered() -> ColumnElement[bool]:
    """There is a date ahead that takes answers and has none of this subscriber."""
    has_answer = (
        select(Rsvp.id)
        .where(
            Rsvp.occurrence_id == SeriesDate.occurrence_id,
            Rsvp.person_id == SeriesSubscription.person_id,
        )
        .exists()
    )
    return (
        select(SeriesDate.id)
        .join(Occurrence, Occurrence.id == SeriesDate.occurrence_id)
        .where(
            SeriesDate.series_id == SeriesSubscription.series_id,
            Occurrence.starts_at > clock.now(),
            Occurrence.state == OccurrenceState.SCHEDULED,
            ~has_answer,
        )
        .exists()
    )


def _open(db: Session, row: SeriesSubscription) -> list[UUID]:
    answered = select(Rsvp.occurrence_id).where(Rsvp.person_id == row.person_id)
    done = set(db.scalars(answered))
    return [one for one in ahead(db, row.series_id) if one not in done]


def _answer(db: Session, row: SeriesSubscription, occurrence_id: UUID) -> int:
    """One real answer; a date that does not take it is left to the person."""
    try:
        answer(
            db,
            row.person_id,
            occurrence_id=occurrence_id,
            reply=Reply.GOING,
            mode=row.mode,
            guests=row.guests,
            visibility=row.visibility,
        )
    except Refused:
        return 0
    return 1


def _note(db: Session, series: Series, person_id: UUID, shown: Visibility, verb: str) -> None:
    """That somebody comes to every date; who it is only where everybody may see it."""
    is_public = shown is Visibility.COMPANY
    audit.record(db, person_id if is_public else None, verb, series)
