"""Chains, rules and mandates: who may say yes to what, until when, and what needs nobody."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

MAX_STAGES = 3
MAX_DAYS = 30
MAX_REASON = 1000
UNDO_WITHIN = timedelta(minutes=10)
TELL_AFTER = timedelta(minutes=5)
SATURDAY = 5

# What a rule may ask of every kind of item, besides the facts that the kind declares.
AUTHOR_ROLE = "author_role"


class Decider(StrEnum):
    """Who decides a stage: a role of the group, or one of the organization."""

    LEAD = "lead"
    COMMS = "comms"
    TREASURER = "treasurer"
    ACCESS_LEAD = "access_lead"
    MODERATOR = "moderator"
    SPONSOR = "sponsor"
    ORG_ADMIN = "org_admin"


class ApprovalState(StrEnum):
    """The life of one round of approval."""

    WAITING = "waiting"
    APPROVED = "approved"
    CHANGES = "changes"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class StepKind(StrEnum):
    """What happened in a round; the rows are its history."""

    ASKED = "asked"
    APPROVED = "approved"
    CHANGES = "changes"
    REJECTED = "rejected"
    AUTOMATIC = "automatic"
    LATE = "late"
    UNDONE = "undone"
    WITHDRAWN = "withdrawn"


class Verdict(StrEnum):
    """What a person may decide."""

    APPROVE = "approve"
    CHANGES = "changes"
    REJECT = "reject"


APPROVAL_TRANSITIONS: dict[ApprovalState, frozenset[ApprovalState]] = {
    ApprovalState.WAITING: frozenset(
        {
            ApprovalState.APPROVED,
            ApprovalState.CHANGES,
            ApprovalState.REJECTED,
            ApprovalState.WITHDRAWN,
        }
    ),
    # Back by undo, and by nothing else.
    ApprovalState.APPROVED: frozenset({ApprovalState.WAITING}),
    ApprovalState.CHANGES: frozenset({ApprovalState.WAITING}),
    ApprovalState.REJECTED: frozenset({ApprovalState.WAITING}),
    ApprovalState.WITHDRAWN: frozenset(),
}
STATE_AFTER = {
    Verdict.APPROVE: ApprovalState.APPROVED,
    Verdict.CHANGES: ApprovalState.CHANGES,
    Verdict.REJECT: ApprovalState.REJECTED,
}
STEP_OF = {
    Verdict.APPROVE: StepKind.APPROVED,
    Verdict.CHANGES: StepKind.CHANGES,
    Verdict.REJECT: StepKind.REJECTED,
}
DECISIONS = frozenset(STEP_OF.values())


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a chain: who decides, within how many working days."""

    decider: Decider
    days: int


@dataclass(frozen=True, slots=True)
class Mandate:
    """The right to decide a stage: one's own, or as deputy for somebody."""

    for_person: UUID | None = None


def backup_of(decider: Decider) -> Decider:
    """Who may decide as well once a deadline has passed."""
    return Decider.SPONSOR if decider is Decider.LEAD else Decider.LEAD


def covers(decider: Decider, roles: Iterable[str]) -> bool:
    """Whether one of the roles held is the one that decides; co-leads are leads."""
    held = set(roles)
    return decider in held or (decider is Decider.LEAD and "co_lead" in held)


def deciding(stage: Stage, *, is_late: bool) -> tuple[Decider, ...]:
    """Whose word counts at a stage."""
    return (stage.decider, backup_of(stage.decider)) if is_late else (stage.decider,)


def mandate(
    deciders: Iterable[Decider],
    *,
    person: UUID,
    authors: Collection[UUID],
    roles: Iterable[str],
    deputy_for: Mapping[UUID, Iterable[str]],
) -> Mandate | None:
    """The right of a person to decide; never about their own item, and never for its authors."""
    if person in authors:
        return None
    wanted, held = list(deciders), list(roles)
    if any(covers(decider, held) for decider in wanted):
        return Mandate()
    for principal, their_roles in deputy_for.items():
        theirs = list(their_roles)
        if principal not in authors and any(covers(decider, theirs) for decider in wanted):
            return Mandate(principal)
    return None


def deadline(start: datetime, working_days: int, zone: str) -> datetime:
    """The same time of day so many working days later, by the clocks of the group."""
    local = start.astimezone(ZoneInfo(zone))
    day, left = local.date(), working_days
    while left > 0:
        day += timedelta(days=1)
        left -= day.weekday() < SATURDAY
    return datetime.combine(day, local.time(), ZoneInfo(zone)).astimezone(UTC)


def matches(conditions: Mapping[str, str], facts: Mapping[str, Any]) -> bool:
    """Whether every condition of a rule holds; a rule without conditions holds for nothing."""
    return bool(conditions) and all(
        _holds(wanted, facts.get(name)) for name, wanted in conditions.items()
    )


def _holds(wanted: str, fact: Any) -> bool:
    return wanted in fact if isinstance(fact, list) else wanted == fact
