"""What gives seats back without the person's answer: departure, leaving the group, the sweep."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.database import hold
from app.events.models import Event, Occurrence, Rsvp
from app.events.rules import Audience, EventState, OccurrenceState, RsvpState
from app.events.services import admission
from app.events.services.answering import ON_NO
from app.events.services.claiming import release
from app.events.services.holding import held_date

_S = RsvpState
OPEN_CLAIMS = (_S.GOING, _S.WAITLISTED, _S.OFFERED, _S.PENDING_APPROVAL)


def depart(db: Session, person_id: UUID) -> None:
    """Give back all seats of a person who leaves the company."""
    _give_back(db, _claims_ahead(db, person_id))


def leave_group(db: Session, erg_id: UUID, person_id: UUID) -> None:
    """Give back seats at events that the person may not come to any more."""
    rows = [
        row
        for row in _claims_ahead(db, person_id)
        if row.occurrence.event.audience is not Audience.COMPANY
        and not admission.entitled_among(db, row.occurrence.event, [person_id])
    ]
    _give_back(db, rows)


def _claims_ahead(db: Session, person_id: UUID) -> list[Rsvp]:
    """Also of what is put off: its old time may be past, its new one is ahead."""
    return list(
        db.scalars(
            select(Rsvp)
            .join(Occurrence, Occurrence.id == Rsvp.occurrence_id)
            .join(Event, Event.id == Occurrence.event_id)
            .where(
                Rsvp.person_id == person_id,
                Rsvp.state.in_(OPEN_CLAIMS),
                or_(Occurrence.ends_at > clock.now(), Event.state == EventState.POSTPONED),
            )
            .order_by(Rsvp.occurrence_id)
        )
    )


def _give_back(db: Session, rows: list[Rsvp]) -> None:
    for row in rows:
        occurrence = held_date(db, row.occurrence_id)
        db.refresh(row)
        if row.state in ON_NO:
            release(db, row, ON_NO[row.state], "left")
        admission.settle(db, occurrence)


def sweep_due(db: Session, occurrence_id: UUID) -> None:
    """End late offers of one date and hand on what is free; harmless at any time."""
    occurrence = hold(db, Occurrence, occurrence_id)
    if occurrence is not None:
        admission.settle(db, occurrence)


def to_sweep(db: Session) -> list[UUID]:
    """Dates ahead on which somebody waits or holds an offer."""
    return list(
        db.scalars(
            select(Occurrence.id)
            .join(Rsvp, Rsvp.occurrence_id == Occurrence.id)
            .where(
                Occurrence.state == OccurrenceState.SCHEDULED,
                or_(Occurrence.ends_at > clock.now(), Rsvp.state == _S.OFFERED),
                Rsvp.state.in_((_S.WAITLISTED, _S.OFFERED)),
            )
            .distinct()
            .order_by(Occurrence.id)
        )
    )
