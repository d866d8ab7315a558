"""An earlier round of the demo company: Bo has completed it, Chen is near the end of a term."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.core import clock, ids
from app.programs.models import Cohort, Enrollment, Program
from app.programs.rules import CohortState, OfferSource, Role
from app.programs.services import offers
from app.programs.services import programs as services

EAST = ("Asia/Kolkata", "Asia/Singapore", "Asia/Manila", "Australia/Sydney")  # near to Chen
TITLE = "First round"
OPENED, BEGAN = timedelta(days=190), timedelta(days=168)
Enroll = Callable[[Cohort, UUID, Role, random.Random], Enrollment]


def seed(db: Session, people: Mapping[str, Any], staff: Sequence[Person], enroll: Enroll) -> None:
    """Two pairs that began almost six months ago, with people who are in no other program."""
    busy = set(db.scalars(select(Enrollment.person_id)))
    free = [person for person in staff if person.id not in busy]
    near = [person.id for person in free if person.zone in EAST]
    far = [person.id for person in free if person.zone not in EAST]
    if not near or not far:
        return
    now, dice = clock.now(), ids.generator("past")
    program = db.scalars(select(Program).where(Program.template == "leadership")).one()
    with clock.frozen(now - OPENED):
        cohort = services.add_cohort(db, people["amara"], program_id=program.id, title=TITLE)
        _move(db, people["amara"], cohort, CohortState.READY)
        _move(db, people["amara"], cohort, CohortState.ENROLLING)
        pairs = [
            (enroll(cohort, mentee, Role.MENTEE, dice), enroll(cohort, mentor, Role.MENTOR, dice))
            for mentee, mentor in ((people["bo"], far[0]), (near[0], people["chen"]))
        ]
        _move(db, people["amara"], cohort, CohortState.MATCHING)
    with clock.frozen(now - BEGAN):
        for mentee, mentor in pairs:
            offer = offers.make_offer(
                db,
                people["amara"],
                cohort_id=cohort.id,
                mentee_id=mentee.id,
                mentor_id=mentor.id,
                source=OfferSource.ORGANIZER,
            )
            offers.accept(db, mentee.person_id, offer_id=offer.id)
        _move(db, people["amara"], cohort, CohortState.ACTIVE)


def _move(db: Session, organizer: UUID, cohort: Cohort, to: CohortState) -> None:
    reason = "Mentors enroll together with mentees."
    services.move_cohort(db, organizer, cohort_id=cohort.id, to=to, reason=reason)
