"""Who may do what with concerns: whoever raised one, its named readers, and nobody by rank."""

from __future__ import annotations

from typing import Any

from app.accounts.policies import may_see_directory
from app.accounts.rules import OrgRoleName
from app.concerns.models import Concern, ConcernHandler
from app.concerns.rules import ConcernState
from app.core.policies import Actor


def may_see_own(actor: Actor, concern: Concern) -> bool:
    """Whoever raised it."""
    return concern.raised_by == actor.person_id


def may_add(actor: Actor, concern: Concern) -> bool:
    """Whoever raised it, while it is open."""
    return may_see_own(actor, concern) and concern.state is not ConcernState.CLOSED


def may_use_desk(actor: Actor, _subject: Any) -> bool:
    """Handlers."""
    return actor.has(OrgRoleName.CONCERN_HANDLER)


def may_handle(actor: Actor, concern: Concern) -> bool:
    """A handler who was named as a reader."""
    return may_use_desk(actor, concern) and concern.is_read_by(actor.person_id)


def may_appoint(actor: Actor, _subject: Any) -> bool:
    """Administrators choose handlers; they read nothing themselves."""
    return actor.has(OrgRoleName.ORG_ADMIN)


def may_confirm(actor: Actor, role: ConcernHandler) -> bool:
    """Another administrator than the one who proposed, and never for oneself."""
    return may_appoint(actor, role) and actor.person_id not in (role.person_id, role.proposed_by)


def may_look_for_people(actor: Actor, subject: Any) -> bool:
    """Whoever may see the directory; guests speak about those whom they work with."""
    return may_see_directory(actor, subject)
