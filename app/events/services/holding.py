"""A date under lock, its event for somebody who runs it; the one way to change its state.

The order of locks is group, date, event: approvals hold the group first, so do those who ask them.
"""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core.database import hold
from app.core.errors import Refused
from app.ergs import queries as ergs
from app.ergs.models import Erg
from app.events.models import Event, Occurrence, Rsvp
from app.events.rules import EVENT_TRANSITIONS, EventState, RsvpState


def held_date(db: Session, occurrence_id: UUID) -> Occurrence:
    """The date under lock; the first statement of everything that counts seats."""
    occurrence = hold(db, Occurrence, occurrence_id)
    if occurrence is None:
        raise Refused(_("This event does not exist any more."), 404)
    return occurrence


def led(db: Session, actor_id: UUID | None, occurrence_id: UUID) -> Occurrence:
    """The date, locked, for a lead of one of its hosts (None: seeds)."""
    occurrence = held_date(db, occurrence_id)
    hosts = occurrence.event.accepted_hosts
    if actor_id is not None and not any(ergs.leads(db, actor_id, erg.id) for erg in hosts):
        raise Refused(_("Only organizers of the event can do this."), 403)
    return occurrence


def led_with_group(db: Session, actor_id: UUID | None, occurrence_id: UUID) -> Occurrence:
    """The same with the group that planned it locked before, for what approvals hear about."""
    found = db.get(Occurrence, occurrence_id)
    if found is None:
        raise Refused(_("This event does not exist any more."), 404)
    host_id = found.event.first_host.id
    hold(db, Erg, host_id)
    occurrence = led(db, actor_id, occurrence_id)
    db.refresh(occurrence.event, ["hosts", "state"])
    if occurrence.event.first_host.id != host_id:
        raise Refused(_("The event was changed meanwhile. Reload the page."))
    return occurrence


def change_state(
    db: Session, actor_id: UUID | None, event: Event, to: EventState, reason: str | None = None
) -> None:
    """Change the state along the table, under the lock of the event, with one audit row."""
    hold(db, Event, event.id)
    if to not in EVENT_TRANSITIONS[event.state]:
        raise Refused(_("The event cannot be changed like that from its present state."))
    audit.record(db, actor_id, "change_state", event, before=event.state, after=to, reason=reason)
    event.state = to
    db.flush()


def own(db: Session, occurrence_id: UUID, person_id: UUID) -> Rsvp | None:
    """A person's answer, inside the transaction that holds the date."""
    return db.scalar(
        select(Rsvp).where(Rsvp.occurrence_id == occurrence_id, Rsvp.person_id == person_id)
    )


def answers(db: Session, occurrence: Occurrence, *states: RsvpState) -> list[Rsvp]:
    """The answers to a date in some states."""
    return list(
        db.scalars(
            select(Rsvp)
            .where(Rsvp.occurrence_id == occurrence.id, Rsvp.state.in_(states))
            .order_by(Rsvp.id)
        )
    )
