"""Offers: made, answered, expired, taken back. An open offer holds a place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.audit import services as audit
from app.core import clock, outbox
from app.core.database import hold
from app.core.errors import Refused
from app.programs.models import Cohort, Enrollment, Offer
from app.programs.registry import on_accepted
from app.programs.rules import (
    IN_POOL,
    OFFER_DAYS,
    OFFER_REMINDERS,
    OPEN_OFFERS,
    DeclineReason,
    EnrollmentState,
    OfferSource,
    OfferState,
    Role,
    free_places,
)
from app.programs.services.moving import move


def holds_a_place() -> Any:
    """The condition under which an offer takes a place: open, or accepted and not yet released."""
    accepted = (Offer.state == OfferState.ACCEPTED) & Offer.released_at.is_(None)
    return Offer.state.in_(OPEN_OFFERS) | accepted


def places_taken(db: Session, mentor_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Places in use by mentor enrollment; those without any are absent."""
    rows = db.execute(
        select(Offer.mentor_id, func.count())
        .where(Offer.mentor_id.in_(list(mentor_ids)), holds_a_place())
        .group_by(Offer.mentor_id)
    )
    return dict(rows.tuples().all())


def make_offer(
    db: Session,
    actor_id: UUID | None,
    *,
    cohort_id: UUID,
    mentee_id: UUID,
    mentor_id: UUID,
    source: OfferSource,
    run_id: UUID | None = None,
    score: float | None = None,
    reasons: Sequence[Any] = (),
) -> Offer:
    """Offer a relationship to two people, if both are free; sends it at once."""
    mentee = hold(db, Enrollment, mentee_id)
    mentor = hold(db, Enrollment, mentor_id)
    _refuse_unless_free(db, mentee, mentor)
    offer = Offer(
        cohort_id=cohort_id,
        run_id=run_id,
        mentee_id=mentee_id,
        mentor_id=mentor_id,
        source=source,
        score=score,
        reasons=list(reasons),
        state=OfferState.DRAFT,
    )
    db.add(offer)
    db.flush()
    _send(db, actor_id, offer)
    return offer


def _refuse_unless_free(db: Session, mentee: Enrollment | None, mentor: Enrollment | None) -> None:
    """Refuse an offer to two people who cannot get one now."""
    if mentee is None or mentor is None or mentee.person_id == mentor.person_id:
        raise Refused(_("These two cannot be a pair. Reload the page."))
    if mentee.state not in IN_POOL or mentor.state not in IN_POOL:
        raise Refused(_("One of them has left the pool meanwhile. Run the matching again."))
    taken = places_taken(db, [mentor.id]).get(mentor.id, 0)
    if mentor.takes_no_more or not free_places(mentor.capacity, taken):
        raise Refused(_("This mentor has no free place. Choose another mentor."))
    same = select(Offer.id).where(
        Offer.mentee_id == mentee.id, Offer.mentor_id == mentor.id, holds_a_place()
    )
    if db.scalar(same.limit(1)):
        raise Refused(_("These two have an open offer or are a pair already."))


def _send(db: Session, actor_id: UUID | None, offer: Offer) -> None:
    """An offer goes out: a week to answer, and two reminders on the way."""
    cohort = db.get_one(Cohort, offer.cohort_id)
    move(db, actor_id, offer, OfferState.OFFERED)
    offer.offered_at = clock.now()
    asked = offer.mentor_id if cohort.program.asks_mentor else offer.mentee_id
    _ask(db, offer, asked)
    db.flush()


def _ask(db: Session, offer: Offer, enrollment_id: UUID) -> None:
    offer.expires_at = clock.now() + timedelta(days=OFFER_DAYS)
    person = _person_of(db, enrollment_id)
    if not person.can_sign_in:
        return
    for day in (0, *OFFER_REMINDERS):
        outbox.put(
            db,
            "offer_waiting",
            subject=offer.id,
            person=person.id,
            occasion=f"day-{day}",
            due=clock.now() + timedelta(days=day),
            expires=offer.expires_at,
        )


