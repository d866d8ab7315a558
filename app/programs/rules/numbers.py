"""Terms, places and priorities."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from app.programs.rules.states import CohortState, OfferState

OFFER_DAYS = 7


OFFER_REMINDERS = (3, 6)  # days after the offer went out


RECALL_MINUTES = 30


REVIVE_DAYS = 14  # after its end an unanswered offer can be opened again


REQUEST_DAYS = 7  # how long a mentor has to answer a request


REQUEST_REMINDERS = (3, 6)


OPEN_REQUESTS = 2  # how many mentors somebody may be asking at a time


SECOND_THOUGHTS = timedelta(minutes=10)  # until then a no can be taken back and nobody heard it


FOLLOW_UPS = 3  # offers that ended without a yes, after which a person talks to the mentee


WAVE_DAYS = 7  # between two rolling waves


CLOSING_TIME = timedelta(days=21)  # for renewals and look backs, before a cohort is closed


WAVE_ENOUGH = 10  # new people waiting, with whom a wave does not wait for its day


WAVE_MOST = 200  # people in one rolling wave, those who waited longest first


RUN_LEASE = timedelta(minutes=5)


LONGEST_MONTHS = 18


SHORTEST_MONTHS = 3


def rescaled(weights: Mapping[str, float]) -> dict[str, float]:
    """The weights of the factors at hand, brought to a sum of 100."""
    total = sum(weights.values())
    return {key: weight * 100 / total for key, weight in weights.items()} if total else {}


def free_places(capacity: int, taken: int) -> int:
    """Places left, never below zero (an override may have filled more than there were)."""
    return max(0, capacity - taken)


def enrollment_is_open(
    state: CohortState, opens: datetime | None, closes: datetime | None, at: datetime
) -> bool:
    """Whether people may enroll at an instant: the state allows it and the window covers it."""
    in_window = (opens is None or opens <= at) and (closes is None or at < closes)
    return state is CohortState.ENROLLING and in_window


def may_come_back(state: OfferState, ended_at: datetime | None, at: datetime) -> bool:
    """Whether an offer that ran out is recent enough to be opened again."""
    if state is not OfferState.EXPIRED or ended_at is None:
        return False
    return at < ended_at + timedelta(days=REVIVE_DAYS)


def priority_from(missed: int) -> int:
    """Missed rounds as the matcher's priority, which knows 0 to 9."""
    return min(max(missed, 0), 9)
