"""Enums and pure rules about people."""

from __future__ import annotations

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


JOB_ATTRIBUTES = (
    "job_title", "level", "department", "function", "site", "legal_entity", "manager_id",
    "status", "hired_on", "left_on", "leaving_kind",
)
