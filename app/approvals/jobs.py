"""The sweep that asks somebody else when a deadline passes."""

from __future__ import annotations

from app.approvals import services
from app.core.database import reading, writing
from app.core.jobs import sweep


@sweep("approvals_late", every=300)
def ask_further() -> None:
    """Rounds whose deadline has passed are opened to those who stand behind, one at a time."""
    for approval_id in services.overdue(reading()):
        with writing() as db:
            services.escalate(db, approval_id)
