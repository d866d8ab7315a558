"""Roles and their terms."""

from __future__ import annotations

from datetime import date
from enum import StrEnum


class RoleName(StrEnum):
    """What a person does for a group."""

    LEAD = "lead"
    CO_LEAD = "co_lead"
    TREASURER = "treasurer"
    COMMS = "comms"
    ACCESS_LEAD = "access_lead"
    MODERATOR = "moderator"
    SPONSOR = "sponsor"
    CHECK_IN = "check_in"


class RoleState(StrEnum):
    """The life of a role grant."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    SHADOW = "shadow"
    ENDED = "ended"
    REVOKED = "revoked"


ROLE_TRANSITIONS = {
    RoleState.PROPOSED: frozenset({RoleState.ACTIVE, RoleState.SHADOW, RoleState.REVOKED}),
    RoleState.SHADOW: frozenset({RoleState.ACTIVE, RoleState.ENDED, RoleState.REVOKED}),
    RoleState.ACTIVE: frozenset({RoleState.ENDED, RoleState.REVOKED}),
}


LEADING = frozenset({RoleName.LEAD, RoleName.CO_LEAD})


def is_in_force(starts_on: date, ends_on: date | None, today: date) -> bool:
    """Whether a term covers a day; its last day counts."""
    return starts_on <= today and (ends_on is None or today <= ends_on)
