"""Who may do what with programs, cohorts, enrollments, runs and offers."""

from __future__ import annotations

from typing import Any

from app.core.policies import Actor
from app.programs.models import Enrollment, Offer, Program
from app.programs.queries.scope import Managed, is_manager, side_of
from app.programs.rules import OPEN_OFFERS


def may_see_program(actor: Actor, _program: Program) -> bool:
    """Whoever found the program through `program_for`."""
    return actor.is_signed_in


def may_create(actor: Actor, _subject: Any) -> bool:
    """Program managers start programs."""
    return actor.has("program_manager")


def may_manage(actor: Actor, subject: Managed) -> bool:
    """The program's organizers, and program managers of the organization."""
    return is_manager(actor, subject)


def may_enroll(actor: Actor, subject: Program) -> bool:
    """Every person of the company; guests enroll by invitation only. Identity is never asked."""
    return actor.is_signed_in and not actor.is_external


def may_withdraw(actor: Actor, enrollment: Enrollment) -> bool:
    """One's own enrollment."""
    return enrollment.person_id == actor.person_id


def may_remove(actor: Actor, enrollment: Enrollment) -> bool:
    """Organizers, but never of themselves: whoever organizes leaves like everybody else."""
    return may_manage(actor, enrollment.cohort) and enrollment.person_id != actor.person_id


def may_see_offer(actor: Actor, offer: Offer) -> bool:
    """The people of the offer, once they are asked; organizers answer elsewhere."""
    return side_of(actor, offer) is not None


def may_answer(actor: Actor, offer: Offer) -> bool:
    """The person whose turn it is."""
    side = side_of(actor, offer)
    return side is not None and offer.state in OPEN_OFFERS


def may_answer_for(actor: Actor, offer: Offer) -> bool:
    """Organizers, for people without sign-in."""
    is_reachable = offer.mentee.person.can_sign_in
    return may_manage(actor, offer.cohort) and not is_reachable and offer.state in OPEN_OFFERS


def may_withdraw_offer(actor: Actor, offer: Offer) -> bool:
    """Organizers, while the offer is open."""
    return may_manage(actor, offer.cohort) and offer.state in OPEN_OFFERS
