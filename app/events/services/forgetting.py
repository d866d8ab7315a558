"""A month after the end names of guests, answers to questions and client keys are deleted.

Of whoever steps back, names and answers are kept only as long as that can be taken back.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import String, cast, or_, select, update
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock
from app.core.database import hold
from app.events.models import Occurrence, Rsvp
from app.events.rules import GIVEN_UP
from app.events.rules.answers import KEPT_AFTER, KEPT_FOR_UNDO


def forget_leavers(db: Session) -> None:
    """Delete what people told who stepped back and did not come after all."""
    has_words = or_(cast(Rsvp.guest_names, String) != "[]", cast(Rsvp.told, String) != "{}")
    db.execute(
        update(Rsvp)
        .where(Rsvp.state.in_(GIVEN_UP), Rsvp.changed_at <= clock.now() - KEPT_FOR_UNDO, has_words)
        .values(guest_names=[], told={})
        .execution_options(synchronize_session=False)
    )


def to_forget(db: Session) -> list[UUID]:
    """Dates that ended a month ago and still hold what people told."""
    return list(
        db.scalars(
            select(Occurrence.id)
            .where(Occurrence.ends_at <= clock.now() - KEPT_AFTER, Occurrence.purged_at.is_(None))
            .order_by(Occurrence.ends_at)
        )
    )


def forget(db: Session, *, occurrence_id: UUID) -> None:
    """Delete what people told about themselves and their guests; that they came is kept."""
    occurrence = hold(db, Occurrence, occurrence_id)
    if occurrence is None or occurrence.purged_at is not None:
        return
    if occurrence.ends_at > clock.now() - KEPT_AFTER:
        return
    db.execute(
        update(Rsvp)
        .where(Rsvp.occurrence_id == occurrence_id)
        .values(guest_names=[], told={}, presses=[], reason="")
        .execution_options(synchronize_session=False)
    )
    occurrence.purged_at = clock.now()
    audit.record(db, None, "forget_answers", occurrence)
    db.flush()
