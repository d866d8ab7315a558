"""The answers to an offer; the mentee has the last word, in reverse programs the junior mentor."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, outbox
from app.core.database import hold
from app.core.errors import Refused
from app.programs.models import Cohort, Enrollment, Offer
from app.programs.registry import on_accepted
from app.programs.rules import OPEN_OFFERS, SHAPES, DeclineReason, OfferState, Role
from app.programs.services.moving import move
from app.programs.services.offers.asking import (
    ask,
    is_a_pair,
    pairs_of,
    person_of,
    seats_of,
    side_asked,
)
from app.programs.services.offers.ending import close, settle_group, tell
from app.programs.services.offers.everywhere import (
    has_place_everywhere,
    hold_places,
    of_mentor,
)


def accept(db: Session, actor_id: UUID, *, offer_id: UUID, on_behalf: bool = False) -> str | None:
    """Accept an offer. The yes of whoever has the last word makes the relationship at once; returns
    the path of what it opened."""
    offer, side = _held_open(db, actor_id, offer_id, on_behalf)
    cohort = db.get_one(Cohort, offer.cohort_id)
    due, last = side_asked(cohort, offer), SHAPES[cohort.program.format].last_word
    if side not in (due, None):
        raise Refused(_("It is the other side's turn to answer. We will tell you."))
    path = None
    if due is not last:
        _accept_first(db, actor_id, offer)
    elif (db.get_one(Enrollment, offer.mentor_id)).role is Role.MENTOR:
        path = _accept_last(db, actor_id, offer, on_behalf)
    else:
        path = _take_seat(db, actor_id, offer, on_behalf)
    if offer.group_id is not None and offer.state is OfferState.ACCEPTED:
        settle_group(db, actor_id, offer)
    db.flush()
    return path


def _accept_first(db: Session, actor_id: UUID, offer: Offer) -> None:
    """The yes of the side without the last word; now the other one is asked."""
    move(db, actor_id, offer, OfferState.PARTLY_ACCEPTED)
    offer.mentor_accepted_at = clock.now()
    outbox.withdraw(db, "offer_waiting", subject=offer.id)
    offer.round += 1
    ask(db, offer)


def _take_seat(db: Session, actor_id: UUID, offer: Offer, on_behalf: bool) -> str | None:
    """Where there are no sides: everybody's yes is about the own seat alone."""
    mine = db.get_one(Enrollment, offer.mentee_id)
    if seats_of(db, mine.id, is_a_pair()) >= mine.capacity:
        raise Refused(_("You meet somebody in this program already. Leave there first."))
    close(db, actor_id, offer, OfferState.ACCEPTED, on_behalf=on_behalf)
    paths = [follow(db, actor_id, offer.id) for _name, follow in on_accepted]
    if seats_of(db, mine.id, is_a_pair()) >= mine.capacity:
        _supersede(db, actor_id, Offer.mentee_id == mine.id)
    return next((path for path in paths if path), None)


def _accept_last(db: Session, actor_id: UUID, offer: Offer, on_behalf: bool) -> str | None:
    """One transaction: the offer, the place, the relationship, and what the place ends."""
    mentor = db.get_one(Enrollment, offer.mentor_id)
    is_full = pairs_of(db, [mentor.id]).get(mentor.id, 0) >= mentor.capacity
    if is_full or not has_place_everywhere(db, mentor.person_id):
        raise Refused(_("This mentor has no place left. The organizers will find you another."))
    close(db, actor_id, offer, OfferState.ACCEPTED, on_behalf=on_behalf)
    paths = [follow(db, actor_id, offer.id) for _name, follow in on_accepted]
    _supersede(db, actor_id, Offer.mentee_id == offer.mentee_id)
    if pairs_of(db, [mentor.id]).get(mentor.id, 0) >= mentor.capacity:
        _supersede(db, actor_id, Offer.mentor_id == mentor.id)
    if not has_place_everywhere(db, mentor.person_id):
        _supersede(db, actor_id, of_mentor(mentor.person_id))
    return next((path for path in paths if path), None)


def _supersede(db: Session, actor_id: UUID, which) -> None:  # type: ignore[no-untyped-def]
    """End open offers whose person or place is taken now; who knew of one is told."""
    ids = select(Offer.id).where(which, Offer.state.in_(OPEN_OFFERS)).order_by(Offer.id)
    for other_id in db.scalars(ids).all():
        other = hold(db, Offer, other_id)
        if other is not None and other.state in OPEN_OFFERS:
            close(db, actor_id, other, OfferState.SUPERSEDED)
            tell(db, other, other.mentor_id, but=actor_id)
            tell(db, other, other.mentee_id, but=actor_id)


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
    close(db, actor_id, offer, OfferState.DECLINED, on_behalf=on_behalf)
    enrollment = db.get_one(Enrollment, offer.mentor_id if side is Role.MENTOR else offer.mentee_id)
    if no_more:
        enrollment.takes_no_more = True
        audit.record(db, actor_id, "enrollment_takes_no_more", enrollment)
    tell(db, offer, offer.mentee_id if side is Role.MENTOR else offer.mentor_id)
    db.flush()
    return offer


def _held_open(
    db: Session, actor_id: UUID, offer_id: UUID, on_behalf: bool
) -> tuple[Offer, Role | None]:
    """The offer, locked with both enrollments and still open, and the side that answers."""
    seen = db.get(Offer, offer_id)
    if seen is None:
        raise Refused(_("This offer no longer exists."))
    mentee, mentor = _held_people(db, seen)
    offer = hold(db, Offer, offer_id)
    assert offer
    if offer.state not in OPEN_OFFERS or (offer.expires_at and offer.expires_at <= clock.now()):
        raise Refused(_("This offer is no longer open. Reload the page to see what became of it."))
    if on_behalf:
        due = side_asked(db.get_one(Cohort, offer.cohort_id), offer)
        _refuse_if_reachable(db, mentor if due is Role.MENTOR else mentee)
        return offer, None
    sides = {mentee.person_id: Role.MENTEE, mentor.person_id: Role.MENTOR}
    if actor_id not in sides:
        raise Refused(_("Only the people of this offer can answer it."), status=403)
    return offer, sides[actor_id]


def _held_people(db: Session, seen: Offer) -> tuple[Enrollment, Enrollment]:
    """Both enrollments of an offer, locked as everywhere; of a seat one's own and then the group's
    first seat, so that two who answer at once wait for each other and make one relationship."""
    mentee, mentor = hold(db, Enrollment, seen.mentee_id), db.get_one(Enrollment, seen.mentor_id)
    if mentor.role is Role.MENTOR:
        mentor = hold(db, Enrollment, seen.mentor_id) or mentor
        hold_places(db, mentor.person_id)
    if seen.group_id is not None:
        first = select(Offer.id).where(Offer.group_id == seen.group_id).order_by(Offer.id).limit(1)
        hold(db, Offer, db.scalars(first).one())
    assert mentee
    return mentee, mentor


def _refuse_if_reachable(db: Session, enrollment: Enrollment) -> None:
    if person_of(db, enrollment.id).can_sign_in:
        raise Refused(_("This person can sign in and answers for themselves."))
