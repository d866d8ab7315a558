"""Places of relationships that come back, or that somebody left while the others go on."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.database import hold
from app.core.errors import Refused
from app.programs.models import Enrollment, Offer
from app.programs.rules import OPEN_OFFERS, EnrollmentState, OfferState, free_places
from app.programs.services.offers.asking import holds_a_place, is_a_pair, places_taken
from app.programs.services.offers.ending import close, release, tell
from app.programs.services.offers.everywhere import has_place_everywhere, hold_places

STILL_HERE = (EnrollmentState.READY, EnrollmentState.PAUSED, EnrollmentState.COMPLETED)


def are_still_here(db: Session, *, offer_id: UUID) -> bool:
    """Whether neither side of an accepted offer has left the program."""
    offer = db.get_one(Offer, offer_id)
    both = (offer.mentee_id, offer.mentor_id)
    states = db.scalars(select(Enrollment.state).where(Enrollment.id.in_(both)))
    return all(state in STILL_HERE for state in states)


def take_again(db: Session, *, offer_id: UUID) -> None:
    """Take the place of an accepted offer again, if it is still free and both are still there."""
    seen = db.get_one(Offer, offer_id)
    mentee, mentor = hold(db, Enrollment, seen.mentee_id), hold(db, Enrollment, seen.mentor_id)
    assert mentee and mentor
    hold_places(db, mentor.person_id)
    offer = hold(db, Offer, offer_id)
    assert offer
    if mentee.state not in STILL_HERE or mentor.state not in STILL_HERE:
        raise Refused(_("One of them has left the program meanwhile, so this pair stays ended."))
    taken = places_taken(db, [mentor.id]).get(mentor.id, 0)
    mine = select(Offer.id).where(Offer.mentee_id == mentee.id, holds_a_place())
    has_room = free_places(mentor.capacity, taken) and has_place_everywhere(
        db, mentor.person_id, offers_too=True
    )
    if not has_room or db.scalar(mine.limit(1)) is not None:
        raise Refused(_("The place has been taken meanwhile, so this pair stays ended."))
    offer.released_at = None
    db.flush()


def release_group(db: Session, *, group_id: UUID) -> None:
    """A group ended: the places of all its people are free, and nobody is asked any more."""
    theirs = select(Offer.id).where(Offer.group_id == group_id, holds_a_place()).order_by(Offer.id)
    for offer_id in db.scalars(theirs).all():
        offer = hold(db, Offer, offer_id)
        if offer is not None and offer.state in OPEN_OFFERS:
            close(db, None, offer, OfferState.WITHDRAWN, reason="group ended")
            tell(db, offer, offer.mentee_id)
        else:
            release(db, offer_id=offer_id)


def release_of(db: Session, *, enrollment_id: UUID | None, cohort_id: UUID) -> None:
    """Somebody left a relationship that lives on: free the place that this person held."""
    for offer_id in db.scalars(
        select(Offer.id)
        .where(Offer.cohort_id == cohort_id, Offer.mentee_id == enrollment_id, is_a_pair())
        .order_by(Offer.id)
    ).all():
        release(db, offer_id=offer_id)
