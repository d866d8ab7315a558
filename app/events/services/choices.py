"""What people want of entries and reminders, and what organizers choose for an event."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, outbox
from app.core.database import hold
from app.core.errors import Refused
from app.ergs import queries as ergs
from app.events.models import CalendarChoice, EntryChoice, Event, Occurrence, Rsvp
from app.events.registry import rewordings
from app.events.rules import REMINDERS, OccurrenceState, RsvpState
from app.events.rules.reminding import MOST, OFFSETS, USUAL
from app.events.services.dates import meant_event
from app.events.services.entries import put_entry, put_reminders


def choose_usual(
    db: Session, actor_id: UUID, *, is_discreet: bool, wants_summary: bool
) -> CalendarChoice:
    """Keep what a person wants of all entries; those in their calendar follow at once."""
    row = db.get(CalendarChoice, actor_id) or CalendarChoice(
        person_id=actor_id, is_discreet=False, wants_summary=False
    )
    turned = row.is_discreet is not is_discreet
    row.is_discreet, row.wants_summary = is_discreet, wants_summary
    db.add(row)
    db.flush()
    if turned:
        _send_anew(db, actor_id)
        for _name, send_anew in rewordings:
            send_anew(db, actor_id)
    return row


def choose_entry(
    db: Session,
    actor_id: UUID,
    *,
    occurrence_id: UUID,
    is_discreet: bool | None,
    is_silent: bool,
) -> EntryChoice:
    """Keep what a person wants of one entry; if it is in their calendar it follows at once."""
    key = (actor_id, occurrence_id)
    if hold(db, Occurrence, occurrence_id) is None:
        raise Refused(_("This event does not exist any more."), 404)
    row = db.get(EntryChoice, key) or EntryChoice(
        person_id=actor_id, occurrence_id=occurrence_id, is_discreet=None, is_silent=False
    )
    turned = row.is_discreet is not is_discreet
    row.is_discreet, row.is_silent = is_discreet, is_silent
    db.add(row)
    db.flush()
    if turned:
        _send_anew(db, actor_id, occurrence_id)
    return row


def _send_anew(db: Session, person_id: UUID, occurrence_id: UUID | None = None) -> None:
    """Send the entries ahead as they are to look now."""
    chosen = (
        select(Rsvp.id, Rsvp.occurrence_id)
        .join(Occurrence, Occurrence.id == Rsvp.occurrence_id)
        .where(
            Rsvp.person_id == person_id,
            Rsvp.state == RsvpState.GOING,
            Occurrence.state == OccurrenceState.SCHEDULED,
            Occurrence.ends_at > clock.now(),
        )
        .order_by(Rsvp.occurrence_id)
    )
    if occurrence_id is not None:
        chosen = chosen.where(Rsvp.occurrence_id == occurrence_id)
    for rsvp_id, held_id in db.execute(chosen).all():
        occurrence, rsvp = hold(db, Occurrence, held_id), db.get(Rsvp, rsvp_id)
        if occurrence is None or rsvp is None:
            continue
        db.refresh(rsvp)
        if rsvp.state is RsvpState.GOING:
            put_entry(db, occurrence, rsvp)
    db.flush()


def choose_reminders(
    db: Session,
    actor_id: UUID,
    *,
    occurrence_id: UUID,
    minutes: Collection[int],
    is_for_all: bool = False,
) -> Event:
    """Organizers say when people are reminded; what is not sent yet follows the new choice.

    Of a series this date alone, or all that lie ahead and are like it.
    """
    occurrence = hold(db, Occurrence, occurrence_id)
    if occurrence is None:
        raise Refused(_("This event does not exist any more."), 404)
    event = occurrence.event
    if not any(ergs.leads(db, actor_id, erg.id) for erg in event.accepted_hosts):
        raise Refused(_("Only organizers of the event can do this."), 403)
    wanted = sorted(set(minutes), reverse=True)
    if not set(wanted) <= set(OFFSETS) or len(wanted) > MOST:
        raise Refused(_("Choose at most %(number)s of the times offered.", number=MOST), 422)
    before = event.reminder_minutes
    if wanted == (sorted(USUAL, reverse=True) if before is None else before):
        return event
    event = meant_event(db, occurrence, is_for_all=is_for_all)
    event.reminder_minutes = wanted
    audit.record(
        db,
        actor_id,
        "reminders_chosen",
        event,
        before=_text(before),
        after=_text(wanted),
    )
    dates = select(Occurrence.id).where(
        Occurrence.event_id == event.id,
        Occurrence.state == OccurrenceState.SCHEDULED,
        Occurrence.starts_at > clock.now(),
    )
    for date_id in db.scalars(dates.order_by(Occurrence.id)).all():
        _remind_anew(db, date_id)
    db.flush()
    return event


def _remind_anew(db: Session, occurrence_id: UUID) -> None:
    """Take back what is not due any more, write what is; the entry itself stays as it is."""
    occurrence = hold(db, Occurrence, occurrence_id)
    if occurrence is None:
        return
    going = select(Rsvp).where(Rsvp.occurrence_id == occurrence_id, Rsvp.state == RsvpState.GOING)
    for rsvp in db.scalars(going.order_by(Rsvp.id)):
        outbox.unwrite(db, REMINDERS, subject=rsvp.id)
        put_reminders(db, occurrence, rsvp)


def _text(minutes: Collection[int] | None) -> str:
    return "usual" if minutes is None else " ".join(map(str, minutes))
