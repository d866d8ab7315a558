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
    sides = {offer.mentor.person_id: Role.MENTOR, offer.mentee.person_id: Role.MENTEE}
    side = sides.get(actor.person_id) if actor.person_id else None
    if side is None:
        return None
    return side if offer.is_known_to(side, offer.cohort.program) else None
