"""Inviting people, so that nobody learns who belongs already."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.accounts.rules import PersonKind, PersonStatus
from app.audit import services as audit
from app.core import clock, ids, outbox
from app.core.errors import Refused
from app.ergs import queries
from app.ergs.models import Erg, Invitation
from app.ergs.queries import invitations
from app.ergs.rules import ErgState
from app.ergs.rules.invitations import INVITE_FOR, InvitationState
from app.ergs.services.holding import hold_erg
from app.ergs.services.membership import close_invitation


def invite(
    db: Session, actor_id: UUID, *, erg_id: UUID, person_id: UUID, days: int = INVITE_FOR
) -> Invitation:
    """Ask somebody to join. Whoever belongs confidentially is invited like anybody else."""
    erg = hold_erg(db, erg_id)
    _require_lead(db, actor_id, erg)
    _require_colleague(db, person_id)
    if invitations.shown_member(db, erg, person_id):
        raise Refused(_("This person already belongs, and lets you see it."))
    row = invitations.awaited(db, erg_id, person_id)
    if row is not None:
        return _still_open(db, row)
    row = Invitation(
        id=ids.new_id("invitation", f"{erg_id}|{person_id}"),
        erg_id=erg_id,
        person_id=person_id,
        invited_by=actor_id,
        invited_at=clock.now(),
        answer_by=clock.now() + timedelta(days=days),
    )
    db.add(row)
    db.flush()
    audit.record(db, actor_id, "invite", row, after=row.state)
    _tell(db, row)
    return row


def _still_open(db: Session, row: Invitation) -> Invitation:
    """Who accepted and left since may answer again; for the lead nothing has changed."""
    belongs = queries.open_membership(db, row.erg_id, row.person_id)
    if row.state is InvitationState.ACCEPTED and belongs is None:
        row.state, row.ended_at = InvitationState.OPEN, None
        db.flush()
        _tell(db, row)
    return row


def _tell(db: Session, row: Invitation) -> None:
    outbox.put(
        db,
        "erg_invitation",
        subject=row.id,
        person=row.person_id,
        occasion=clock.now().isoformat(),
        expires=row.answer_by,
    )


def withdraw_invitation(db: Session, actor_id: UUID, *, invitation_id: UUID) -> Invitation:
    """Take an invitation back. Whoever has accepted it stays, and the lead does not learn it."""
    row, erg = _held(db, invitation_id)
    _require_lead(db, actor_id, erg)
    close_invitation(db, row, InvitationState.WITHDRAWN)
    return row


def decline_invitation(db: Session, actor_id: UUID, *, invitation_id: UUID) -> Invitation:
    """Say no; nobody asks why, and whoever belongs already goes on belonging."""
    row, _erg = _held(db, invitation_id)
    if row.person_id != actor_id:
        raise Refused(_("Only the invited person can answer."), 403)
    if row.state is not InvitationState.OPEN:
        raise Refused(_("This invitation is over: answered, taken back or out of time."))
    close_invitation(db, row, InvitationState.DECLINED)
    return row


def expire_invitation(db: Session, invitation_id: UUID) -> None:
    """Close an invitation whose time is over."""
    row, _erg = _held(db, invitation_id)
    if row.state is InvitationState.OPEN and row.answer_by < clock.now():
        close_invitation(db, row, InvitationState.EXPIRED)


def drop_invitations(db: Session, person_id: UUID) -> None:
    """Close what a person who leaves the company was invited to."""
    for found in invitations.waiting_invitations(db, person_id):
        close_invitation(db, found.row, InvitationState.EXPIRED)


def _held(db: Session, invitation_id: UUID) -> tuple[Invitation, Erg]:
    row = db.get(Invitation, invitation_id)
    if row is None:
        raise Refused(_("This invitation does not exist any more."), 404)
    erg = hold_erg(db, row.erg_id)
    db.refresh(row)
    return row, erg


def _require_lead(db: Session, actor_id: UUID, erg: Erg) -> None:
    if not queries.leads(db, actor_id, erg.id):
        raise Refused(_("Only the leads of a group invite to it."), 403)
    if erg.state is not ErgState.ACTIVE:
        raise Refused(_("This group does not take new members at the moment."))


def _require_colleague(db: Session, person_id: UUID) -> None:
    person = db.get(Person, person_id)
    is_here = person is not None and person.status is PersonStatus.ACTIVE
    if person is None or not is_here or person.kind is not PersonKind.EMPLOYEE:
        raise Refused(_("Only colleagues can be invited. Look for somebody else."), 422)
