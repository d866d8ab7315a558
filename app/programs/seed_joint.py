"""Two cohorts of the demo that share their mentors, matched together and ready to be reviewed."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.core import clock
from app.matching.joint import solve_jointly
from app.programs import feed
from app.programs.models import Cohort, Enrollment, MatchRun
from app.programs.questions import N_
from app.programs.rules import CohortState, Role
from app.programs.services import programs as services
from app.programs.services import runs
from app.programs.templates import TEMPLATES

PROGRAMS = (
    (N_("Engineering across Borders"), N_("For engineers in Nairobi, Pune and Guadalajara.")),
    (N_("Data and Research"), N_("For everybody who asks questions of data, in any function.")),
)
EACH, SHARED = 4, 4
Enroll = Callable[[Cohort, Person, Role, random.Random, int], Enrollment]


def seed(
    db: Session, organizer: UUID, staff: Sequence[Person], dice: random.Random, enroll: Enroll
) -> None:
    """Mentors who offer themselves to both, and mentees of each; nothing is published yet."""
    busy = set(db.scalars(select(Enrollment.person_id)))
    free = [person for person in staff if person.id not in busy]
    mentors = [person for person in free if (person.level or 1) >= 3][:SHARED]
    mentees = [person for person in free if (person.level or 1) <= 2][: EACH * len(PROGRAMS)]
    if len(mentors) < SHARED or len(mentees) < EACH * len(PROGRAMS):
        return
    cohorts = []
    with clock.frozen(clock.now() - timedelta(days=13)):
        for number, (title, summary) in enumerate(PROGRAMS):
            cohort = _begin(db, organizer, title, summary)
            for person in mentors:
                enroll(cohort, person, Role.MENTOR, dice, 2)
            for person in mentees[number * EACH :][:EACH]:
                enroll(cohort, person, Role.MENTEE, dice, 1)
            services.move_cohort(db, organizer, cohort_id=cohort.id, to=CohortState.MATCHING)
            cohorts.append(cohort.id)
    with clock.frozen(clock.now() - timedelta(days=1)):
        _matched(db, organizer, cohorts)


def _begin(db: Session, organizer: UUID, title: str, summary: str) -> Cohort:
    program = services.create_program(
        db,
        organizer,
        template="project",
        title=title,
        explicit_title=TEMPLATES["project"].explicit_title,
        summary=summary,
        cohort_title="Winter",
    )
    cohort = db.scalars(select(Cohort).where(Cohort.program_id == program.id)).one()
    for state in (CohortState.READY, CohortState.ENROLLING):
        services.move_cohort(
            db,
            organizer,
            cohort_id=cohort.id,
            to=state,
            reason="Mentors enroll together with mentees.",
        )
    return cohort


def _matched(db: Session, organizer: UUID, cohort_ids: list[UUID]) -> None:
    """What a worker does, in this transaction."""
    joint = runs.start_joint_run(db, organizer, cohort_ids=cohort_ids)
    runs.claim_joint_run(db, joint.id)
    instances = feed.instances_for(
        db, db.scalars(select(MatchRun).where(MatchRun.joint_id == joint.id).order_by(MatchRun.id))
    )
    runs.save_joint_outcome(db, joint.id, solve_jointly(instances), instances)
