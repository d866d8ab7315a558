"""What organizers leave for those who could not be there."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.attendance import queries
from app.attendance.models import EventMaterial
from app.attendance.rules import MAX_MATERIALS, MaterialKind
from app.audit import services as audit
from app.core import clock, ids, outbox
from app.core.database import hold
from app.core.errors import Refused
from app.ergs import queries as ergs
from app.events.models import Occurrence, Rsvp
from app.events.rules import EventState, RsvpState

MISSED = "event_missed"
TOLD = (RsvpState.GOING, RsvpState.WAITLISTED, RsvpState.NO_SHOW)


def add_material(
    db: Session,
    actor_id: UUID | None,
    *,
    occurrence_id: UUID,
    kind: MaterialKind,
    title: str,
    url: str = "",
    notes: str = "",
    resource_id: UUID | None = None,
    locale: str = "en",
) -> EventMaterial:
    """Add a link, a recording, notes or a resource to a date of the past (None: seeds)."""
    occurrence = _led(db, actor_id, occurrence_id)
    if resource_id is not None:
        allowed = {row.id for row in queries.pickable_resources(db, occurrence.event)}
        if resource_id not in allowed:
            raise Refused(_("Not everybody in the audience may open this resource."), 422)
    number = db.scalar(
        select(func.count())
        .select_from(EventMaterial)
        .where(EventMaterial.occurrence_id == occurrence_id, EventMaterial.withdrawn_at.is_(None))
    )
    if (number or 0) >= MAX_MATERIALS:
        raise Refused(_("That is enough for one event. Take something back first."))
    row = EventMaterial(
        id=ids.new_id("event_material", f"{occurrence_id}|{title}"),
        occurrence_id=occurrence_id,
        kind=kind,
        title=title,
        url=url,
        notes=notes,
        locale=locale,
        resource_id=resource_id,
        added_by=actor_id,
        added_at=clock.now(),
    )
    db.add(row)
    audit.record(db, actor_id, "add_material", row, after=kind)
    db.flush()
    _tell(db, occurrence_id)
    return row


def _tell(db: Session, occurrence_id: UUID) -> None:
    """One message, at the first thing; a delivery that exists is never written twice."""
    people = db.scalars(
        select(Rsvp.person_id)
        .where(Rsvp.occurrence_id == occurrence_id, Rsvp.state.in_(TOLD))
        .order_by(Rsvp.person_id)
    ).all()
    outbox.put_all(db, MISSED, subject=occurrence_id, people=people)


def withdraw_material(db: Session, actor_id: UUID, *, material_id: UUID) -> None:
    """Take something back."""
    row = _held(db, actor_id, material_id)
    if row.withdrawn_at is None:
        row.withdrawn_at = clock.now()
        audit.record(db, actor_id, "withdraw_material", row)
        db.flush()


def return_material(db: Session, actor_id: UUID, *, material_id: UUID) -> None:
    """The undo of taking it back."""
    row = _held(db, actor_id, material_id)
    if row.withdrawn_at is not None:
        row.withdrawn_at = None
        audit.record(db, actor_id, "return_material", row)
        db.flush()


def _held(db: Session, actor_id: UUID, material_id: UUID) -> EventMaterial:
    row = db.get(EventMaterial, material_id)
    if row is None:
        raise Refused(_("This was taken back or has been deleted."), 404)
    _led(db, actor_id, row.occurrence_id)
    db.refresh(row)
    return row


def _led(db: Session, actor_id: UUID | None, occurrence_id: UUID) -> Occurrence:
    occurrence = hold(db, Occurrence, occurrence_id)
    if occurrence is None:
        raise Refused(_("This event does not exist any more."), 404)
    hosts = occurrence.event.accepted_hosts
    if actor_id is not None and not any(ergs.leads(db, actor_id, erg.id) for erg in hosts):
        raise Refused(_("Only organizers of the event can do this."), 403)
    if clock.now() < occurrence.ends_at or occurrence.event.state is EventState.CANCELED:
        raise Refused(_("This is for events that took place."))
    return occurrence
