"""Who may look at the health of groups."""

from __future__ import annotations

from app.core.database import session_of
from app.core.policies import Actor, inside
from app.ergs.models import Erg
from app.ergs.queries import standing
from app.ergs.rules import LEADING, RoleName


def may_look(actor: Actor, erg: Erg) -> bool:
    """Leads and sponsors of the group, HR analysts, administrators of the organization."""
    mine = standing(session_of(erg), actor)
    holds = mine.holds(erg.id, *LEADING, RoleName.SPONSOR)
    return inside(actor, None) and (holds or actor.has("hr_analyst", "org_admin"))


def may_compare(actor: Actor, _subject: object) -> bool:
    """HR analysts and administrators of the organization."""
    return inside(actor, None) and actor.has("hr_analyst", "org_admin")
