"""Somebody outside answers an invitation: a narrow account, and a place among the mentors."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import services as accounts
from app.accounts.models import Person
from app.accounts.rules import PersonKind, PersonStatus
from app.core import clock, outbox, search
from app.core.database import hold
from app.core.errors import Refused
from app.programs.models import Cohort, Enrollment, OutsideInvitation
from app.programs.rules import EnrollmentState, Role
from app.programs.rules.outside import INVITATION_MOVES, TAKES_GUESTS, InvitationState
from app.programs.services.enrollment import Reply, enroll_for
from app.programs.services.moving import move
from app.programs.services.outside.accounts import open_account
from app.programs.services.outside.inviting import KIND, tell_inviter
from app.programs.services.seats import (
    borrowed,
    hold_partner,
    refuse_over_agreement,
)

SOURCE = "invitation"


def accept(db: Session, *, invitation_id: UUID) -> Enrollment:
    """Say yes by the link: an account if there is none, and an enrollment to fill in."""
    invitation = _held(db, invitation_id)
    cohort = hold(db, Cohort, invitation.cohort_id)
    if cohort is None or cohort.state not in TAKES_GUESTS:
        raise Refused(_("This cohort takes no more mentors. Please ask whoever invited you."))
    partner = hold_partner(db, invitation.partner_id)
    if partner is not None and borrowed(db, partner.id) >= partner.seats_borrowed:
        raise Refused(
            _(
                "All seats of the exchange with %(partner)s are taken. "
                "Please ask whoever invited you.",
                partner=partner.name,
            )
        )
    person = _person_of(db, invitation)
    move(db, person.id, invitation, InvitationState.ACCEPTED, tables=INVITATION_MOVES)
    invitation.person_id, invitation.answered_at = person.id, clock.now()
    outbox.withdraw(db, KIND, subject=invitation.id)
    tell_inviter(db, invitation)
    enrollment = _enrolled(db, cohort, person)
    db.flush()
    return enrollment


def decline(db: Session, *, invitation_id: UUID) -> None:
    """Say no by the link; until the deadline the same link still takes a yes."""
    invitation = _held(db, invitation_id)
    if invitation.state is InvitationState.DECLINED:
        return
    move(db, None, invitation, InvitationState.DECLINED, tables=INVITATION_MOVES)
    invitation.answered_at = clock.now()
    outbox.withdraw(db, KIND, subject=invitation.id)
    tell_inviter(db, invitation)
    db.flush()


def _held(db: Session, invitation_id: UUID) -> OutsideInvitation:
    """The invitation, locked with all others to its address, so that one account is made."""
    email = select(OutsideInvitation.email).where(OutsideInvitation.id == invitation_id)
    same = select(OutsideInvitation.id).where(OutsideInvitation.email == email.scalar_subquery())
    for other_id in db.scalars(same.order_by(OutsideInvitation.id)).all():
        hold(db, OutsideInvitation, other_id)
    invitation = db.get(OutsideInvitation, invitation_id)
    if invitation is None or not invitation.may_be_accepted:
        raise Refused(
            _("This invitation is no longer open. Whoever invited you can send it again.")
        )
    return invitation


def _person_of(db: Session, invitation: OutsideInvitation) -> Person:
    person = db.scalar(select(Person).where(Person.email == invitation.email))
    if person is None:
        person = accounts.add_person(
            db,
            None,
            source=SOURCE,
            email=invitation.email,
            name=invitation.name or invitation.email.partition("@")[0],
            kind=PersonKind.EXTERNAL,
            is_listed=False,
            locale=invitation.locale,
        )
    if person.kind is PersonKind.EXTERNAL:
        open_account(db, person)
    if person.status is PersonStatus.LEFT:
        raise Refused(
            _("The account of this address has ended. Please ask to be invited at another one.")
        )
    return person


def _enrolled(db: Session, cohort: Cohort, person: Person) -> Enrollment:
    found = db.scalar(
        select(Enrollment).where(
            Enrollment.cohort_id == cohort.id,
            Enrollment.person_id == person.id,
            Enrollment.role == Role.MENTOR,
        )
    )
    if found is None:
        found = Enrollment(
            cohort_id=cohort.id,
            person_id=person.id,
            role=Role.MENTOR,
            state=EnrollmentState.INVITED,
            form_id=cohort.form_id,
            languages=[(person.locale or "en")[:2]],
            zone=person.zone,
        )
        db.add(found)
        db.flush()
        search.put(db, "enrollments", found.id, person.name, person.external_id)
    if found.state is EnrollmentState.REMOVED:
        raise Refused(_("The organizers ended this enrollment. Please ask them."))
    if found.state in (EnrollmentState.INVITED, EnrollmentState.WITHDRAWN):
        move(db, person.id, found, EnrollmentState.STARTED)
    return found


def enroll_invited(db: Session, actor_id: UUID, *, enrollment_id: UUID, reply: Reply) -> None:
    """Fill in the form of one's side after an invitation, whether or not enrollment is open."""
    enrollment = hold(db, Enrollment, enrollment_id)
    if enrollment is None or enrollment.person_id != actor_id:
        raise Refused(_("Only you can fill in your enrollment."), 403)
    cohort = db.get_one(Cohort, enrollment.cohort_id)
    is_open = enrollment.state in (EnrollmentState.STARTED, EnrollmentState.READY)
    if not is_open or cohort.state not in TAKES_GUESTS:
        raise Refused(_("This enrollment has ended, so there is nothing to change."))
    refuse_over_agreement(db, enrollment, reply.capacity)
    is_new = enrollment.state is EnrollmentState.STARTED
    enroll_for(db, actor_id, cohort_id=cohort.id, person_id=actor_id, reply=reply)
    if is_new:
        outbox.put(db, "enrollment_received", subject=enrollment.id, person=actor_id)
    db.flush()
