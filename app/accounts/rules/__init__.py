"""Enums and pure rules about people."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum


class PersonKind(StrEnum):
    """Employee, or guest from outside with a narrow account."""

    EMPLOYEE = "employee"
    EXTERNAL = "external"


class PersonStatus(StrEnum):
    """Whether someone is with the organization today."""

    ACTIVE = "active"
    ON_LEAVE = "on_leave"
    LEFT = "left"


class OrgRoleName(StrEnum):
    """Organization-wide roles; everything narrower belongs to its domain."""

    ORG_ADMIN = "org_admin"
    PROGRAM_MANAGER = "program_manager"
    HR_ANALYST = "hr_analyst"
    AUDITOR = "auditor"
    CONCERN_HANDLER = "concern_handler"


class ImportState(StrEnum):
    """The life of a people import."""

    UPLOADED = "uploaded"
    MAPPED = "mapped"
    CHECKED = "checked"
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    DISCARDED = "discarded"


class RowChange(StrEnum):
    """What one row of a people file does."""

    ADDED = "added"
    CHANGED = "changed"
    LEAVING = "leaving"
    UNCHANGED = "unchanged"
    ERROR = "error"


IMPORT_STEPS: dict[ImportState, frozenset[ImportState]] = {
    ImportState.UPLOADED: frozenset({ImportState.MAPPED, ImportState.DISCARDED}),
    ImportState.MAPPED: frozenset(
        {
            ImportState.MAPPED,
            ImportState.CHECKED,
            ImportState.FAILED,
            ImportState.DISCARDED,
        }
    ),
    ImportState.CHECKED: frozenset(
        {
            ImportState.MAPPED,
            ImportState.QUEUED,
            ImportState.DISCARDED,
        }
    ),
    ImportState.QUEUED: frozenset({ImportState.RUNNING, ImportState.FAILED}),
    ImportState.RUNNING: frozenset({ImportState.DONE, ImportState.FAILED}),
    ImportState.DONE: frozenset(),
    ImportState.FAILED: frozenset({ImportState.MAPPED, ImportState.DISCARDED}),
    ImportState.DISCARDED: frozenset(),
}

# More leavers than this in one import are more often a wrong file than a bad month.
MOST_LEAVERS = 50
MOST_LEAVERS_SHARE = 0.05


def needs_confirmation(leaving: int, active: int) -> bool:
    """Whether so many leavers among so many active people must be confirmed by a person."""
    return leaving > MOST_LEAVERS or leaving > active * MOST_LEAVERS_SHARE


JOB_ATTRIBUTES = (
    "job_title",
    "level",
    "department",
    "function",
    "site",
    "legal_entity",
    "manager_id",
    "status",
    "hired_on",
    "left_on",
    "leaving_kind",
)

TOPICS = ("account", "groups", "events", "mentoring", "programs")
CHANNELS = ("mail", "in_app", "push")
# Mails by which an account proves itself cannot be switched off.
FIXED_CHOICES = frozenset({("account", "mail")})

IDLE = timedelta(days=14)
ADMIN_IDLE = timedelta(minutes=30)
RENEWED_EVERY = timedelta(hours=1)
RESET_LIFETIME = timedelta(hours=1)
ADMIN_ROLES = frozenset({OrgRoleName.ORG_ADMIN, OrgRoleName.HR_ANALYST, OrgRoleName.AUDITOR})


def idle_limit(roles: frozenset[str]) -> timedelta:
    """How long a session of a holder of these roles may rest."""
    return IDLE if roles.isdisjoint(ADMIN_ROLES) else ADMIN_IDLE


def expiry(roles: frozenset[str], now: datetime) -> datetime:
    """When a session renewed now ends in the table.

    Renewals are written at most hourly, so the table allows an hour more than a short idle limit;
    within it the signed cookie's own stamp decides (see `is_idle`).
    """
    return now + max(idle_limit(roles), ADMIN_IDLE + RENEWED_EVERY)


def is_idle(roles: frozenset[str], last_seen: datetime, now: datetime) -> bool:
    """Whether a session has rested for longer than its holder's roles allow."""
    return now - last_seen > idle_limit(roles)
