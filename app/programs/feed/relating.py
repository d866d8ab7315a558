"""What the database knows about pairs of people of a cohort, in one statement."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import literal, select, union_all
from sqlalchemy.orm import aliased

from app.accounts.models import Person
from app.programs.models import Enrollment, Exclusion, Offer
from app.programs.rules import OfferState


def facts_of(cohort_id: UUID, *, with_lines: bool = False) -> Any:
    """(kind, person, person): reporting lines, exclusions and former pairs of a cohort; with
    everybody above each of its people as well, if asked for."""
    line = _line(cohort_id)
    within = line.c.above.in_(_enrolled(cohort_id))
    related = select(literal("line"), line.c.person, line.c.above).where(within)
    above = [select(literal("above"), line.c.person, line.c.above)] if with_lines else []
    return union_all(related, *above, _exclusions(cohort_id), _former_pairs(cohort_id))


def _enrolled(cohort_id: UUID) -> Any:
    return select(Enrollment.person_id).where(Enrollment.cohort_id == cohort_id)


def _line(cohort_id: UUID) -> Any:
    """(person, somebody above them) for all people of a cohort, through any number of levels."""
    line = (
        select(Person.id.label("person"), Person.manager_id.label("above"), literal(1).label("n"))
        .where(Person.id.in_(_enrolled(cohort_id)), Person.manager_id.is_not(None))
        .cte(recursive=True)
    )
    boss = aliased(Person)
    return line.union(
        select(line.c.person, boss.manager_id, line.c.n + 1)
        .join(boss, boss.id == line.c.above)
        .where(boss.manager_id.is_not(None), line.c.n < 20)
    )


def _exclusions(cohort_id: UUID) -> Any:
    """(person, whom they do not want to be matched with)."""
    return (
        select(literal("exclusion"), Enrollment.person_id, Exclusion.person_id)
        .join(Exclusion, Exclusion.enrollment_id == Enrollment.id)
        .where(Enrollment.cohort_id == cohort_id)
    )


def _former_pairs(cohort_id: UUID) -> Any:
    """(mentee, mentor) as people: accepted in other cohorts, or here and over again."""
    mentee, mentor = aliased(Enrollment), aliased(Enrollment)
    enrolled = _enrolled(cohort_id)
    return (
        select(literal("former"), mentee.person_id, mentor.person_id)
        .select_from(Offer)
        .join(mentee, mentee.id == Offer.mentee_id)
        .join(mentor, mentor.id == Offer.mentor_id)
        .where(
            Offer.state == OfferState.ACCEPTED,
            (Offer.cohort_id != cohort_id) | Offer.released_at.is_not(None),
            mentee.person_id.in_(enrolled),
            mentor.person_id.in_(enrolled),
        )
    )
