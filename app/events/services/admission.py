"""The one door to a seat. Nothing else makes an answer GOING or OFFERED.

Every caller has locked the occurrence with `hold` before: lock, then count, then write.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.core import clock, outbox
from app.events.models import Event, Occurrence, Rsvp
from app.events.queries.audience import entitled
from app.events.rules import (
    HELD,
    Audience,
    Claim,
    Decision,
    EventState,
    Ladder,
    Mode,
    OccurrenceState,
    RsvpState,
    Verdict,
    admit,
    free_seats,
    ladder_at,
    offer_deadline,
)
from app.events.services.entries import move, put_entry, tell


def settle(db: Session, occurrence: Occurrence, *, present: UUID | None = None) -> None:
    """Hand every free seat to those who wait, in order; `present` is the answer given right now."""
    db.flush()
    expire_offers(db, occurrence)
    if not takes_claims(occurrence):
        return
    for mode in Mode:
        _settle_mode(db, occurrence, mode, present)
    db.flush()


def takes_claims(occurrence: Occurrence) -> bool:
    """Whether seats are given at all: published, not canceled, not over."""
    return (
        occurrence.event.state is EventState.PUBLISHED
        and occurrence.state is OccurrenceState.SCHEDULED
        and clock.now() < occurrence.ends_at
    )


def expire_offers(db: Session, occurrence: Occurrence) -> None:
    """End offers whose deadline has passed; their seats are free again."""
    late = db.scalars(
        select(Rsvp)
        .where(
            Rsvp.occurrence_id == occurrence.id,
            Rsvp.state == RsvpState.OFFERED,
            Rsvp.offer_until <= clock.now(),
        )
        .order_by(Rsvp.id)
    )
    for rsvp in late:
        rsvp.offer_until = None
        move(db, rsvp, RsvpState.EXPIRED, "deadline passed")
        tell(db, "event_offer_over", occurrence, rsvp)
    db.flush()


def accept(db: Session, occurrence: Occurrence, rsvp: Rsvp) -> None:
    """Turn a live offer, whose seat is held already, into a place."""
    rsvp.offer_until = None
    move(db, rsvp, RsvpState.GOING)
    put_entry(db, occurrence, rsvp)


def give_seat(db: Session, occurrence: Occurrence, rsvp: Rsvp) -> None:
    """Give a place to somebody in the queue for whom `has_room` has just said yes."""
    rsvp.called_at = None
    move(db, rsvp, RsvpState.GOING)
    put_entry(db, occurrence, rsvp)


def approve(db: Session, rsvp: Rsvp) -> None:
    """The organizers' yes puts a claim into the queue; a seat is for `settle` to give."""
    rsvp.approved_at = clock.now()
    move(db, rsvp, RsvpState.WAITLISTED)


def offer_again(db: Session, occurrence: Occurrence, rsvp: Rsvp) -> None:
    """A kept seat is offered anew after a move, with the deadline of the new start.

    Shortly before the start nothing is offered any more: the person stands in the queue again, at
    their former place, and is called with the others.
    """
    outbox.withdraw(db, "event_offer", subject=rsvp.id, reason="changed since")
    until = _deadline(db, occurrence, rsvp)
    if until > clock.now():
        rsvp.offer_until = until
        tell(db, "event_offer", occurrence, rsvp)
        return
    rsvp.offer_until = None
    if occurrence.event.needs_approval:
        rsvp.approved_at = rsvp.approved_at or clock.now()
    move(db, rsvp, RsvpState.WAITLISTED, "too late for an offer")


def has_room(
    db: Session,
    occurrence: Occurrence,
    mode: Mode,
    claim_id: UUID,
    seats: int,
    *,
    is_called: bool = False,
) -> bool:
    """Whether seats of a mode may be taken right now past those who wait.

    Asked for somebody who has a place and wants more seats, or seats of another mode, and for who
    stands at the door (`is_called`: shortly before the start the first claim wins).
    """
    if not takes_claims(occurrence):
        return False
    asked = Claim(claim_id, seats, clock.now(), is_present=True, was_called=is_called)
    waiting = (row for row in _queue(db, occurrence, mode) if row.id != claim_id)
    queue = [_claim(row, None) for row in waiting]
    decisions = admit(_free(db, occurrence, mode), [*queue, asked], _ladder(occurrence))
    return Decision(claim_id, Verdict.SEAT) in decisions


