"""Invitations to people outside: their states, their terms, and when an agreement holds."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from app.programs.rules.states import CohortState, EnrollmentState, Table, states, table


class InvitationState(StrEnum):
    """The life of an invitation to somebody outside."""

    INVITED = "invited"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


INVITATION_MOVES: dict[type[StrEnum], Table] = {
    InvitationState: states(
        InvitationState,
        table(
            invited="accepted declined expired withdrawn",
            declined="accepted",
            expired="invited",
            withdrawn="invited",
        ),
    )
}

SENDABLE = (InvitationState.INVITED, InvitationState.EXPIRED, InvitationState.WITHDRAWN)

TAKES_GUESTS = (
    CohortState.READY,
    CohortState.ENROLLING,
    CohortState.MATCHING,
    CohortState.ACTIVE,
)

# Cohorts whose enrollments keep a guest's account alive.
KEEPS_ACCOUNTS = (*TAKES_GUESTS, CohortState.DRAFT, CohortState.CLOSING)
KEEPS_ACCOUNT = tuple(
    state
    for state in EnrollmentState
    if state
    not in (
        EnrollmentState.DECLINED,
        EnrollmentState.WITHDRAWN,
        EnrollmentState.REMOVED,
        EnrollmentState.COMPLETED,
    )
)

REMINDED_BEFORE = timedelta(days=3)
NOTICE = timedelta(days=14)  # between the notice and the end of an account
ANSWER_DAYS = (1, 90)
USUAL_DAYS = 14
MOST_EVERYWHERE = 50


def is_in_force(agreed_on: date | None, ends_on: date | None, day: date) -> bool:
    """Whether an agreement holds on a day; without dates it holds."""
    return (agreed_on is None or agreed_on <= day) and (ends_on is None or day <= ends_on)