def _person_of(db: Session, enrollment_id: UUID) -> Person:
    found = db.scalar(
        select(Person)
        .join(Enrollment, Enrollment.person_id == Person.id)
        .where(Enrollment.id == enrollment_id)
    )
    assert found is not None, "an enrollment always has its person"
    return found


def accept(db: Session, actor_id: UUID, *, offer_id: UUID, on_behalf: bool = False) -> str | None:
    """Accept an offer. The mentee's yes is the last word and makes the relationship at once;
    returns the path of what it opened."""
    offer, side = _held_open(db, actor_id, offer_id, on_behalf)
    program = db.get_one(Cohort, offer.cohort_id).program
    asks_first = program.asks_mentor and offer.state is OfferState.OFFERED
    path = None
    if side is Role.MENTOR or (on_behalf and asks_first):
        _accept_as_mentor(db, actor_id, offer, asks_first)
    elif asks_first:
        raise Refused(_("The mentor answers first. You will hear from us right after."))
    else:
        path = _accept_as_mentee(db, actor_id, offer, on_behalf)
    db.flush()
    return path


def _accept_as_mentor(db: Session, actor_id: UUID, offer: Offer, asks_first: bool) -> None:
    if not asks_first:
        raise Refused(_("It is the mentee's turn to answer. We will tell you."))
    move(db, actor_id, offer, OfferState.PARTLY_ACCEPTED)
    offer.mentor_accepted_at = clock.now()
    outbox.withdraw(db, "offer_waiting", subject=offer.id)
    _ask(db, offer, offer.mentee_id)


def _accept_as_mentee(db: Session, actor_id: UUID, offer: Offer, on_behalf: bool) -> str | None:
    mentor = db.get_one(Enrollment, offer.mentor_id)
    if places_taken(db, [mentor.id])[mentor.id] > mentor.capacity:
        raise Refused(_("This mentor has no place left. The organizers will find you another."))
    _close(db, actor_id, offer, OfferState.ACCEPTED, on_behalf=on_behalf)
    paths = [follow(db, actor_id, offer.id) for _name, follow in on_accepted]
    others = select(Offer.id).where(
        Offer.mentee_id == offer.mentee_id, Offer.id != offer.id, Offer.state.in_(OPEN_OFFERS)
    )
    for other_id in db.scalars(others.order_by(Offer.id)).all():
        other = hold(db, Offer, other_id)
        if other is not None and other.state in OPEN_OFFERS:
            _close(db, actor_id, other, OfferState.SUPERSEDED)
            _tell(db, other, other.mentor_id)
    return next((path for path in paths if path), None)


def decline(
    db: Session,
    actor_id: UUID,
    *,
    offer_id: UUID,
    reason: DeclineReason,
    note: str = "",
    no_more: bool = False,
    on_behalf: bool = False,
) -> Offer:
    """Decline an offer; the reason stays between this person and the organizers."""
    offer, side = _held_open(db, actor_id, offer_id, on_behalf)
    offer.decline_reason, offer.decline_note = reason, note
    _close(db, actor_id, offer, OfferState.DECLINED, on_behalf=on_behalf)
    enrollment = db.get_one(Enrollment, offer.mentor_id if side is Role.MENTOR else offer.mentee_id)
    if no_more:
        enrollment.takes_no_more = True
        audit.record(db, actor_id, "enrollment_takes_no_more", enrollment)
    _tell(db, offer, offer.mentee_id if side is Role.MENTOR else offer.mentor_id)
    db.flush()
    return offer


