"""Whoever loses a partner is seen: first in the next matching, and on the organizers' list."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock
from app.core.database import hold
from app.holidays.queries import between
from app.mentoring.models import Relationship, Rematch
from app.mentoring.rules import RematchCause
from app.mentoring.rules.lifecycle import BLIND_REMATCHES, REMATCH_DAYS, working_days_after
from app.programs.models import Enrollment
from app.programs.rules import IN_POOL, EnrollmentState, Role

WAITS = (*IN_POOL, EnrollmentState.PAUSED)  # whoever pauses is on the list when they go on


def open_for(
    db: Session, pair: Relationship, cause: RematchCause, *, but: UUID | None = None
) -> None:
    """Put every mentee of a relationship that ended on the list, with priority."""
    for member in pair.members:
        if member.role is Role.MENTEE and member.left_at is None and member.person_id != but:
            _open_one(db, pair, member.enrollment_id, cause)


def _open_one(
    db: Session, pair: Relationship, enrollment_id: UUID | None, cause: RematchCause
) -> None:
    enrollment = hold(db, Enrollment, enrollment_id) if enrollment_id else None
    if enrollment is None or enrollment.state not in WAITS:
        return
    if cause is RematchCause.TRIAL and _after_trials(db, enrollment.id) >= BLIND_REMATCHES:
        enrollment.talks_first = True
    else:
        enrollment.missed_rounds += 1
    first = max(clock.now().date(), enrollment.paused_until or date.min)
    days_off = between(db, first, first + timedelta(days=30))
    row = Rematch(
        cohort_id=pair.cohort_id,
        enrollment_id=enrollment.id,
        relationship_id=pair.id,
        cause=cause,
        due_on=working_days_after(first, REMATCH_DAYS, days_off),
    )
    db.add(row)
    db.flush()
    audit.record(db, None, "rematch_due", row, reason=cause.value)


def _after_trials(db: Session, enrollment_id: UUID) -> int:
    """How many trials of this enrollment have ended; by whom, nobody knows."""
    ended = select(func.count()).where(
        Rematch.enrollment_id == enrollment_id, Rematch.cause == RematchCause.TRIAL
    )
    return db.scalar(ended) or 0


def talked(db: Session, actor_id: UUID, *, enrollment_id: UUID) -> None:
    """An organizer has talked to somebody who had no luck: the matching may go on."""
    enrollment = hold(db, Enrollment, enrollment_id)
    if enrollment is not None and enrollment.talks_first:
        enrollment.talks_first = False
        audit.record(db, actor_id, "talked_before_rematch", enrollment)
        db.flush()


def take_back(db: Session, pair: Relationship) -> None:
    """The relationship came back: nobody waits because of it any more."""
    for row in db.scalars(select(Rematch).where(Rematch.relationship_id == pair.id)).all():
        enrollment = hold(db, Enrollment, row.enrollment_id)
        if enrollment is not None and enrollment.missed_rounds:
            enrollment.missed_rounds -= 1
        db.delete(row)
