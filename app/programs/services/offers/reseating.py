"""Seats of people who go on together in another group: taken at once, for they have been asked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core import clock, ids
from app.core.database import hold
from app.core.errors import Refused
from app.programs.models import Cohort, Enrollment, Offer
from app.programs.rules import OfferSource, OfferState, form_from
from app.programs.services.moving import move
from app.programs.services.offers.asking import holds_a_place, seats_of
from app.programs.services.offers.returning import STILL_HERE


def can_reseat(db: Session, *, enrollment_ids: Sequence[UUID], leaving: Collection[UUID]) -> bool:
    """Whether all of them have a seat to spare once these groups have ended; they are locked."""
    elsewhere = holds_a_place() & Offer.group_id.not_in(leaving)
    people = [hold(db, Enrollment, one) for one in sorted(enrollment_ids)]
    return all(
        person is not None
        and person.state in STILL_HERE
        and seats_of(db, person.id, elsewhere) < person.capacity
        for person in people
    )


def reseat(
    db: Session, actor_id: UUID | None, *, cohort_id: UUID, enrollment_ids: Sequence[UUID]
) -> tuple[UUID, dict[UUID, UUID]]:
    """Give people whose former seats are free again a seat each in one new group; returns the
    group and the seats by enrollment."""
    if not 2 <= len(enrollment_ids) <= form_from(db.get_one(Cohort, cohort_id).rules).most:
        raise Refused(_("These people do not fit into one group. Look at the proposal again."))
    group_id, seats = ids.new_id(), {}
    for enrollment_id in sorted(enrollment_ids):
        person = hold(db, Enrollment, enrollment_id)
        _refuse_unless_free(db, person)
        beside = next(one for one in enrollment_ids if one != enrollment_id)
        offer = Offer(
            cohort_id=cohort_id,
            group_id=group_id,
            mentee_id=enrollment_id,
            mentor_id=beside,
            source=OfferSource.REMATCH,
            state=OfferState.DRAFT,
            round=0,
        )
        db.add(offer)
        db.flush()
        move(db, actor_id, offer, OfferState.OFFERED, reason="reshaped")
        move(db, actor_id, offer, OfferState.ACCEPTED, reason="reshaped")
        offer.offered_at = offer.answered_at = clock.now()
        seats[enrollment_id] = offer.id
    db.flush()
    return group_id, seats


def _refuse_unless_free(db: Session, person: Enrollment | None) -> None:
    if person is None or person.state not in STILL_HERE:
        raise Refused(_("One of them has left the program meanwhile. Look at the proposal again."))
    if seats_of(db, person.id, holds_a_place()) >= person.capacity:
        raise Refused(_("One of them has another offer meanwhile. Look at the proposal again."))


def sit_again(db: Session, *, offer_id: UUID) -> bool:
    """Take a seat again that was given up, if its person is there and has room; else nothing."""
    seen = db.get_one(Offer, offer_id)
    person = hold(db, Enrollment, seen.mentee_id)
    offer = hold(db, Offer, offer_id)
    if person is None or offer is None or offer.state is not OfferState.ACCEPTED:
        return False
    has_room = seats_of(db, person.id, holds_a_place()) < person.capacity
    if person.state not in STILL_HERE or not has_room:
        return False
    offer.released_at = None
    db.flush()
    return True
