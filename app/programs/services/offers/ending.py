"""How offers end, and who hears of it."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock, outbox
from app.core.database import hold
from app.core.errors import Refused
from app.programs.models import Cohort, Enrollment, Offer
from app.programs.registry import on_group
from app.programs.rules import (
    OPEN_OFFERS,
    SHAPES,
    EnrollmentState,
    OfferState,
    Role,
    can_begin,
    form_from,
    has_enough,
)
from app.programs.services.moving import move
from app.programs.services.offers.asking import holds_a_place, person_of, places_taken


def close(
    db: Session,
    actor_id: UUID | None,
    offer: Offer,
    to: OfferState,
    *,
    on_behalf: bool = False,
    reason: str | None = None,
) -> None:
    """Bring a held offer to an end and forget its reminders."""
    move(db, actor_id, offer, to, reason="on_behalf" if on_behalf else reason)
    offer.answered_at, offer.answered_by, offer.on_behalf = clock.now(), actor_id, on_behalf
    outbox.withdraw(db, "offer_waiting", subject=offer.id)
    if offer.group_id is not None and to is not OfferState.ACCEPTED:
        settle_group(db, actor_id, offer)


def settle_group(db: Session, actor_id: UUID | None, offer: Offer) -> None:
    """After an answer or a departure: a group begins when enough people are in it, and is called
    off when too few still can be; one that is under way is not, whoever declines to join it."""
    db.flush()
    cohort = db.get_one(Cohort, offer.cohort_id)
    form, shape = form_from(cohort.rules), SHAPES[cohort.program.format]
    rows = db.execute(
        select(Offer.id, Offer.state)
        .where(Offer.group_id == offer.group_id, holds_a_place())
        .order_by(Offer.id)
    ).all()
    here = sum(state is OfferState.ACCEPTED for _id, state in rows)
    still_open = [offer_id for offer_id, state in rows if state in OPEN_OFFERS]
    begins = has_enough(form, shape, here, len(still_open))
    if not begins and can_begin(form, shape, here, len(still_open)):
        return
    assert offer.group_id is not None
    told = [follow(db, actor_id, offer.group_id, begins) for _name, follow in on_group]
    for offer_id in () if any(told) else still_open:
        other = hold(db, Offer, offer_id)
        if other is not None and other.state in OPEN_OFFERS:
            close(db, None, other, OfferState.WITHDRAWN, reason="too few")
            tell(db, other, other.mentee_id)


def tell(db: Session, offer: Offer, enrollment_id: UUID, *, but: UUID | None = None) -> None:
    """Somebody who knew of an offer learns that it ended, never why; who did not, nothing."""
    person = person_of(db, enrollment_id)
    if person.id != but and person.can_sign_in and _knows(db, offer, enrollment_id):
        outbox.put(db, "offer_ended", subject=offer.id, person=person.id, revision=offer.round)


def _knows(db: Session, offer: Offer, enrollment_id: UUID) -> bool:
    side = Role.MENTOR if enrollment_id == offer.mentor_id else Role.MENTEE
    return offer.is_known_to(side, db.get_one(Cohort, offer.cohort_id).program)


def expire_due(db: Session, limit: int = 200) -> int:
    """End offers that nobody answered in time; returns how many."""
    due = db.scalars(
        select(Offer.id)
        .where(Offer.state.in_(OPEN_OFFERS), Offer.expires_at <= clock.now())
        .order_by(Offer.expires_at, Offer.id)
        .limit(limit)
    ).all()
    ended = 0
    for offer_id in sorted(due):
        offer = hold(db, Offer, offer_id)
        if offer and offer.state in OPEN_OFFERS and offer.expires_at <= clock.now():  # type: ignore[operator]
            close(db, None, offer, OfferState.EXPIRED)
            tell(db, offer, offer.mentee_id)
            ended += 1
    db.flush()
    return ended


def withdraw_offer(db: Session, actor_id: UUID, *, offer_id: UUID, reason: str) -> None:
    """Recall an open offer as an organizer, with a reason that stays in the log."""
    offer = hold(db, Offer, offer_id)
    if offer is None or offer.state not in OPEN_OFFERS:
        raise Refused(_("This offer is no longer open. Reload the page to see what became of it."))
    close(db, actor_id, offer, OfferState.RECALLED, reason=reason)
    tell(db, offer, offer.mentee_id)
    db.flush()


def withdraw_offers_of(
    db: Session, actor_id: UUID | None, enrollment: Enrollment, *, reason: str
) -> None:
    """Take back every open offer of an enrollment that ends, and tell the other side."""
    is_mentor = enrollment.role is Role.MENTOR  # a seat of others beside somebody stays theirs
    mine = (Offer.mentor_id if is_mentor else Offer.mentee_id) == enrollment.id
    for offer_id in db.scalars(
        select(Offer.id).where(mine, Offer.state.in_(OPEN_OFFERS)).order_by(Offer.id)
    ).all():
        offer = hold(db, Offer, offer_id)
        if offer is not None and offer.state in OPEN_OFFERS:
            close(db, actor_id, offer, OfferState.WITHDRAWN, reason=reason)
            other = offer.mentor_id if enrollment.role is Role.MENTEE else offer.mentee_id
            tell(db, offer, other)


def fit_to_capacity(db: Session, actor_id: UUID | None, mentor: Enrollment) -> None:
    """Fewer places: the newest open offers beyond them are taken back; pairs stay."""
    if mentor.role is not Role.MENTOR:
        return
    over = places_taken(db, [mentor.id]).get(mentor.id, 0) - mentor.capacity
    if over <= 0:
        return
    newest = (
        select(Offer.id)
        .where(Offer.mentor_id == mentor.id, Offer.state.in_(OPEN_OFFERS))
        .order_by(Offer.offered_at.desc(), Offer.id)
        .limit(over)
    )
    for offer_id in sorted(db.scalars(newest)):
        offer = hold(db, Offer, offer_id)
        if offer is not None and offer.state in OPEN_OFFERS:
            close(db, actor_id, offer, OfferState.WITHDRAWN, reason="fewer places")
            tell(db, offer, offer.mentee_id)


def release(db: Session, *, offer_id: UUID) -> None:
    """The relationship of an accepted offer ended: its place is free again."""
    offer = hold(db, Offer, offer_id)
    if offer is not None and offer.released_at is None:
        offer.released_at = clock.now()


def go_on(db: Session, actor_id: UUID | None, *, enrollment_id: UUID) -> None:
    """What was finished goes on after all."""
    enrollment = hold(db, Enrollment, enrollment_id)
    if enrollment is not None and enrollment.state is EnrollmentState.COMPLETED:
        move(db, actor_id, enrollment, EnrollmentState.READY, reason="reopened")


def complete(db: Session, actor_id: UUID | None, *, enrollment_id: UUID) -> None:
    """The person finished what this enrollment was for."""
    enrollment = hold(db, Enrollment, enrollment_id)
    if enrollment is not None and enrollment.state is EnrollmentState.READY:
        move(db, actor_id, enrollment, EnrollmentState.COMPLETED)
