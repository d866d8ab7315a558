"""Who may do what in a group."""

from __future__ import annotations

from app.core.database import reading, session_of
from app.core.policies import Actor, inside
from app.ergs.models import Erg
from app.ergs.queries import Request, Turn, Writing, standing
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


def may_found(actor: Actor, _subject: object) -> bool:
    """Administrators of the organization."""
    return actor.has("org_admin")


def may_shape(actor: Actor, erg: Erg) -> bool:
    """The leads write and set the switches; while it is a draft, administrators too."""
    is_founding = erg.state is ErgState.DRAFT and actor.has("org_admin")
    return inside(actor, None) and (is_founding or may_lead(actor, erg))


def may_move(actor: Actor, erg: Erg) -> bool:
    """Leads and administrators start, rest and archive a group."""
    return inside(actor, None) and (actor.has("org_admin") or may_lead(actor, erg))


def may_write(actor: Actor, writing: Writing) -> bool:
    """Whoever shapes the group writes it in any language."""
    return may_shape(actor, writing.erg)


def may_turn(actor: Actor, turn: Turn) -> bool:
    """Whoever may start, rest and archive the group."""
    return may_move(actor, turn.erg)


def may_open_desk(actor: Actor, _subject: object) -> bool:
    """Whoever holds a role in a group or chapter today, whichever it is."""
    if not inside(actor, None):
        return False
    mine = standing(reading(), actor)
    return bool(mine.roles or mine.chapter_roles)