def entitled_among(db: Session, event: Event, people: list[UUID]) -> set[UUID]:
    """Those of some people whom the event is for."""
    if event.audience is Audience.COMPANY:
        return set(people)
    return entitled(db, event.id, people)


def held(db: Session, occurrence_id: UUID) -> dict[Mode, int]:
    """Seats taken in each mode: going, checked in, attended, and live offers, with guests."""
    rows = db.execute(
        select(Rsvp.mode, func.sum(1 + Rsvp.guests))
        .where(Rsvp.occurrence_id == occurrence_id, Rsvp.state.in_(HELD))
        .group_by(Rsvp.mode)
    )
    return {mode: int(seats) for mode, seats in rows}


def _settle_mode(db: Session, occurrence: Occurrence, mode: Mode, present: UUID | None) -> None:
    free = _free(db, occurrence, mode)
    waiting = _queue(db, occurrence, mode)
    if not waiting:
        return
    claims = [_claim(row, present) for row in waiting]
    rows = {row.id: row for row in waiting}
    for decision in admit(free, claims, _ladder(occurrence)):
        _carry_out(db, occurrence, rows[decision.claim_id], decision.verdict, present)
    db.flush()
    _uncall(rows.values(), _free(db, occurrence, mode))


def _carry_out(
    db: Session, occurrence: Occurrence, rsvp: Rsvp, verdict: Verdict, present: UUID | None
) -> None:
    if verdict is Verdict.SEAT:
        give_seat(db, occurrence, rsvp)
        if rsvp.id != present:
            tell(db, "event_seat", occurrence, rsvp)
    elif verdict is Verdict.OFFER:
        rsvp.offer_until, rsvp.called_at = _deadline(db, occurrence, rsvp), None
        move(db, rsvp, RsvpState.OFFERED)
        tell(db, "event_offer", occurrence, rsvp)
    else:
        rsvp.called_at = clock.now()
        tell(db, "event_call", occurrence, rsvp)


def _deadline(db: Session, occurrence: Occurrence, rsvp: Rsvp) -> datetime:
    person = db.get(Person, rsvp.person_id)
    assert person is not None
    return offer_deadline(
        clock.now(), occurrence.starts_at, person.zone, person.quiet_from, person.quiet_to
    )


def _uncall(rows, free: int | None) -> None:  # type: ignore[no-untyped-def]
    """Who no longer fits is called again when the next seat is free."""
    for row in rows:
        if row.state is RsvpState.WAITLISTED and free is not None and row.seats > free:
            row.called_at = None


def _free(db: Session, occurrence: Occurrence, mode: Mode) -> int | None:
    return free_seats(occurrence.capacity(mode), held(db, occurrence.id).get(mode, 0))


def _ladder(occurrence: Occurrence) -> Ladder:
    return ladder_at(clock.now(), occurrence.starts_at)


def _queue(db: Session, occurrence: Occurrence, mode: Mode) -> list[Rsvp]:
    """Who waits for this mode and may come; whoever lost the right to come keeps only a wish."""
    waiting = list(
        db.scalars(
            select(Rsvp).where(
                Rsvp.occurrence_id == occurrence.id,
                Rsvp.mode == mode,
                Rsvp.state == RsvpState.WAITLISTED,
            )
        )
    )
    event = occurrence.event
    if event.needs_approval:
        waiting = [row for row in waiting if row.approved_at is not None]
    welcome = entitled_among(db, event, [row.person_id for row in waiting])
    return [row for row in waiting if row.person_id in welcome]


def _claim(row: Rsvp, present: UUID | None) -> Claim:
    return Claim(
        row.id,
        row.seats,
        row.queued_at,
        row.priority,
        is_present=row.id == present,
        was_called=row.called_at is not None,
    )
