"""Who may keep the calendar of days off."""

from __future__ import annotations

from typing import Any

from app.core.policies import Actor


def may_keep(actor: Actor, _subject: Any) -> bool:
    """Administrators of the organization."""
    return actor.has("org_admin")