def _held_open(
    db: Session, actor_id: UUID, offer_id: UUID, on_behalf: bool
) -> tuple[Offer, Role | None]:
    """The offer, locked with both enrollments and still open, and the side that answers."""
    seen = db.get(Offer, offer_id)
    if seen is None:
        raise Refused(_("This offer no longer exists."))
    mentee = hold(db, Enrollment, seen.mentee_id)
    mentor = hold(db, Enrollment, seen.mentor_id)
    offer = hold(db, Offer, offer_id)
    assert mentee and mentor and offer
    if offer.state not in OPEN_OFFERS or (offer.expires_at and offer.expires_at <= clock.now()):
        raise Refused(_("This offer is no longer open. Reload the page to see what became of it."))
    if on_behalf:
        _refuse_if_reachable(db, mentee)
        return offer, None
    sides = {mentee.person_id: Role.MENTEE, mentor.person_id: Role.MENTOR}
    if actor_id not in sides:
        raise Refused(_("Only the people of this offer can answer it."), status=403)
    return offer, sides[actor_id]


def _refuse_if_reachable(db: Session, mentee: Enrollment) -> None:
    if _person_of(db, mentee.id).can_sign_in:
        raise Refused(_("This person can sign in and answers for themselves."))


def _close(
    db: Session,
    actor_id: UUID | None,
    offer: Offer,
    to: OfferState,
    *,
    on_behalf: bool = False,
    reason: str | None = None,
) -> None:
    move(db, actor_id, offer, to, reason="on_behalf" if on_behalf else reason)
    offer.answered_at, offer.answered_by, offer.on_behalf = clock.now(), actor_id, on_behalf
    outbox.withdraw(db, "offer_waiting", subject=offer.id)


def _tell(db: Session, offer: Offer, enrollment_id: UUID) -> None:
    """Somebody who knew of an offer learns that it ended, never why; who did not, nothing."""
    person = _person_of(db, enrollment_id)
    if person.can_sign_in and _knows(db, offer, enrollment_id):
        outbox.put(db, "offer_ended", subject=offer.id, person=person.id)


def _knows(db: Session, offer: Offer, enrollment_id: UUID) -> bool:
    asks_mentor = db.get_one(Cohort, offer.cohort_id).program.asks_mentor
    if enrollment_id == offer.mentor_id:
        return asks_mentor
    return not asks_mentor or offer.mentor_accepted_at is not None


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
            _close(db, None, offer, OfferState.EXPIRED)
            _tell(db, offer, offer.mentee_id)
            ended += 1
    db.flush()
    return ended


def withdraw_offer(db: Session, actor_id: UUID, *, offer_id: UUID, reason: str) -> None:
    """Take back an open offer as an organizer, with a reason that stays in the log."""
    offer = hold(db, Offer, offer_id)
    if offer is None or offer.state not in OPEN_OFFERS:
        raise Refused(_("This offer is no longer open. Reload the page to see what became of it."))
    _close(db, actor_id, offer, OfferState.WITHDRAWN, reason=reason)
    _tell(db, offer, offer.mentee_id)
    db.flush()


def withdraw_offers_of(
    db: Session, actor_id: UUID | None, enrollment: Enrollment, *, reason: str
) -> None:
    """Take back every open offer of an enrollment that ends, and tell the other side."""
    mine = (Offer.mentee_id == enrollment.id) | (Offer.mentor_id == enrollment.id)
    for offer_id in db.scalars(
        select(Offer.id).where(mine, Offer.state.in_(OPEN_OFFERS)).order_by(Offer.id)
    ).all():
        offer = hold(db, Offer, offer_id)
        if offer is not None and offer.state in OPEN_OFFERS:
            _close(db, actor_id, offer, OfferState.WITHDRAWN, reason=reason)
            other = offer.mentor_id if enrollment.role is Role.MENTEE else offer.mentee_id
            _tell(db, offer, other)


def release(db: Session, *, offer_id: UUID) -> None:
    """The relationship of an accepted offer ended: its place is free again."""
    offer = hold(db, Offer, offer_id)
    if offer is not None and offer.released_at is None:
        offer.released_at = clock.now()


def complete(db: Session, actor_id: UUID | None, *, enrollment_id: UUID) -> None:
    """The person finished what this enrollment was for."""
    enrollment = hold(db, Enrollment, enrollment_id)
    if enrollment is not None and enrollment.state is EnrollmentState.READY:
        move(db, actor_id, enrollment, EnrollmentState.COMPLETED)
