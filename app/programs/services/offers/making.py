"""Offers are made, live a week longer once, and come to life again while both places are free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, ids, outbox
from app.core.database import hold
from app.core.errors import Refused
from app.programs.models import Cohort, Enrollment, Offer
from app.programs.rules import (
    OFFER_DAYS,
    OFFER_REMINDERS,
    OPEN_OFFERS,
    SHAPES,
    OfferSource,
    OfferState,
    Role,
    may_come_back,
)
from app.programs.services.moving import move
from app.programs.services.offers.asking import (
    ask,
    holds_a_place,
    refuse_unless_free,
    refuse_unless_seat_free,
    remind,
)
from app.programs.services.offers.everywhere import refuse_unless_free_everywhere
from app.programs.services.offers.joining import refuse_unless_room


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody's place in a group without sides, beside somebody; both are enrollments."""

    person_id: UUID
    partner_id: UUID
    score: float | None = None
    reasons: Sequence[Any] = ()


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
    refuse_unless_free(db, mentee, mentor)
    refuse_unless_free_everywhere(db, mentor)
    offer = Offer(
        cohort_id=cohort_id,
        run_id=run_id,
        group_id=_led_group(db, cohort_id, mentor_id),
        mentee_id=mentee_id,
        mentor_id=mentor_id,
        source=source,
        score=score,
        reasons=list(reasons),
        state=OfferState.DRAFT,
        round=0,
        asks_both=db.get_one(Cohort, cohort_id).program.asks_mentor,
    )
    db.add(offer)
    db.flush()
    move(db, actor_id, offer, OfferState.OFFERED)
    offer.offered_at = clock.now()
    ask(db, offer)
    db.flush()
    return offer


def _led_group(db: Session, cohort_id: UUID, mentor_id: UUID) -> UUID | None:
    """In group mentoring: the group that a mentor has here, or a new one."""
    if SHAPES[db.get_one(Cohort, cohort_id).program.format].kind != "groups":
        return None
    theirs = select(Offer.group_id).where(Offer.mentor_id == mentor_id, holds_a_place())
    return db.scalar(theirs.limit(1)) or ids.new_id()


def make_seats(
    db: Session,
    actor_id: UUID | None,
    *,
    cohort_id: UUID,
    seats: Sequence[Seat],
    source: OfferSource,
    run_id: UUID | None = None,
) -> list[Offer]:
    """Offer a group without sides to its people, each an own seat; who is not free has none.

    Refused when too few are left.
    """
    program = db.get_one(Cohort, cohort_id).program
    free = [seat for seat in sorted(seats, key=lambda s: s.person_id) if _is_free(db, seat)]
    if len(free) < SHAPES[program.format].starts:
        raise Refused(_("Too few of these people are free now. Run the matching again."))
    group_id, here = ids.new_id(), {seat.person_id for seat in free}
    made = []
    for seat in free:
        beside = here - {seat.person_id}
        partner = seat.partner_id if seat.partner_id in beside else min(beside)
        offer = Offer(cohort_id=cohort_id, run_id=run_id, source=source, group_id=group_id, round=0)
        offer.mentee_id, offer.mentor_id = seat.person_id, partner
        offer.score, offer.reasons = seat.score, list(seat.reasons)
        offer.state = OfferState.DRAFT
        db.add(offer)
        db.flush()
        move(db, actor_id, offer, OfferState.OFFERED)
        offer.offered_at = clock.now()
        ask(db, offer)
        made.append(offer)
    db.flush()
    return made


def _is_free(db: Session, seat: Seat) -> bool:
    person = hold(db, Enrollment, seat.person_id)
    try:
        if person is not None:
            refuse_unless_seat_free(db, person)
    except Refused:
        return False
    return person is not None


def extend(db: Session, actor_id: UUID, *, offer_id: UUID) -> Offer:
    """One more week for an open offer, once; whoever is asked may ask for it, and organizers."""
    offer = hold(db, Offer, offer_id)
    if offer is None or offer.state not in OPEN_OFFERS or _is_late(offer):
        raise Refused(_("This offer is no longer open. Reload the page to see what became of it."))
    if offer.extended_at is not None:
        raise Refused(_("This offer got its second week already. Please answer by its last day."))
    assert offer.expires_at is not None
    outbox.withdraw(db, "offer_waiting", subject=offer.id)
    offer.expires_at += timedelta(days=OFFER_DAYS)
    offer.extended_at, offer.round = clock.now(), offer.round + 1
    remind(db, offer, OFFER_REMINDERS)
    audit.record(db, actor_id, "offer_extended", offer)
    db.flush()
    return offer


def revive(db: Session, actor_id: UUID, *, offer_id: UUID) -> Offer:
    """Open an expired offer again, as long as both are still free for it."""
    seen = db.get(Offer, offer_id)
    if seen is None:
        raise Refused(_("This offer no longer exists."))
    mentee = hold(db, Enrollment, seen.mentee_id)
    mentor = hold(db, Enrollment, seen.mentor_id)
    offer = hold(db, Offer, offer_id)
    _refuse_without_group(db, seen)
    assert offer is not None
    if not may_come_back(offer.state, offer.answered_at, clock.now()):
        raise Refused(_("This offer cannot be opened again. The organizers will find another."))
    if mentor is not None and mentor.role is Role.MENTOR:
        refuse_unless_free(db, mentee, mentor)
        refuse_unless_free_everywhere(db, mentor)
    elif mentee is not None:
        refuse_unless_seat_free(db, mentee)
        if offer.group_id is not None:
            refuse_unless_room(db, offer.cohort_id, offer.group_id)
    move(db, actor_id, offer, OfferState.OFFERED, reason="revived")
    if offer.mentor_accepted_at is not None:
        move(db, actor_id, offer, OfferState.PARTLY_ACCEPTED, reason="revived")
    offer.answered_at = offer.answered_by = offer.extended_at = None
    offer.round += 1
    ask(db, offer)
    db.flush()
    return offer


def _refuse_without_group(db: Session, offer: Offer) -> None:
    """A seat comes back only while the others of its group are there or still may be."""
    live = select(Offer.id).where(Offer.group_id == offer.group_id, holds_a_place())
    if offer.group_id is not None and db.scalar(live.limit(1)) is None:
        raise Refused(_("This group has not come about. The organizers will find another."))


def _is_late(offer: Offer) -> bool:
    return offer.expires_at is not None and offer.expires_at <= clock.now()
