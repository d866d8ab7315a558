"""Enums, the life of a request, and the sums of a budget line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Purpose(StrEnum):
    """What a group does something for."""

    RECRUITING = "recruiting"
    CUSTOMER = "customer"
    POLICY = "policy"
    LEADERSHIP = "leadership"
    COMMUNITY = "community"


class CycleState(StrEnum):
    """Whether money of a cycle may still be asked for."""

    OPEN = "open"
    CLOSED = "closed"


class EntryKind(StrEnum):
    """What a line of the ledger says happened."""

    ALLOCATION = "allocation"
    COMMITMENT = "commitment"
    RELEASE = "release"
    SPEND = "spend"
    CORRECTION = "correction"


class Account(StrEnum):
    """Which of the three sums of a line an entry moves."""

    ALLOCATED = "allocated"
    COMMITTED = "committed"
    SPENT = "spent"


# Each kind moves one sum in one direction; a correction moves what it reverses, the other way.
EFFECTS = {
    EntryKind.ALLOCATION: (Account.ALLOCATED, 1),
    EntryKind.COMMITMENT: (Account.COMMITTED, 1),
    EntryKind.RELEASE: (Account.COMMITTED, -1),
    EntryKind.SPEND: (Account.SPENT, 1),
}


class RequestState(StrEnum):
    """The life of a request for money."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    CHANGES = "changes"
    APPROVED = "approved"
    REJECTED = "rejected"
    COMMITTED = "committed"
    SPENT = "spent"
    RECONCILED = "reconciled"
    RELEASED = "released"


_S = RequestState

# APPROVED is said once of a request that needs two people; with the last approval the money is
# committed in the same transaction. Each step has its way back, except where money is counted:
# there the way back is an entry of its own.
REQUEST_TRANSITIONS = {
    _S.DRAFT: frozenset({_S.SUBMITTED}),
    _S.SUBMITTED: frozenset({_S.APPROVED, _S.REJECTED, _S.CHANGES, _S.DRAFT}),
    _S.CHANGES: frozenset({_S.SUBMITTED}),
    _S.REJECTED: frozenset({_S.SUBMITTED}),
    _S.APPROVED: frozenset({_S.COMMITTED, _S.SUBMITTED, _S.REJECTED, _S.CHANGES}),
    _S.COMMITTED: frozenset({_S.SPENT, _S.RELEASED, _S.SUBMITTED}),
    _S.SPENT: frozenset({_S.RECONCILED, _S.COMMITTED}),
    _S.RECONCILED: frozenset({_S.SPENT}),
    _S.RELEASED: frozenset({_S.COMMITTED}),
}
EDITABLE = frozenset({_S.DRAFT, _S.CHANGES})
WAITING = frozenset({_S.SUBMITTED, _S.APPROVED})
RECONCILE_WITHIN = timedelta(days=30)
RATE_MAX_AGE = timedelta(days=7)
MAX_REASON = 500


@dataclass(frozen=True, slots=True)
class Sums:
    """The three sums of a line or of several, and what is left."""

    allocated: int = 0
    committed: int = 0
    spent: int = 0

    @property
    def balance(self) -> int:
        """What may still be committed."""
        return self.allocated - self.committed - self.spent

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            self.allocated + other.allocated,
            self.committed + other.committed,
            self.spent + other.spent,
        )


def approvals_needed(amount: int, two_people_above: int) -> int:
    """How many people must agree to an amount in the currency of the cycle."""
    return 2 if amount > two_people_above else 1
