"""Places, whom an offer asks, and until when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.core import clock, outbox
from app.core.errors import Refused
from app.programs.models import Cohort, Enrollment, Offer
from app.programs.rules import (
    IN_POOL,
    OFFER_DAYS,
    OFFER_REMINDERS,
    OPEN_OFFERS,
    OfferState,
    Role,
    free_places,
)


def holds_a_place() -> Any:
    """The condition under which an offer takes a place: open, or accepted and not yet released."""
    return Offer.state.in_(OPEN_OFFERS) | is_a_pair()


def is_a_pair() -> Any:
    """The condition under which an offer is a relationship that lasts."""
    return (Offer.state == OfferState.ACCEPTED) & Offer.released_at.is_(None)


def places_taken(db: Session, mentor_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Places in use by mentor enrollment; those without any are absent."""
    return _counted(db, mentor_ids, holds_a_place())


def pairs_of(db: Session, mentor_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Lasting relationships by mentor enrollment; those without any are absent."""
    return _counted(db, mentor_ids, is_a_pair())


def _counted(db: Session, mentor_ids: Iterable[UUID], condition: Any) -> dict[UUID, int]:
    rows = db.execute(
        select(Offer.mentor_id, func.count())
        .where(Offer.mentor_id.in_(list(mentor_ids)), condition)
        .group_by(Offer.mentor_id)
    )
    return dict(rows.tuples().all())


def refuse_unless_free(db: Session, mentee: Enrollment | None, mentor: Enrollment | None) -> None:
    """Refuse an offer to two people who cannot get one now; both enrollments are held."""
    if mentee is None or mentor is None or mentee.person_id == mentor.person_id:
        raise Refused(_("These two cannot be a pair. Reload the page."))
    if mentor.role is not Role.MENTOR:
        raise Refused(_("In this format people are offered groups, not mentors."))
    if mentee.state not in IN_POOL or mentor.state not in IN_POOL:
        raise Refused(_("One of them has left the pool meanwhile. Run the matching again."))
    taken = places_taken(db, [mentor.id]).get(mentor.id, 0)
    if mentor.takes_no_more or not free_places(mentor.capacity, taken):
        raise Refused(_("This mentor has no free place. Choose another mentor."))
    mine = Offer.mentee_id == mentee.id
    if db.scalar(select(Offer.id).where(mine, Offer.mentor_id == mentor.id, holds_a_place())):
        raise Refused(_("These two have an open offer or are a pair already."))


def refuse_unless_seat_free(db: Session, person: Enrollment) -> None:
    """Where there are no sides: refuse whoever has as many seats as they want."""
    if person.state not in IN_POOL:
        raise Refused(_("One of them has left the pool meanwhile. Run the matching again."))
    if person.takes_no_more or seats_of(db, person.id, holds_a_place()) >= person.capacity:
        raise Refused(_("This person has an open offer or meets somebody here already."))


def seats_of(db: Session, enrollment_id: UUID, condition: Any) -> int:
    """Seats of somebody in groups of a cohort."""
    mine = select(func.count(Offer.id)).where(Offer.mentee_id == enrollment_id, condition)
    return db.scalar(mine) or 0


def side_asked(cohort: Cohort, offer: Offer) -> Role:
    """Whose answer an offer waits for, or waited for at its end."""
    return offer.side_due(cohort.program)


def ask(db: Session, offer: Offer) -> None:
    """Ask the side whose turn it is, for a week, with two reminders on the way."""
    offer.expires_at = clock.now() + timedelta(days=OFFER_DAYS)
    remind(db, offer, (0, *OFFER_REMINDERS))


def remind(db: Session, offer: Offer, on_days: tuple[int, ...]) -> None:
    """Plan messages for days of the last week of an open offer; 0 is the offer itself."""
    cohort = db.get_one(Cohort, offer.cohort_id)
    assert offer.expires_at is not None
    is_mentor = side_asked(cohort, offer) is Role.MENTOR
    person = person_of(db, offer.mentor_id if is_mentor else offer.mentee_id)
    if not person.can_sign_in:
        return
    for day in on_days:
        outbox.put(
            db,
            "offer_waiting",
            subject=offer.id,
            person=person.id,
            occasion=f"day-{day}",
            due=offer.expires_at - timedelta(days=OFFER_DAYS - day),
            revision=offer.round,
            expires=offer.expires_at,
        )


def person_of(db: Session, enrollment_id: UUID) -> Person:
    """Who is enrolled."""
    found = db.scalar(
        select(Person)
        .join(Enrollment, Enrollment.person_id == Person.id)
        .where(Enrollment.id == enrollment_id)
    )
    assert found is not None, "an enrollment always has its person"
    return found
