"""Enrollments: one's own, and for organizers the people of a cohort."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import Person
from app.accounts.queries.directory import Page, paged
from app.audit.models import AuditEvent
from app.core import search
from app.core.policies import Actor
from app.programs.models import Cohort, Enrollment, EnrollmentForm, PersonPlaces
from app.programs.queries.scope import is_manager
from app.programs.rules import LIVE_ENROLLMENTS, EnrollmentState, Role

WITH_ALL = (joinedload(Enrollment.person), joinedload(Enrollment.cohort))


def enrollment_for(db: Session, actor: Actor, enrollment_id: UUID) -> Enrollment | None:
    """One's own enrollment, or one in a cohort the actor runs."""
    found = db.scalar(select(Enrollment).where(Enrollment.id == enrollment_id).options(*WITH_ALL))
    if found is None or found.person_id == actor.person_id:
        return found
    return found if is_manager(actor, found.cohort) else None


def enrollment_form(db: Session, cohort: Cohort) -> EnrollmentForm | None:
    """The questions of a cohort."""
    return db.get(EnrollmentForm, cohort.form_id) if cohort.form_id else None


def mine_in(db: Session, actor: Actor, program_id: UUID) -> list[Enrollment]:
    """The actor's enrollments in a program, the newest cohort first."""
    return list(
        db.scalars(
            select(Enrollment)
            .join(Cohort)
            .where(Cohort.program_id == program_id, Enrollment.person_id == actor.person_id)
            .order_by(Cohort.created_at.desc(), Enrollment.role)
            .options(joinedload(Enrollment.cohort))
        )
    )


def my_enrollments(db: Session, actor: Actor) -> list[Enrollment]:
    """Everything the actor takes part in now."""
    return list(
        db.scalars(
            select(Enrollment)
            .where(Enrollment.person_id == actor.person_id, Enrollment.state.in_(LIVE_ENROLLMENTS))
            .order_by(Enrollment.created_at.desc(), Enrollment.id)
            .limit(50)
            .options(joinedload(Enrollment.cohort))
        )
    )


def counts(db: Session, cohort_id: UUID) -> dict[tuple[Role, EnrollmentState], tuple[int, int]]:
    """(people, seats) of a cohort by role and state; nobody has more than over all programs."""
    at_most = PersonPlaces.at_most
    seats = case((at_most < Enrollment.capacity, at_most), else_=Enrollment.capacity)
    rows = db.execute(
        select(
            Enrollment.role,
            Enrollment.state,
            func.count(),
            func.coalesce(func.sum(seats), 0),
        )
        .outerjoin(PersonPlaces, PersonPlaces.person_id == Enrollment.person_id)
        .where(Enrollment.cohort_id == cohort_id)
        .group_by(Enrollment.role, Enrollment.state)
    )
    return {(role, state): (people, seats) for role, state, people, seats in rows}


def people_page(
    db: Session, actor: Actor, cohort_id: UUID, *, role: Role | None, q: str, number: int
) -> Page:
    """The people of a cohort; an organizer who takes part sees the own row elsewhere."""
    found = (
        select(Enrollment)
        .join(Person, Person.id == Enrollment.person_id)
        .where(Enrollment.cohort_id == cohort_id, Enrollment.person_id != actor.person_id)
        .order_by(Enrollment.role, Person.name, Person.external_id, Enrollment.id)
        .options(joinedload(Enrollment.person), joinedload(Enrollment.cohort))
    )
    if role is not None:
        found = found.where(Enrollment.role == role)
    if (matching := search.ids("enrollments", q)) is not None:
        found = found.where(Enrollment.id.in_(matching))
    return paged(db, found, number)


def pauses_of(db: Session, enrollment_id: UUID) -> list[tuple[datetime, datetime | None]]:
    """(from, until) of every pause of an enrollment, as the log has them, the newest first."""
    changes = db.execute(
        select(AuditEvent.at, AuditEvent.before, AuditEvent.after)
        .where(
            AuditEvent.subject_type == Enrollment.__tablename__,
            AuditEvent.subject_id == enrollment_id,
            or_(
                AuditEvent.after == EnrollmentState.PAUSED,
                AuditEvent.before == EnrollmentState.PAUSED,
            ),
        )
        .order_by(AuditEvent.at, AuditEvent.id)
    )
    found: list[tuple[datetime, datetime | None]] = []
    for at, before, _after in changes:
        if before != EnrollmentState.PAUSED:
            found.append((at, None))
        elif found:
            found[-1] = (found[-1][0], at)
    return found[::-1]


def people_by_email(db: Session, emails: Iterable[str]) -> list[UUID]:
    """Whose addresses these are; unknown ones are left out."""
    return list(db.scalars(select(Person.id).where(Person.email.in_(list(emails)[:50]))))
