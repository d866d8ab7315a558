"""Places that our mentors lend to a partner: each one's own choice, taken back at any time."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock
from app.core.database import hold
from app.core.errors import Refused
from app.programs.models import LentSeat, Partner
from app.programs.services.offers import hold_places, left_everywhere
from app.programs.services.seats import hold_partner


def lend(db: Session, actor_id: UUID, *, partner_id: UUID) -> LentSeat:
    """Keep one of one's own places for a partner; it counts as in use over all programs."""
    partner = hold_partner(db, partner_id)
    assert partner is not None
    if lent_to(db, partner.id) >= partner.seats_lent:
        raise Refused(_("All seats that the agreement lends are taken. Thank you for offering."))
    if hold_places(db, actor_id) is None:
        raise Refused(_("First say how many people you meet over all programs."), 422)
    if not left_everywhere(db, [actor_id])[actor_id]:
        raise Refused(_("All your places are in use. Choose a larger number first."), 422)
    if db.scalar(select(LentSeat.id).where(_is_lent(partner.id), LentSeat.person_id == actor_id)):
        raise Refused(_("You lend a place to this partner already."))
    seat = LentSeat(partner_id=partner.id, person_id=actor_id)
    db.add(seat)
    db.flush()
    audit.record(db, actor_id, "seat_lent", seat)
    db.flush()
    return seat


def take_seat_back(db: Session, actor_id: UUID | None, *, seat_id: UUID) -> None:
    """The place is one's own again."""
    seat = hold(db, LentSeat, seat_id)
    if seat is None or (actor_id is not None and seat.person_id != actor_id):
        raise Refused(_("Only whoever lends a place can take it back."), 403)
    if seat.ended_at is None:
        seat.ended_at = clock.now()
        audit.record(db, actor_id, "seat_taken_back", seat)
        db.flush()


def lent_to(db: Session, partner_id: UUID) -> int:
    """How many seats a partner has of us now."""
    return db.scalar(select(func.count(LentSeat.id)).where(_is_lent(partner_id))) or 0


def _is_lent(partner_id: UUID):  # type: ignore[no-untyped-def]
    return (LentSeat.partner_id == partner_id) & LentSeat.ended_at.is_(None)


def end_lending_of(db: Session, person_id: UUID) -> None:
    """Departure: whoever leaves lends nothing."""
    for seat_id in db.scalars(
        select(LentSeat.id)
        .where(LentSeat.person_id == person_id, LentSeat.ended_at.is_(None))
        .order_by(LentSeat.id)
    ).all():
        take_seat_back(db, None, seat_id=seat_id)


def end_lending_over(db: Session) -> None:
    """Places lent under an agreement that is over are their people's own again."""
    for seat_id in db.scalars(
        select(LentSeat.id)
        .join(Partner, Partner.id == LentSeat.partner_id)
        .where(LentSeat.ended_at.is_(None), Partner.ends_on < clock.now().date())
        .order_by(LentSeat.id)
    ).all():
        take_seat_back(db, None, seat_id=seat_id)
