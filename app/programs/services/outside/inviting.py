"""Organizers invite somebody outside by mail, send it again, or take it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, outbox, search
from app.core.database import hold
from app.core.errors import Refused
from app.programs.models import Cohort, OutsideInvitation
from app.programs.rules import form_from
from app.programs.rules.outside import (
    INVITATION_MOVES,
    REMINDED_BEFORE,
    SENDABLE,
    TAKES_GUESTS,
    InvitationState,
)
from app.programs.services.moving import move
from app.programs.services.seats import hold_partner

KIND, ANSWERED = "outside_invitation", "outside_answered"


@dataclass(frozen=True, slots=True)
class Guest:
    """Whom to invite, until when, in which words, and whose mentor it is."""

    email: str
    answer_by: date
    name: str = ""
    words: str = ""
    locale: str = "en"
    partner_id: UUID | None = None


def invite(db: Session, actor_id: UUID, *, cohort_id: UUID, guest: Guest) -> OutsideInvitation:
    """Invite an address as a mentor of one cohort; the same whoever has it, known or not."""
    email = guest.email.strip().lower()
    _refuse_unless_possible(db, cohort_id, email)
    hold_partner(db, guest.partner_id)
    invitation = OutsideInvitation(
        cohort_id=cohort_id,
        email=email,
        name=guest.name,
        words=guest.words,
        locale=guest.locale,
        partner_id=guest.partner_id,
        expires_at=_end_of(guest.answer_by),
        invited_by=actor_id,
        state=InvitationState.INVITED,
        round=0,
    )
    db.add(invitation)
    db.flush()
    search.put(db, "outside_invitations", invitation.id, guest.name, email)
    audit.record(db, actor_id, "outside_invitation_invited", invitation, after="invited")
    _send(db, invitation)
    return invitation


def _refuse_unless_possible(db: Session, cohort_id: UUID, email: str) -> None:
    """Holds the cohort, so that two organizers cannot invite the same address at once."""
    cohort = hold(db, Cohort, cohort_id)
    has_mentors = cohort is not None and not form_from(cohort.rules).is_mutual
    if cohort is None or not has_mentors or cohort.state not in TAKES_GUESTS:
        raise Refused(_("This cohort does not take mentors from outside at the moment."))
    if db.scalar(
        select(OutsideInvitation.id).where(
            OutsideInvitation.cohort_id == cohort_id,
            OutsideInvitation.email == email,
            OutsideInvitation.state == InvitationState.INVITED,
        )
    ):
        raise Refused(
            _("This address has an open invitation. Send that one again, or take it back first."),
            422,
        )


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time(23, 59), UTC)


def _send(db: Session, invitation: OutsideInvitation) -> None:
    """The mail, and a reminder before the last day where there is time for one."""
    due = [("", clock.now())]
    reminder = invitation.expires_at - REMINDED_BEFORE
    if reminder > clock.now() + REMINDED_BEFORE:
        due.append(("reminder", reminder))
    for occasion, at in due:
        outbox.put(
            db,
            KIND,
            subject=invitation.id,
            person=invitation.id,
            occasion=occasion,
            due=at,
            revision=invitation.round,
            expires=invitation.expires_at,
        )
    db.flush()


def send_again(db: Session, actor_id: UUID, *, invitation_id: UUID, answer_by: date) -> None:
    """Send an invitation again with a new deadline: one that waits, ran out or was taken back."""
    seen = db.get(OutsideInvitation, invitation_id)
    if seen is None or seen.state not in SENDABLE:
        raise Refused(_("This invitation was answered, so there is nothing to send again."))
    if seen.state is not InvitationState.INVITED:
        _refuse_unless_possible(db, seen.cohort_id, seen.email)
    invitation = hold(db, OutsideInvitation, invitation_id)
    assert invitation is not None
    hold_partner(db, invitation.partner_id)
    if invitation.state is InvitationState.INVITED:
        audit.record(db, actor_id, "outside_invitation_sent_again", invitation)
    else:
        move(db, actor_id, invitation, InvitationState.INVITED, tables=INVITATION_MOVES)
    outbox.withdraw(db, KIND, subject=invitation.id)
    invitation.round += 1
    invitation.expires_at, invitation.answered_at = _end_of(answer_by), None
    _send(db, invitation)


def recall(db: Session, actor_id: UUID, *, invitation_id: UUID) -> None:
    """Take an open invitation back: its link no longer opens a place."""
    invitation = hold(db, OutsideInvitation, invitation_id)
    if invitation is None or invitation.state is not InvitationState.INVITED:
        raise Refused(_("This invitation is no longer open. Reload the page to see its answer."))
    move(db, actor_id, invitation, InvitationState.WITHDRAWN, tables=INVITATION_MOVES)
    outbox.withdraw(db, KIND, subject=invitation.id)
    db.flush()


def lapse(db: Session, limit: int = 200) -> int:
    """End invitations that nobody answered in time, and tell who sent them; returns how many."""
    due = db.scalars(
        select(OutsideInvitation.id)
        .where(
            OutsideInvitation.state == InvitationState.INVITED,
            OutsideInvitation.expires_at <= clock.now(),
        )
        .order_by(OutsideInvitation.expires_at, OutsideInvitation.id)
        .limit(limit)
    ).all()
    for invitation_id in sorted(due):
        invitation = hold(db, OutsideInvitation, invitation_id)
        if invitation is not None and invitation.state is InvitationState.INVITED:
            move(db, None, invitation, InvitationState.EXPIRED, tables=INVITATION_MOVES)
            tell_inviter(db, invitation)
    db.flush()
    return len(due)


def tell_inviter(db: Session, invitation: OutsideInvitation) -> None:
    """Whoever invited learns what became of it."""
    if invitation.invited_by is not None:
        outbox.put(
            db,
            ANSWERED,
            subject=invitation.id,
            person=invitation.invited_by,
            occasion=invitation.state.value,
            revision=invitation.round,
        )
