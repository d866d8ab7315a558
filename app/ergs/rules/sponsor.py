"""What an executive sponsor promises, and what became of it."""

from __future__ import annotations

from datetime import date
from enum import StrEnum


class CommitmentKind(StrEnum):
    """What is promised."""

    HOURS = "hours"
    MENTORS_ONE = "mentors_one"
    OPENS_KICKOFF = "opens_kickoff"
    OTHER = "other"


class CommitmentState(StrEnum):
    """What became of a promise."""

    OPEN = "open"
    KEPT = "kept"
    NOT_KEPT = "not_kept"


COMMITMENT_TRANSITIONS = {
    CommitmentState.OPEN: frozenset({CommitmentState.KEPT, CommitmentState.NOT_KEPT}),
    CommitmentState.KEPT: frozenset({CommitmentState.OPEN}),
    CommitmentState.NOT_KEPT: frozenset({CommitmentState.OPEN}),
}


def quarter_of(day: date) -> str:
    """The quarter of a day, as 2026Q4."""
    return f"{day.year}Q{(day.month + 2) // 3}"
