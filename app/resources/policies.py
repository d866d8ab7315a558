"""Who may do what with resources."""

from __future__ import annotations

from app.core.database import session_of
from app.core.policies import Actor, inside
from app.ergs.models import Erg
from app.ergs.queries import standing
from app.resources.queries import WRITABLE, Kept, OneVersion, keeps
from app.resources.rules import can_open


def may_look(actor: Actor, erg: Erg) -> bool:
    """Members; colleagues where the group keeps no secret."""
    mine = standing(session_of(erg), actor)
    is_near = erg.id in mine.member_of or keeps(mine, erg.id)
    return inside(actor, None) and (is_near or not erg.is_discreet)


def may_add(actor: Actor, erg: Erg) -> bool:
    """Leads and communications, while the group lives."""
    is_keeper = keeps(standing(session_of(erg), actor), erg.id)
    return inside(actor, None) and is_keeper and erg.state in WRITABLE


def may_open(actor: Actor, kept: Kept) -> bool:
    """Whoever its access right says, and whoever looks after it."""
    right = can_open(kept.resource.access, kept.viewer, is_discreet=kept.erg.is_discreet)
    return inside(actor, None) and (right or kept.may_change)


def may_change(actor: Actor, kept: Kept) -> bool:
    """Leads, communications and the owner, while the group lives."""
    return inside(actor, None) and kept.may_change and kept.erg.state in WRITABLE


def may_open_version(actor: Actor, one: OneVersion) -> bool:
    """Whoever may open the resource, once the version is clean."""
    return may_open(actor, one.kept) and one.version.is_ready


def may_change_version(actor: Actor, one: OneVersion) -> bool:
    """Whoever may change the resource."""
    return may_change(actor, one.kept)
