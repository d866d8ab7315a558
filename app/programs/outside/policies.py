"""Who may do what about people from outside, partners and one's own places."""

from __future__ import annotations

from typing import Any

from app.core.policies import Actor
from app.programs.models import Enrollment, LentSeat, OutsideInvitation, Partner
from app.programs.queries.scope import is_manager
from app.programs.rules import EnrollmentState
from app.programs.rules.outside import SENDABLE, TAKES_GUESTS, InvitationState


def may_send_again(actor: Actor, invitation: OutsideInvitation) -> bool:
    """Organizers, as long as it was not answered."""
    return is_manager(actor, invitation.cohort) and invitation.state in SENDABLE


def may_recall(actor: Actor, invitation: OutsideInvitation) -> bool:
    """Organizers, as long as it waits for an answer."""
    is_open = invitation.state is InvitationState.INVITED
    return is_manager(actor, invitation.cohort) and is_open


def may_fill_in(actor: Actor, enrollment: Enrollment) -> bool:
    """One's own enrollment that began with an invitation, while its cohort goes on."""
    goes_on = enrollment.cohort.state in TAKES_GUESTS
    is_open = enrollment.state in (EnrollmentState.STARTED, EnrollmentState.READY)
    return enrollment.person_id == actor.person_id and is_open and goes_on


def may_keep_partners(actor: Actor, _subject: Partner | Any) -> bool:
    """Program managers of the organization keep the list of partners."""
    return actor.has("program_manager")


def may_lend(actor: Actor, partner: Partner) -> bool:
    """People of the company, while an agreement holds that lends seats."""
    return not actor.is_external and partner.is_in_force and partner.seats_lent > 0


def may_take_back(actor: Actor, seat: LentSeat) -> bool:
    """Whoever lends the place."""
    return seat.person_id == actor.person_id
