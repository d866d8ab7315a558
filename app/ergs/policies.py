"""Who may do what in a group."""

from __future__ import annotations

from app.core.database import session_of
from app.core.policies import Actor, inside
from app.ergs.models import Erg
from app.ergs.queries import Request, standing
from app.ergs.rules import ErgState


def may_see(actor: Actor, _erg: Erg | None) -> bool:
    """Everyone inside; what is hidden from them was not found in the first place."""
    return inside(actor, None)


def may_join(actor: Actor, erg: Erg) -> bool:
    """Everyone inside, while the group is active; identity never gates joining."""
    return inside(actor, None) and erg.state is ErgState.ACTIVE


def may_belong(actor: Actor, erg: Erg) -> bool:
    """Whoever belongs, asked to, or is invited: to change who sees it, or to end it."""
    return inside(actor, None) and erg.id in standing(session_of(erg), actor).memberships


def may_lead(actor: Actor, erg: Erg) -> bool:
    """The leads and co-leads of the whole group in their term; no administrator."""
    return inside(actor, None) and erg.id in standing(session_of(erg), actor).led


def may_decide(actor: Actor, request: Request) -> bool:
    """Leads, but never about their own request."""
    return may_lead(actor, request.erg) and request.row.person_id != actor.person_id
