"""After the end: attended or not, only where check-in was used."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.attendance.models import DoorScan
from app.attendance.rules import SETTLES_AFTER
from app.core import clock
from app.events import services as events
from app.events.models import Occurrence, Rsvp
from app.events.rules import RsvpState


def to_settle(db: Session) -> list[UUID]:
    """Dates that are over and at which somebody still counts as just checked in."""
    return list(
        db.scalars(
            select(Occurrence.id)
            .join(Rsvp, Rsvp.occurrence_id == Occurrence.id)
            .where(
                Rsvp.state == RsvpState.CHECKED_IN,
                Occurrence.ends_at <= clock.now() - SETTLES_AFTER,
            )
            .distinct()
            .order_by(Occurrence.id)
        )
    )


def settle(db: Session, occurrence_id: UUID) -> int:
    """Close each way of taking part in which somebody was checked in; harmless at any time."""
    occurrence = db.get(Occurrence, occurrence_id)
    if occurrence is None or clock.now() < occurrence.ends_at + SETTLES_AFTER:
        return 0
    used = db.scalars(
        select(Rsvp.mode)
        .join(DoorScan, DoorScan.rsvp_id == Rsvp.id)
        .where(Rsvp.occurrence_id == occurrence_id, DoorScan.undone_at.is_(None))
        .distinct()
    ).all()
    if not used:
        return 0
    return events.close_attendance(db, occurrence_id=occurrence_id, modes=used)
