"""States of a session and of a seat, and what may follow what."""

from __future__ import annotations

from enum import StrEnum

ROUNDS = (1, 12)
ROUND_MINUTES = (2, 30)
BREAK_MINUTES = (0, 15)
WISH_HOURS = 48


class SessionState(StrEnum):
    """Where a session stands; the clock decides about rounds and breaks."""

    DRAFT = "draft"
    DRAWN = "drawn"
    RUNNING = "running"
    PAUSED = "paused"
    OVER = "over"


_S = SessionState
TRANSITIONS: dict[SessionState, frozenset[SessionState]] = {
    _S.DRAFT: frozenset({_S.DRAWN}),
    _S.DRAWN: frozenset({_S.DRAFT, _S.RUNNING}),
    _S.RUNNING: frozenset({_S.PAUSED, _S.OVER}),
    _S.PAUSED: frozenset({_S.RUNNING, _S.OVER}),
    _S.OVER: frozenset[SessionState](),
}


def may_become(before: SessionState, after: SessionState) -> bool:
    """Whether a session may go from one state to the other; undo goes its own way."""
    return after in TRANSITIONS[before]


class SeatState(StrEnum):
    """Whether somebody is there."""

    HERE = "here"
    PAUSING = "pausing"
    ABSENT = "absent"
    LEFT = "left"


SITTING = (SeatState.HERE,)
AWAY = (SeatState.PAUSING, SeatState.ABSENT, SeatState.LEFT)
