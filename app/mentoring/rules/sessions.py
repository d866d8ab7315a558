"""When a session is, when people are reminded and asked, and what their answers say."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from uuid import UUID

from app.mentoring.rules.states import Claim, SessionState
from app.programs.rules import Format, Role

REMINDERS = {"day": timedelta(hours=24), "hour": timedelta(hours=1)}


ASKS = {"first": timedelta(hours=2), "second": timedelta(hours=48)}


UNKNOWN_AFTER = timedelta(days=14)


def state_after_claims(claims: Mapping[UUID, Claim], asked: Collection[UUID]) -> SessionState:
    """What the answers so far say: one "met" claims, "met" by everybody who is asked confirms.

    Who has left is not waited for, and counts for what they said; one alone confirms nothing.
    """
    met = {who for who, said in claims.items() if said is Claim.MET}
    if met:
        is_confirmed = len(met) > 1 and met.issuperset(asked)
        return SessionState.CONFIRMED if is_confirmed else SessionState.CLAIMED
    return SessionState.MOVED if Claim.MOVED in claims.values() else SessionState.MISSED


def may_rate(kind: Format, role: Role | None) -> bool:
    """Whether somebody rates sessions: in reverse mentoring the senior, who learns, does not."""
    return not (kind is Format.REVERSE and role is Role.MENTEE)
