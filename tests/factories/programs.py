"""Programs for tests: a cohort with people in it, enrolled and ready, in a few lines."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.core import clock
from app.programs.models import Cohort, Enrollment, Offer
from app.programs.rules import (
    CohortState,
    EnrollmentState,
    OfferSource,
    ProgramState,
    Role,
)
from app.programs.services import offers
from app.programs.services.programs import create_program
from tests.factories.accounts import make_person

ANSWERS = {
    Role.MENTEE: {"skills_wanted": ["strategy", "coaching"], "goals_wanted": ["next_level"]},
    Role.MENTOR: {"skills_offered": ["strategy", "writing"], "goals_offered": ["next_level"]},
}


def make_cohort(
    db: Session,
    state: CohortState = CohortState.MATCHING,
    manager: Person | None = None,
    template: str = "career_growth",
    title: str = "Career Growth",
    **columns: Any,
) -> Cohort:
    """A published program's cohort in a state."""
    program = create_program(
        db,
        manager.id if manager else None,
        template=template,
        title=title,
        summary="Grow.",
        cohort_title="Spring",
    )
    program.state = ProgramState.PUBLISHED
    cohort = db.query(Cohort).filter_by(program_id=program.id).one()
    cohort.state = state
    for name, value in columns.items():
        setattr(cohort, name, value)
    db.flush()
    return cohort


def make_enrollment(
    db: Session,
    cohort: Cohort,
    role: Role = Role.MENTEE,
    person: Person | None = None,
    **columns: Any,
) -> Enrollment:
    """Somebody ready for matching."""
    person = person or make_person(db, name=f"{role.value.title()} {columns.pop('n', '')}".strip())
    values: dict[str, Any] = {
        "state": EnrollmentState.READY,
        "answers": ANSWERS[role],
        "languages": ["en"],
        "zone": "UTC",
        "form_id": cohort.form_id,
        "waiting_since": clock.now(),
    }
    row = Enrollment(cohort_id=cohort.id, person_id=person.id, role=role, **(values | columns))
    db.add(row)
    db.flush()
    return row


def make_offer(
    db: Session, mentee: Enrollment, mentor: Enrollment, actor_id: UUID | None = None
) -> Offer:
    """An open offer, sent now."""
    return offers.make_offer(
        db,
        actor_id,
        cohort_id=mentee.cohort_id,
        mentee_id=mentee.id,
        mentor_id=mentor.id,
        source=OfferSource.ORGANIZER,
    )
