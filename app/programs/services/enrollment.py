"""People enroll, change their answers, pause and leave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.core import clock, outbox, search
from app.core.database import hold
from app.core.errors import Refused
from app.programs.models import Baseline, Cohort, Enrollment, Exclusion
from app.programs.rules import LIVE_ENROLLMENTS, EnrollmentState, Role
from app.programs.services.moving import move
from app.programs.services.offers import withdraw_offers_of


@dataclass(frozen=True, slots=True)
class Reply:
    """What somebody wrote in the enrollment form."""

    role: Role
    answers: Mapping[str, Any]
    languages: tuple[str, ...]
    zone: str
    windows: tuple[str, ...] = ()
    capacity: int = 1
    exclusions: tuple[UUID, ...] = ()
    baseline: Mapping[str, int | None] = field(default_factory=dict)


def enroll(db: Session, actor_id: UUID, *, cohort_id: UUID, reply: Reply) -> Enrollment:
    """Enroll oneself in a role, or change one's answers while enrollment is open."""
    cohort = hold(db, Cohort, cohort_id)
    if cohort is None or not cohort.is_enrolling:
        raise Refused(_("Enrollment is closed. The program page says when the next one opens."))
    enrollment = _own(db, cohort_id, actor_id, reply.role) or Enrollment(
        cohort_id=cohort_id, person_id=actor_id, role=reply.role
    )
    if enrollment.state is EnrollmentState.REMOVED:
        raise Refused(_("The organizers ended this enrollment. Please ask them."))
    _write(db, enrollment, cohort, reply)
    if enrollment.state in (EnrollmentState.WITHDRAWN, EnrollmentState.INVITED):
        move(db, actor_id, enrollment, EnrollmentState.STARTED)
    if enrollment.state is EnrollmentState.STARTED:
        move(db, actor_id, enrollment, EnrollmentState.SUBMITTED)
        admit(db, enrollment)
        outbox.put(db, "enrollment_received", subject=enrollment.id, person=actor_id)
    db.flush()
    return enrollment


def _own(db: Session, cohort_id: UUID, person_id: UUID, role: Role) -> Enrollment | None:
    return db.scalar(
        select(Enrollment).where(
            Enrollment.cohort_id == cohort_id,
            Enrollment.person_id == person_id,
            Enrollment.role == role,
        )
    )


def _write(db: Session, enrollment: Enrollment, cohort: Cohort, reply: Reply) -> None:
    enrollment.form_id = cohort.form_id
    enrollment.answers = dict(reply.answers)
    enrollment.languages = list(reply.languages)
    enrollment.zone = reply.zone
    enrollment.weekly_windows = list(reply.windows)
    enrollment.capacity = reply.capacity if reply.role is Role.MENTOR else 1
    enrollment.consented_at = clock.now()
    enrollment.waiting_since = enrollment.waiting_since or clock.now()
    enrollment.state = enrollment.state or EnrollmentState.STARTED
    db.add(enrollment)
    db.flush()
    person = db.get_one(Person, enrollment.person_id)
    search.put(db, "enrollments", enrollment.id, person.name, person.external_id)
    _exclude(db, enrollment.id, reply.exclusions)
    if any(reply.baseline.values()):
        db.merge(Baseline(enrollment_id=enrollment.id, answered_at=clock.now(), **reply.baseline))


def _exclude(db: Session, enrollment_id: UUID, people: Iterable[UUID]) -> None:
    db.execute(delete(Exclusion).where(Exclusion.enrollment_id == enrollment_id))
    db.add_all(Exclusion(enrollment_id=enrollment_id, person_id=person) for person in set(people))


def admit(db: Session, enrollment: Enrollment) -> None:
    """Approve a submitted enrollment and put it in the pool; nobody's identity is asked."""
    move(db, None, enrollment, EnrollmentState.APPROVED)
    move(db, None, enrollment, EnrollmentState.READY)


def enroll_for(
    db: Session, actor_id: UUID | None, *, cohort_id: UUID, person_id: UUID, reply: Reply
) -> Enrollment:
    """Enroll somebody from a sheet: ready for matching at once; the same row twice changes it."""
    cohort = db.get(Cohort, cohort_id)
    if cohort is None:
        raise Refused(_("This cohort no longer exists."))
    enrollment = _own(db, cohort_id, person_id, reply.role) or Enrollment(
        cohort_id=cohort_id, person_id=person_id, role=reply.role
    )
    _write(db, enrollment, cohort, reply)
    if enrollment.state is EnrollmentState.STARTED:
        move(db, actor_id, enrollment, EnrollmentState.SUBMITTED)
        admit(db, enrollment)
    return enrollment


def withdraw(db: Session, actor_id: UUID | None, *, enrollment_id: UUID) -> None:
    """Leave a cohort: no longer in the pool, open offers taken back."""
    _end(db, actor_id, enrollment_id, EnrollmentState.WITHDRAWN, None)


def remove(db: Session, actor_id: UUID, *, enrollment_id: UUID, reason: str) -> None:
    """Take somebody out of a cohort, with a reason that stays in the log."""
    if not reason:
        raise Refused(_("Please give a reason; it is kept in the log."))
    _end(db, actor_id, enrollment_id, EnrollmentState.REMOVED, reason)


def _end(
    db: Session,
    actor_id: UUID | None,
    enrollment_id: UUID,
    to: EnrollmentState,
    reason: str | None,
) -> None:
    enrollment = hold(db, Enrollment, enrollment_id)
    if enrollment is None:
        raise Refused(_("This enrollment no longer exists."))
    move(db, actor_id, enrollment, to, reason=reason)
    withdraw_offers_of(db, actor_id, enrollment, reason=to.value)
    db.flush()


def leave_everywhere(db: Session, person_id: UUID) -> None:
    """Departure: withdraw every live enrollment of a person who left."""
    for enrollment_id in db.scalars(
        select(Enrollment.id)
        .where(
            Enrollment.person_id == person_id,
            Enrollment.state.in_(LIVE_ENROLLMENTS),
            Enrollment.state != EnrollmentState.COMPLETED,
        )
        .order_by(Enrollment.role, Enrollment.id)
    ).all():
        _end(db, None, enrollment_id, EnrollmentState.WITHDRAWN, "left_org")
