"""The hours of a week at which somebody usually has time."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core.database import hold
from app.core.errors import Refused
from app.programs.models import Enrollment


def set_hours(
    db: Session, actor_id: UUID, *, enrollment_id: UUID, windows: Collection[str], zone: str
) -> Enrollment:
    """Change one's weekly windows and the zone in which they are told; nobody else reads them."""
    enrollment = hold(db, Enrollment, enrollment_id)
    if enrollment is None or enrollment.person_id != actor_id:
        raise Refused(_("Only you can say when you have time."), 403)
    enrollment.weekly_windows, enrollment.zone = list(windows), zone
    audit.record(db, actor_id, "enrollment_hours", enrollment)
    db.flush()
    return enrollment
