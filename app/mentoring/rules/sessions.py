"""When a session is, when people are reminded and asked, and what their answers say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from app.mentoring.rules.states import Claim, SessionState
from app.programs.rules import Format, Role

REMINDERS = {"day": timedelta(hours=24), "hour": timedelta(hours=1)}


ASKS = {"first": timedelta(hours=2), "second": timedelta(hours=48)}


UNKNOWN_AFTER = timedelta(days=14)


def state_after_claims(claims: Mapping[UUID, Claim], people: int) -> SessionState:
    """What the answers so far say: one "met" claims, everybody's "met" confirms."""
    said = list(claims.values())
    met = said.count(Claim.MET)
    if met:
        return SessionState.CONFIRMED if met == people else SessionState.CLAIMED
    return SessionState.MOVED if Claim.MOVED in said else SessionState.MISSED


def may_rate(kind: Format, role: Role | None) -> bool:
    """Whether somebody rates sessions: in reverse mentoring the senior, who learns, does not."""
    return not (kind is Format.REVERSE and role is Role.MENTEE)
