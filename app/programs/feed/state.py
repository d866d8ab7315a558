"""Whether anything that a run reads has changed since: one short name for the state of a cohort."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, cast, select, type_coerce
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.core import clock
from app.programs.feed.instances import JOB_FIELDS, earlier_pairs
from app.programs.feed.pools import answers_of, needs_lines
from app.programs.feed.relating import facts_of
from app.programs.models import Cohort, Enrollment, PairDecision
from app.programs.rules import IN_POOL
from app.programs.services.offers import left_of


def state_of(db: Session, cohort: Cohort, seed: int) -> str:
    """A digest of what a run of a cohort would read today, without what is the matcher's alone.

    It reads the rows as they are stored: a tenth of the time that the pool itself takes.
    """
    facts = [tuple(row) for row in db.execute(_facts(cohort)) if row[0] != "exclusion"]
    parts: tuple[object, ...] = (
        json.dumps(cohort.rules, sort_keys=True),
        seed,
        clock.now().date(),  # clocks of zones change between two days
        [tuple(row) for row in db.execute(_people(cohort.id))],
        sorted(map(str, db.execute(answers_of(cohort.id)))),
        sorted(map(str, facts)),
        sorted(map(str, db.execute(_decisions(cohort.id)))),
        sorted(earlier_pairs(db, cohort.id)),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _facts(cohort: Cohort) -> Any:
    return facts_of(cohort.id, with_lines=needs_lines(cohort.rules))


def _people(cohort_id: UUID) -> Select[tuple[object, ...]]:
    plain = (Enrollment.id, Enrollment.person_id, Enrollment.role)
    stored = (Enrollment.answers, Enrollment.languages, Enrollment.weekly_windows)
    numbers = (Enrollment.capacity, Enrollment.missed_rounds, Enrollment.takes_no_more)
    return (
        select(
            *(type_coerce(column, Text) for column in plain),
            *(cast(column, Text) for column in stored),
            *numbers,
            Enrollment.zone,
            *(getattr(Person, name) for name in JOB_FIELDS),
            left_of(Enrollment.person_id),
        )
        .join(Person, Person.id == Enrollment.person_id)
        .where(Enrollment.cohort_id == cohort_id, Enrollment.state.in_(IN_POOL))
        .order_by(Enrollment.id)
    )


def _decisions(cohort_id: UUID) -> Select[tuple[object, ...]]:
    return select(
        PairDecision.mentee_id, PairDecision.mentor_id, PairDecision.kind, PairDecision.is_override
    ).where(PairDecision.cohort_id == cohort_id)
