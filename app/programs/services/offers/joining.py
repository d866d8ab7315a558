"""One more seat in a group without sides that has begun: never more than the group holds."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.database import hold
from app.core.errors import Refused
from app.programs.models import Cohort, Enrollment, Offer
from app.programs.rules import OfferSource, OfferState, form_from
from app.programs.services.moving import move
from app.programs.services.offers.asking import (
    ask,
    holds_a_place,
    is_a_pair,
    refuse_unless_seat_free,
)


def refuse_unless_room(db: Session, cohort_id: UUID, group_id: UUID) -> None:
    """Refuse one more seat in a full group; the group's first seat is locked before counting."""
    first = select(Offer.id).where(Offer.group_id == group_id).order_by(Offer.id).limit(1)
    hold(db, Offer, db.scalars(first).one())
    if room_in(db, cohort_id=cohort_id, group_id=group_id) <= 0:
        raise Refused(_("This group is full now. You can wait for a seat."))


def room_in(db: Session, *, cohort_id: UUID, group_id: UUID) -> int:
    """How many seats of a group are free: neither taken nor offered."""
    held = select(func.count(Offer.id)).where(Offer.group_id == group_id, holds_a_place())
    return form_from(db.get_one(Cohort, cohort_id).rules).most - (db.scalar(held) or 0)


def make_seat(
    db: Session,
    actor_id: UUID | None,
    *,
    cohort_id: UUID,
    group_id: UUID,
    enrollment_id: UUID,
    source: OfferSource = OfferSource.REMATCH,
) -> Offer:
    """Offer a free seat of a group under way to one person, for a week like any offer."""
    person = hold(db, Enrollment, enrollment_id)
    if person is None or person.cohort_id != cohort_id:
        raise Refused(_("One of them has left the pool meanwhile. Run the matching again."))
    refuse_unless_seat_free(db, person)
    refuse_unless_room(db, cohort_id, group_id)
    here = db.scalars(
        select(Offer.mentee_id).where(Offer.group_id == group_id, is_a_pair()).order_by(Offer.id)
    ).all()
    if not here or enrollment_id in here:
        raise Refused(_("This group has ended meanwhile. The organizers will find another."))
    offer = Offer(
        cohort_id=cohort_id,
        group_id=group_id,
        mentee_id=enrollment_id,
        mentor_id=here[0],
        source=source,
        state=OfferState.DRAFT,
        round=0,
    )
    db.add(offer)
    db.flush()
    move(db, actor_id, offer, OfferState.OFFERED)
    offer.offered_at = clock.now()
    ask(db, offer)
    db.flush()
    return offer
