"""Coming to every date: one answer that becomes a real one for each date, ahead of time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, outbox
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
from app.events.services.admission import entitled_among, takes_claims
from app.events.services.answering import answer
from app.events.services.claiming import CLAIMING
from app.events.services.holding import held_date
from app.events.services.series import ahead

# The message about a date that could not be answered for a subscriber.
UNANSWERED = "event_unanswered"


@dataclass(frozen=True, slots=True)
class Left:
    """A date that could not be answered for a subscriber, and why."""

    occurrence_id: UUID
    starts_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Coming:
    """What became of the dates that were open: how many have an answer, which are left."""

    answered: int
    left: list[Left]


def subscribe(
    db: Session,
    actor_id: UUID,
    *,
    series_id: UUID,
    mode: Mode,
    guests: int = 0,
    visibility: Visibility = Visibility.NOBODY,
    told: Mapping[str, str] | None = None,
) -> Coming:
    """Come to every date from now on; a date that was answered already stays as it is.

    What the organizers ask is told once, for every date. Where no date at all can be answered
    nobody has begun to come. The same again changes what holds for later dates.
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
    is_new = row is None
    if row is None:
        row = SeriesSubscription(series_id=series_id, person_id=actor_id)
        db.add(row)
        _note(db, series, actor_id, shown, "subscribe")
    row.mode, row.guests, row.visibility = mode, guests, shown
    db.flush()
    coming = _answer_open(db, row, told)
    if is_new and coming.left and not coming.answered:
        raise Refused(
            _(
                "No date could be answered for you, so you do not come to every date. %(reason)s",
                reason=coming.left[0].reason,
            )
        )
    return coming


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
    return sum(_withdraw(db, actor_id, one) for one in ahead(db, series_id) if one in mine)


def _withdraw(db: Session, person_id: UUID, occurrence_id: UUID) -> bool:
    """Give one date back; one that was called off meanwhile keeps nobody from the others."""
    try:
        answer(db, person_id, occurrence_id=occurrence_id, reply=Reply.NO)
    except Refused:
        return False
    return True


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
    """Answer the new dates for one subscriber; a date they withdrew from has an answer already.

    What organizers ask is told as it was the last time. A date that takes answers but not this one
    is left to the subscriber, who hears of it once.
    """
    if hold(db, Series, series_id) is None:
        return 0
    row = db.get(SeriesSubscription, (series_id, person_id))
    if row is None:
        return 0
    coming = _answer_open(db, row, _told_before(db, row))
    for one in coming.left:
        _leave_to(db, person_id, one.occurrence_id)
    return coming.answered


def _told_before(db: Session, row: SeriesSubscription) -> dict[str, str]:
    """What the subscriber told the organizers at the last date where they did."""
    told = db.scalars(
        select(Rsvp.told)
        .join(SeriesDate, SeriesDate.occurrence_id == Rsvp.occurrence_id)
        .where(SeriesDate.series_id == row.series_id, Rsvp.person_id == row.person_id)
        .order_by(Rsvp.changed_at.desc(), Rsvp.id)
    )
    return next((dict(one) for one in told if one), {})


def _leave_to(db: Session, person_id: UUID, occurrence_id: UUID) -> None:
    """Tell a subscriber of a date that they can see and have to answer themselves."""
    occurrence = held_date(db, occurrence_id)
    if not takes_claims(occurrence):
        return
    if entitled_among(db, occurrence.event, [person_id]):
        outbox.put(db, UNANSWERED, subject=occurrence_id, person=person_id)


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


def _answer_open(db: Session, row: SeriesSubscription, told: Mapping[str, str] | None) -> Coming:
    """A real answer for each date without one, as far as the dates take it."""
    answered, left = 0, list[Left]()
    for occurrence_id in _open(db, row):
        reason = _answer(db, row, occurrence_id, told)
        if reason is None:
            answered += 1
        else:
            starts_at = db.get_one(Occurrence, occurrence_id).starts_at
            left.append(Left(occurrence_id, starts_at, reason))
    return Coming(answered, sorted(left, key=lambda one: one.starts_at))


def _answer(
    db: Session, row: SeriesSubscription, occurrence_id: UUID, told: Mapping[str, str] | None
) -> str | None:
    """One real answer; for a date that does not take it the reason."""
    try:
        answer(
            db,
            row.person_id,
            occurrence_id=occurrence_id,
            reply=Reply.GOING,
            mode=row.mode,
            guests=row.guests,
            visibility=row.visibility,
            told=told,
        )
    except Refused as refused:
        return refused.message
    return None


def _note(db: Session, series: Series, person_id: UUID, shown: Visibility, verb: str) -> None:
    """That somebody comes to every date; who it is only where everybody may see it."""
    is_public = shown is Visibility.COMPANY
    audit.record(db, person_id if is_public else None, verb, series)
