"""Invitations, partners and lent seats, found through the actor."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session, joinedload

from app.accounts.queries.directory import Page, paged
from app.core import search
from app.core.policies import Actor
from app.programs.models import (
    Enrollment,
    LentSeat,
    Offer,
    OutsideInvitation,
    Partner,
    PersonPlaces,
)
from app.programs.outside import links
from app.programs.queries.enrollments import enrollment_for
from app.programs.queries.scope import is_manager
from app.programs.rules import EnrollmentState, OfferState, Role
from app.programs.rules.outside import InvitationState

MOST_CHOICES = 100


def invitation_of_link(db: Session, _actor: Actor, token: str) -> OutsideInvitation | None:
    """The invitation that a signed link is about, whoever holds the link."""
    invitation_id = links.opened(token)
    if invitation_id is None:
        return None
    return db.scalar(
        select(OutsideInvitation)
        .where(OutsideInvitation.id == invitation_id)
        .options(joinedload(OutsideInvitation.inviter))
    )


def invitation_for(db: Session, actor: Actor, invitation_id: UUID) -> OutsideInvitation | None:
    """An invitation to a cohort of a program the actor runs."""
    found = db.get(OutsideInvitation, invitation_id)
    return found if found is not None and is_manager(actor, found.cohort) else None


def invitations_page(
    db: Session, cohort_id: UUID, *, q: str, state: InvitationState | None, number: int
) -> Page:
    """The invitations to a cohort, the newest first."""
    found = (
        select(OutsideInvitation)
        .where(OutsideInvitation.cohort_id == cohort_id)
        .order_by(OutsideInvitation.created_at.desc(), OutsideInvitation.id)
    )
    if state is not None:
        found = found.where(OutsideInvitation.state == state)
    if (matching := search.ids("outside_invitations", q)) is not None:
        found = found.where(OutsideInvitation.id.in_(matching))
    return paged(db, found, number)


def _came_by_invitation() -> Any:
    return exists().where(
        OutsideInvitation.cohort_id == Enrollment.cohort_id,
        OutsideInvitation.person_id == Enrollment.person_id,
        OutsideInvitation.state == InvitationState.ACCEPTED,
    )


def invited_enrollment(db: Session, actor: Actor, enrollment_id: UUID) -> Enrollment | None:
    """One's own enrollment as a mentor, if it began with an invitation."""
    found = enrollment_for(db, actor, enrollment_id)
    if found is None or found.person_id != actor.person_id or found.role is not Role.MENTOR:
        return None
    came = select(Enrollment.id).where(Enrollment.id == enrollment_id, _came_by_invitation())
    return found if db.scalar(came) else None


def unfinished(db: Session, actor: Actor) -> list[Enrollment]:
    """Invited enrollments of the actor whose form was not sent yet."""
    return list(
        db.scalars(
            select(Enrollment)
            .where(
                Enrollment.person_id == actor.person_id,
                Enrollment.role == Role.MENTOR,
                Enrollment.state == EnrollmentState.STARTED,
                _came_by_invitation(),
            )
            .order_by(Enrollment.created_at, Enrollment.id)
            .limit(20)
            .options(joinedload(Enrollment.cohort))
        )
    )


def origins(db: Session, cohort_id: UUID) -> dict[UUID, str]:
    """Of those whom a partner lends us for a cohort, the partner's name."""
    rows = db.execute(
        select(OutsideInvitation.person_id, Partner.name)
        .join(Partner, Partner.id == OutsideInvitation.partner_id)
        .where(
            OutsideInvitation.cohort_id == cohort_id,
            OutsideInvitation.state == InvitationState.ACCEPTED,
        )
    )
    return {person_id: name for person_id, name in rows if person_id is not None}


def partner_for(db: Session, actor: Actor, partner_id: UUID) -> Partner | None:
    """A partner, for those who keep the list."""
    return db.get(Partner, partner_id) if actor.has("program_manager") else None


def partner_page(db: Session, *, q: str, number: int) -> Page:
    """The partners by name."""
    found = select(Partner).order_by(Partner.name, Partner.id)
    if (matching := search.ids("partners", q)) is not None:
        found = found.where(Partner.id.in_(matching))
    return paged(db, found, number)


def partners_in_force(db: Session) -> list[Partner]:
    """Partners whose agreement holds today."""
    found = select(Partner).order_by(Partner.name, Partner.id).limit(MOST_CHOICES)
    return [partner for partner in db.scalars(found) if partner.is_in_force]


def lendable(db: Session, actor: Actor, partner_id: UUID) -> Partner | None:
    """A partner to whom people of the company may lend a place."""
    found = None if actor.is_external else db.get(Partner, partner_id)
    return found if found is not None and found.is_in_force and found.seats_lent > 0 else None


def lent_seats(db: Session, partner_id: UUID) -> list[LentSeat]:
    """Who lends a place to a partner now; each of them agreed to it."""
    return list(
        db.scalars(
            _now_lent()
            .where(LentSeat.partner_id == partner_id)
            .options(joinedload(LentSeat.person))
        )
    )


def _now_lent() -> Select[tuple[LentSeat]]:
    return (
        select(LentSeat)
        .where(LentSeat.ended_at.is_(None))
        .order_by(LentSeat.agreed_at, LentSeat.id)
        .limit(MOST_CHOICES)
    )


def seats_of(db: Session, actor: Actor) -> list[LentSeat]:
    """The places the actor lends now."""
    return list(db.scalars(_now_lent().where(LentSeat.person_id == actor.person_id)))


def seat_for(db: Session, actor: Actor, seat_id: UUID) -> LentSeat | None:
    """One's own lent place."""
    seat = db.get(LentSeat, seat_id)
    return seat if seat is not None and seat.person_id == actor.person_id else None


def borrowed_from(db: Session, partner_id: UUID) -> list[OutsideInvitation]:
    """The mentors a partner lends us, with the cohorts they came for."""
    return list(
        db.scalars(
            select(OutsideInvitation)
            .where(
                OutsideInvitation.partner_id == partner_id,
                OutsideInvitation.state.in_((InvitationState.INVITED, InvitationState.ACCEPTED)),
            )
            .order_by(OutsideInvitation.name, OutsideInvitation.email, OutsideInvitation.id)
            .limit(MOST_CHOICES)
        )
    )


def places_of(db: Session, actor: Actor) -> int | None:
    """How many people the actor meets at most over all programs, if they have said so."""
    return db.scalar(select(PersonPlaces.at_most).where(PersonPlaces.person_id == actor.person_id))


def met_in(db: Session, actor: Actor) -> list[tuple[Enrollment, int]]:
    """The actor's enrollments as a mentor, with how many people each of them meets now."""
    pairs = (
        select(func.count(Offer.id))
        .where(
            Offer.mentor_id == Enrollment.id,
            Offer.state == OfferState.ACCEPTED,
            Offer.released_at.is_(None),
        )
        .scalar_subquery()
    )
    rows = db.execute(
        select(Enrollment, pairs)
        .where(
            Enrollment.person_id == actor.person_id,
            Enrollment.role == Role.MENTOR,
            Enrollment.state.in_((EnrollmentState.READY, EnrollmentState.PAUSED)),
        )
        .order_by(Enrollment.created_at, Enrollment.id)
        .limit(50)
        .options(joinedload(Enrollment.cohort))
    )
    return [(enrollment, number) for enrollment, number in rows]
