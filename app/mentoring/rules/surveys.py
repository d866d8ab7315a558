"""What everybody is asked at the end, and until when an answer can be changed."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from app.mentoring.rules.states import ClosingReason

ASKED_AFTER_END = timedelta(days=21)
ASKED_ANEW_AFTER = timedelta(days=42)  # since the last answers, in a cohort without end
CHANGED_FOR = timedelta(days=21)  # after the first answer; then it counts and stays as it is
REMINDED_AFTER = (timedelta(days=3), timedelta(days=10))
MEASURES = ("belonging", "safety", "growth", "goals")  # as at enrollment
ENDS_ASKED = (ClosingReason.COMPLETED, ClosingReason.COHORT_END)


class Reached(StrEnum):
    """What became of the goals that were set at the start."""

    ALL = "all"
    SOME = "some"
    NONE = "none"
    NO_GOALS = "no_goals"
