"""An event is put off, gets its new time, is canceled for good, or is over."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.approvals import services as approvals
from app.core import clock, outbox
from app.core.database import hold
from app.core.errors import Refused
from app.ergs.rules import ErgState
from app.events.models import Event, EventHost, Occurrence, Rsvp, Series
from app.events.rules import (
    CONCERNED,
    EVENT_TRANSITIONS,
    EventState,
    HostState,
    OccurrenceState,
    RsvpState,
    instant_of,
)
from app.events.services import admission
from app.events.services.dates import own_event
from app.events.services.entries import move, put_entry, take_entry, tell, tell_end
from app.events.services.holding import answers, change_state, led, led_with_group

UNDO_WITHIN = timedelta(minutes=5)
MAX_NOTE = 1000
# Scans made offline may arrive late; what is over stays open to them for a day.
OVER_AFTER = timedelta(days=1)


def postpone(db: Session, actor_id: UUID, *, occurrence_id: UUID, reason: str = "") -> Event:
    """Put it off: answers are kept, entries leave the calendars, nobody is reminded.

    People hear of it five minutes later, so that the undo is heard by nobody.
    """
    occurrence = led(db, actor_id, occurrence_id)
    event = own_event(db, occurrence)
    if occurrence.ends_at <= clock.now():
        raise Refused(_("This event is already over."))
    admission.expire_offers(db, occurrence)
    change_state(db, actor_id, event, EventState.POSTPONED, reason or None)
    event.note = reason.strip()[:MAX_NOTE]
    occurrence.revision += 1
    heard = clock.now() + UNDO_WITHIN
    for rsvp in answers(db, occurrence, RsvpState.GOING):
        take_entry(db, rsvp, kind="event_postponed", due=heard)
    for rsvp in answers(db, occurrence, *CONCERNED - {RsvpState.GOING}):
        # A seat that is offered stays kept; its deadline begins anew with the new time, and who
        # waits is called again then.
        rsvp.offer_until = rsvp.called_at = None
        tell(db, "event_postponed", occurrence, rsvp, due=heard)
    db.flush()
    return event


def resume(
    db: Session,
    actor_id: UUID,
    *,
    occurrence_id: UUID,
    wall_start: datetime | None = None,
    zone: str | None = None,
    fold: int = 0,
    minutes: int | None = None,
) -> Occurrence:
    """Publish it again at its new time (without one: at the old, which is the undo)."""
    occurrence = led(db, actor_id, occurrence_id)
    event = occurrence.event
    if event.state is not EventState.POSTPONED:
        raise Refused(_("This event is not postponed."))
    is_moved = wall_start is not None
    if wall_start is not None:
        _move_to(occurrence, wall_start, zone or occurrence.zone, fold, minutes)
    if occurrence.ends_at <= clock.now():
        raise Refused(_("This time is already over. Choose another day."))
    change_state(db, actor_id, event, EventState.PUBLISHED)
    event.note = ""
    occurrence.revision += 1
    for rsvp in answers(db, occurrence, *CONCERNED):
        outbox.withdraw(db, "event_postponed", subject=rsvp.id, reason="resumed")
        if rsvp.state is RsvpState.GOING:
            put_entry(db, occurrence, rsvp)
    for rsvp in answers(db, occurrence, RsvpState.OFFERED):
        admission.offer_again(db, occurrence, rsvp)
    admission.settle(db, occurrence)
    for rsvp in answers(db, occurrence, *CONCERNED) if is_moved else ():
        tell(db, "event_resumed", occurrence, rsvp)
    return occurrence


def _move_to(
    occurrence: Occurrence, wall_start: datetime, zone: str, fold: int, minutes: int | None
) -> None:
    lasts = timedelta(minutes=minutes or occurrence.minutes)
    starts_at = instant_of(wall_start, zone, fold)
    occurrence.wall_start, occurrence.zone, occurrence.fold = wall_start, zone, fold
    occurrence.starts_at, occurrence.ends_at = starts_at, starts_at + lasts


def cancel(db: Session, actor_id: UUID, *, occurrence_id: UUID, reason: str = "") -> Event:
    """Cancel for good: entries leave the calendars, nobody keeps an offer or waits in vain."""
    occurrence = led_with_group(db, actor_id, occurrence_id)
    if occurrence.event.state is not EventState.CANCELED:
        occurrence.event.note = reason.strip()[:MAX_NOTE]
    return cancel_held(db, actor_id, occurrence, reason)


def cancel_held(db: Session, actor_id: UUID | None, occurrence: Occurrence, reason: str) -> Event:
    """The same for a date that is locked already; of a series only this date."""
    event = own_event(db, occurrence)
    if event.state is EventState.CANCELED:
        return event
    change_state(db, actor_id, event, EventState.CANCELED, reason or None)
    approvals.withdraw(db, actor_id, kind="event", subject_id=event.id)
    occurrence.state = OccurrenceState.CANCELED
    occurrence.revision += 1
    for rsvp in answers(db, occurrence, *CONCERNED):
        outbox.withdraw(db, "event_postponed", subject=rsvp.id, reason="canceled")
        _end_answer(db, rsvp)
    db.flush()
    return event


def _end_answer(db: Session, rsvp: Rsvp) -> None:
    """Whoever goes loses the entry; nobody waits, asks or perhaps comes any more."""
    if rsvp.state is RsvpState.GOING:
        take_entry(db, rsvp, kind="event_canceled")
        return
    rsvp.offer_until = rsvp.called_at = None
    if rsvp.state is not RsvpState.MAYBE:
        move(db, rsvp, RsvpState.EXPIRED, "event canceled")
    tell_end(db, rsvp)


def cancel_ahead(db: Session, actor_id: UUID | None, erg_id: UUID) -> None:
    """An archived group holds no more events; those that another group hosts as well go on."""
    ahead = db.scalars(
        select(Occurrence.id)
        .join(EventHost, EventHost.event_id == Occurrence.event_id)
        .where(
            EventHost.erg_id == erg_id,
            EventHost.state == HostState.ACCEPTED,
            Occurrence.ends_at > clock.now(),
        )
        .order_by(Occurrence.id)
    ).all()
    for occurrence_id in ahead:
        occurrence = hold(db, Occurrence, occurrence_id)
        if occurrence is not None and _ends_with(occurrence.event):
            cancel_held(db, actor_id, occurrence, "group archived")


def _ends_with(event: Event) -> bool:
    """Whether nobody is left to hold the event."""
    is_open = EventState.CANCELED in EVENT_TRANSITIONS[event.state]
    return is_open and all(erg.state is ErgState.ARCHIVED for erg in event.accepted_hosts)


def over(db: Session) -> list[UUID]:
    """The published one-off events whose end lies a day behind; a series ends by its own rule."""
    last = func.max(Occurrence.ends_at)
    return list(
        db.scalars(
            select(Event.id)
            .join(Occurrence, Occurrence.event_id == Event.id)
            .where(
                Event.state == EventState.PUBLISHED,
                Event.id.not_in(select(Series.event_id)),
            )
            .group_by(Event.id)
            .having(last <= clock.now() - OVER_AFTER, func.count() == 1)
            .order_by(Event.id)
            .limit(500)
        )
    )


def complete(db: Session, event_id: UUID) -> None:
    """It is over; a second run changes nothing."""
    event = hold(db, Event, event_id)
    if event is not None and event.state is EventState.PUBLISHED and event_id in over(db):
        change_state(db, None, event, EventState.COMPLETED)
