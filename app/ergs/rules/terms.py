"""Terms of roles: when they begin and end, who may take one away, and the last lead.

A person who accepts a role whose first day has not come is in its *shadow*: they learn beside the
holder, are named on the roles page, and hold no rights until that day. A lead's term does not end
at midnight by itself: the sweep ends it, or extends it by `EXTENSION` when nobody else would lead.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum

from app.ergs.rules.roles import LEADING, RoleName, RoleState, is_in_force

TERM = timedelta(days=365)
WARNINGS = (30, 7)
EXTENSION = timedelta(days=30)
ANSWER_WITHIN = timedelta(days=14)
REMOVAL_WITHIN = timedelta(days=14)
TWO_PERSON = LEADING | {RoleName.SPONSOR}


class RoleEnd(StrEnum):
    """Why a role is over."""

    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    UNANSWERED = "unanswered"
    TERM = "term"
    RESIGNED = "resigned"
    REMOVED = "removed"
    LEFT = "left"


class RemovalState(StrEnum):
    """The life of a proposal to take a role away."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


REMOVAL_TRANSITIONS = {
    RemovalState.OPEN: frozenset(
        {RemovalState.CONFIRMED, RemovalState.WITHDRAWN, RemovalState.EXPIRED}
    ),
}


class Step(StrEnum):
    """What a day does to a role."""

    LAPSE = "lapse"
    BEGIN = "begin"
    END = "end"
    EXTEND = "extend"


def holds(role: RoleName, starts_on: date, ends_on: date | None, today: date) -> bool:
    """Whether an active role gives its rights today; who leads does until the sweep says else."""
    return is_in_force(starts_on, None if role in LEADING else ends_on, today)


def first_role_state(starts_on: date, today: date) -> RoleState:
    """What an accepted role is: in force, or in its shadow until the first day."""
    return RoleState.ACTIVE if starts_on <= today else RoleState.SHADOW


def step_of(
    state: RoleState,
    starts_on: date,
    ends_on: date | None,
    answer_by: date | None,
    today: date,
    *,
    is_last_lead: bool,
) -> Step | None:
    """What a day does to a role; the last lead's term never ends, it is extended."""
    if state is RoleState.PROPOSED:
        return Step.LAPSE if answer_by is not None and answer_by < today else None
    is_over = ends_on is not None and ends_on < today
    if state is RoleState.SHADOW and starts_on <= today:
        return Step.END if is_over else Step.BEGIN
    if state is RoleState.ACTIVE and is_over:
        return Step.EXTEND if is_last_lead else Step.END
    return None


def warning_for(ends_on: date | None, today: date) -> int | None:
    """The warning that a term is due for: 30 or 7 days before its end, the nearest one."""
    left = (ends_on - today).days if ends_on is not None else -1
    due = [days for days in WARNINGS if 0 <= left <= days]
    return min(due, default=None)


def is_near(ends_on: date | None, today: date) -> bool:
    """Whether an end is within the first warning, or past."""
    return ends_on is not None and ends_on <= today + timedelta(days=max(WARNINGS))


def next_term(ends_on: date, today: date) -> date:
    """The first day of the term that follows one; never in the past."""
    return max(ends_on + timedelta(days=1), today)


def answer_due(asked_at: datetime, days: int = 5) -> date:
    """The last of so many working days after a request; Saturday and Sunday do not count."""
    day, left = asked_at.date(), days
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return day
