"""The sweep that seals the audit log."""

from __future__ import annotations

from app.audit import services
from app.core.database import writing
from app.core.jobs import sweep


@sweep("seal_audit", every=60)
def seal_audit() -> None:
    """Chain what has been appended since the last time."""
    with writing() as db:
        services.seal(db)
