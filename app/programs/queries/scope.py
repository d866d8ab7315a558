"""How far an actor's word reaches: the programs they run, their side of an offer."""

from __future__ import annotations

from app.core.policies import Actor
from app.programs.models import Cohort, MatchRun, Offer, Program, SignUpSheet
from app.programs.rules import Role

Managed = Program | Cohort | MatchRun | SignUpSheet


def is_manager(actor: Actor, subject: Managed) -> bool:
    """The program's organizers, and program managers of the organization."""
    return actor.has("program_manager") or _program_of(subject).is_run_by(actor.person_id)


def _program_of(subject: Managed) -> Program:
    if isinstance(subject, Program):
        return subject
    return subject.program if isinstance(subject, Cohort) else subject.cohort.program


def side_of(actor: Actor, offer: Offer) -> Role | None:
    """The side on which the actor knows of this offer; the one not asked yet knows nothing."""
    asks_mentor = offer.cohort.program.asks_mentor
    if offer.mentee.person_id == actor.person_id:
        return Role.MENTEE if not asks_mentor or offer.mentor_accepted_at else None
    if offer.mentor.person_id == actor.person_id:
        return Role.MENTOR if asks_mentor else None
    return None
