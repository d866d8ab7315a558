"""Invitations: as the leads of a group see them, and as the invited person does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import Person
from app.core import clock
from app.core.policies import Actor
from app.ergs.models import Erg, Invitation, Membership
from app.ergs.queries.groups import PAGE, erg_for
from app.ergs.rules import SEEN_BY, MembershipState, Viewer
from app.ergs.rules.invitations import InvitationState


def open_invitation(db: Session, erg_id: UUID, person_id: UUID | None) -> Invitation | None:
    """A person's invitation that can still be answered."""
    return db.scalar(
        select(Invitation).where(
            Invitation.erg_id == erg_id,
            Invitation.person_id == person_id,
            Invitation.state == InvitationState.OPEN,
            Invitation.answer_by >= clock.now(),
        )
    )


@dataclass(frozen=True, slots=True)
class Invited:
    """One page of the invitations that wait for an answer, as leads see them."""

    rows: list[tuple[Invitation, str]]
    number: int
    last: int


def invited(db: Session, erg: Erg, number: int = 1) -> Invited:
    """Whom leads wait for. Who accepted confidentially stays on the list until the time is over.

    Only a membership that leads may see takes a name off it; so a confidential one changes nothing.
    """
    chosen = (
        select(Invitation, Person.name, func.count().over())
        .join(Erg, Erg.id == Invitation.erg_id)
        .join(Person, Person.id == Invitation.person_id)
        .where(Invitation.erg_id == erg.id, *_awaited())
        .order_by(Invitation.answer_by, Invitation.id)
    )
    rows = db.execute(chosen.limit(PAGE).offset((number - 1) * PAGE)).all()
    total = rows[0][2] if rows else 0
    return Invited([(row, name or "") for row, name, _n in rows], number, max(1, -(-total // PAGE)))


def _awaited() -> tuple[ColumnElement[bool], ...]:
    is_seen = exists().where(
        Membership.erg_id == Invitation.erg_id,
        Membership.person_id == Invitation.person_id,
        Membership.state == MembershipState.ACTIVE,
        Membership.visibility.in_(SEEN_BY[Viewer.LEAD]),
        Erg.roster.in_(SEEN_BY[Viewer.LEAD]),
    )
    return (
        Invitation.state.in_((InvitationState.OPEN, InvitationState.ACCEPTED)),
        Invitation.answer_by >= clock.now(),
        ~is_seen,
    )


def awaited(db: Session, erg_id: UUID, person_id: UUID) -> Invitation | None:
    """The invitation that leads believe to be open, answered or not; for rules."""
    return db.scalar(
        select(Invitation).where(
            Invitation.erg_id == erg_id,
            Invitation.person_id == person_id,
            Invitation.state.in_((InvitationState.OPEN, InvitationState.ACCEPTED)),
            Invitation.answer_by >= clock.now(),
        )
    )


def ending_invitations(
    db: Session, erg_ids: Iterable[UUID], before: datetime
) -> list[tuple[Invitation, str]]:
    """Invitations of some groups that are about to end, as leads see them."""
    rows = db.execute(
        select(Invitation, Person.name)
        .join(Erg, Erg.id == Invitation.erg_id)
        .join(Person, Person.id == Invitation.person_id)
        .where(Invitation.erg_id.in_(list(erg_ids)), Invitation.answer_by < before, *_awaited())
        .order_by(Invitation.answer_by, Invitation.id)
    )
    return [(row, name or "") for row, name in rows]


@dataclass(frozen=True, slots=True)
class InvitationTo:
    """An invitation with its group."""

    erg: Erg
    row: Invitation


def own_invitation(db: Session, actor: Actor, invitation_id: UUID) -> InvitationTo | None:
    """An invitation to the reader."""
    row = (
        db.execute(
            select(Erg, Invitation)
            .join(Invitation, Invitation.erg_id == Erg.id)
            .where(Invitation.id == invitation_id, Invitation.person_id == actor.person_id)
            .options(joinedload(Erg.texts), joinedload(Erg.chapters))
        )
        .unique()
        .one_or_none()
    )
    return InvitationTo(*row) if row else None


def invitation_in(db: Session, actor: Actor, slug: str, invitation_id: UUID) -> InvitationTo | None:
    """An invitation of a group that the reader sees."""
    erg = erg_for(db, actor, slug)
    row = db.get(Invitation, invitation_id)
    if erg is None or row is None or row.erg_id != erg.id:
        return None
    return InvitationTo(erg, row)


def waiting_invitations(db: Session, person_id: UUID | None) -> list[InvitationTo]:
    """What a person was invited to and has not answered."""
    rows = db.execute(
        select(Erg, Invitation)
        .join(Invitation, Invitation.erg_id == Erg.id)
        .where(
            Invitation.person_id == person_id,
            Invitation.state == InvitationState.OPEN,
            Invitation.answer_by >= clock.now(),
        )
        .order_by(Invitation.answer_by, Invitation.id)
        .options(joinedload(Erg.texts))
    ).unique()
    return [InvitationTo(*row) for row in rows]


def overdue(db: Session, limit: int = 500) -> list[UUID]:
    """Invitations whose time is over and that nobody has closed."""
    return list(
        db.scalars(
            select(Invitation.id)
            .where(Invitation.state == InvitationState.OPEN, Invitation.answer_by < clock.now())
            .order_by(Invitation.id)
            .limit(limit)
        )
    )


def shown_member(db: Session, erg: Erg, person_id: UUID) -> bool:
    """Whether leads already see that a person belongs."""
    if erg.roster not in SEEN_BY[Viewer.LEAD]:
        return False
    return (
        db.scalar(
            select(Membership.id).where(
                Membership.erg_id == erg.id,
                Membership.person_id == person_id,
                Membership.state == MembershipState.ACTIVE,
                Membership.visibility.in_(SEEN_BY[Viewer.LEAD]),
            )
        )
        is not None
    )
