"""Who may look at, decide and arrange approvals; nobody ever decides about their own item."""

from __future__ import annotations

from app.approvals import queries
from app.approvals.queries import Case, DeputyOf, RuleOf
from app.approvals.rules import DECISIONS, UNDO_WITHIN, ApprovalState, backup_of, covers
from app.core import clock
from app.core.database import session_of
from app.core.policies import Actor, inside
from app.ergs import policies as ergs
from app.ergs.models import Erg
from app.ergs.queries import standing
from app.ergs.rules import ErgState


def may_open(actor: Actor, erg: Erg) -> bool:
    """Whoever does something for the group; a deputy always does as well."""
    return inside(actor, None) and erg.id in standing(session_of(erg), actor).roles


def may_arrange(actor: Actor, erg: Erg) -> bool:
    """The leads decide who has to say yes, while the group lives."""
    return ergs.may_lead(actor, erg) and erg.state is not ErgState.ARCHIVED


def may_end_rule(actor: Actor, found: RuleOf) -> bool:
    """The leads."""
    return may_arrange(actor, found.erg)


def may_name_deputy(actor: Actor, erg: Erg) -> bool:
    """Whoever holds a role of the group names who stands in for them."""
    return inside(actor, None) and erg.id in standing(session_of(erg), actor).roles


def may_end_deputy(actor: Actor, found: DeputyOf) -> bool:
    """The person who named the deputy."""
    return inside(actor, None) and found.deputy.person_id == actor.person_id


def may_see(actor: Actor, case: Case) -> bool:
    """The author, the leads, and whose word counts at some stage."""
    if not inside(actor, None):
        return False
    db = session_of(case.approval)
    mine, approval = standing(db, actor), case.approval
    if actor.person_id in approval.authors or case.erg.id in mine.led:
        return True
    held = set(queries.roles_in(actor, mine, case.erg.id))
    for roles in queries.standing_in(db, actor).get(case.erg.id, {}).values():
        held |= roles
    asked = {stage.decider for stage in approval.chain}
    if approval.late_at:
        asked |= {backup_of(decider) for decider in asked}
    return any(covers(decider, held) for decider in asked)


def may_decide(actor: Actor, case: Case) -> bool:
    """Whose word counts now; never the author, and nobody in the author's place."""
    found = queries.own_mandate(session_of(case.approval), actor, case.approval)
    return inside(actor, None) and found is not None


def may_undo(actor: Actor, case: Case) -> bool:
    """Whoever decided last, for a moment."""
    steps = case.approval.steps
    last = steps[-1] if steps else None
    return (
        inside(actor, None)
        and last is not None
        and last.kind in DECISIONS
        and last.person_id == actor.person_id
        and case.approval.state is not ApprovalState.WITHDRAWN
        and clock.now() - last.at <= UNDO_WITHIN
    )
