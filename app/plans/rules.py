"""The life of plans, initiatives and recommendations; how progress is computed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum


class PlanState(StrEnum):
    """The life of a year's plan; a draft is seen by leads alone."""

    DRAFT = "draft"
    AGREED = "agreed"
    CLOSED = "closed"


class InitiativeState(StrEnum):
    """Where an initiative stands."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class RecommendationState(StrEnum):
    """What became of what the group asked the company for."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    DONE = "done"
    WITHDRAWN = "withdrawn"


_P, _I, _R = PlanState, InitiativeState, RecommendationState

PLAN_TRANSITIONS = {
    _P.DRAFT: frozenset({_P.AGREED}),
    _P.AGREED: frozenset({_P.DRAFT, _P.CLOSED}),
    _P.CLOSED: frozenset({_P.AGREED}),
}
INITIATIVE_TRANSITIONS = {
    _I.OPEN: frozenset({_I.DONE, _I.DROPPED}),
    _I.DONE: frozenset({_I.OPEN}),
    _I.DROPPED: frozenset({_I.OPEN}),
}
# An answer may be followed by another; the way back to what was before is taking it back.
RECOMMENDATION_TRANSITIONS = {
    _R.OPEN: frozenset({_R.ACCEPTED, _R.DECLINED, _R.DONE, _R.WITHDRAWN}),
    _R.ACCEPTED: frozenset({_R.ACCEPTED, _R.DECLINED, _R.DONE, _R.OPEN}),
    _R.DECLINED: frozenset({_R.ACCEPTED, _R.DECLINED, _R.DONE, _R.OPEN}),
    _R.DONE: frozenset({_R.ACCEPTED, _R.DONE, _R.DECLINED, _R.OPEN}),
    _R.WITHDRAWN: frozenset({_R.OPEN}),
}
ANSWERS = (_R.ACCEPTED, _R.DONE, _R.DECLINED)
REMIND_BEFORE = timedelta(days=7)


def share(start: float, target: float, current: float) -> float:
    """How far a key result has come, from 0 to 1; it may lead upward or downward."""
    if target == start:
        return 1.0 if current == target else 0.0
    return min(1.0, max(0.0, (current - start) / (target - start)))


def progress(state: InitiativeState, shares: Iterable[float]) -> float:
    """The mean of an initiative's key results; without any, nothing or all."""
    found = list(shares)
    if not found:
        return 1.0 if state is InitiativeState.DONE else 0.0
    return sum(found) / len(found)


def is_overdue(due_on: date | None, today: date) -> bool:
    """The day it is due still counts."""
    return due_on is not None and due_on < today
