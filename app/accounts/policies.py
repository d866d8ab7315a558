"""Who may do what with people."""

from __future__ import annotations

from typing import Any

from app.core.policies import Actor


def may_see_directory(actor: Actor, _subject: Any) -> bool:
    """Every insider; guests from outside see only whom they work with."""
    return actor.is_signed_in and not actor.is_external


def may_see_person(actor: Actor, _subject: Any) -> bool:
    """Whoever found the person through `person_for`."""
    return actor.is_signed_in


def may_manage_people(actor: Actor, _subject: Any) -> bool:
    """Import people, see those without a name, end accounts: org admins."""
    return actor.has("org_admin")
