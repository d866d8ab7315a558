"""Private answers at the demo company: who says who they are, who hopes to meet somebody like them.

Enough of both, in the cohort that waits for its matching, that the review may tell how many wishes
were met; some agreed that their match may know, some to a deniable use. The people who sign in to
look around have said nothing, so that they find their forms empty.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import ids
from app.demographics.rules import Attribute, MatchAnswer, Purpose
from app.demographics.services import Notice, say_for_matching
from app.programs.identity import NOTICE
from app.programs.models import Cohort, Enrollment, Program
from app.programs.rules import CohortState, Role

KNOWN, DENIABLE = Purpose.MATCHING_SHAREABLE, Purpose.MATCHING_DENIABLE
GENDERS = ("woman", "man")
WISHES = 13  # of the mentees; from ten on the review tells of them


def seed(db: Session, quiet: Collection[UUID]) -> None:
    """Answers of the people of the cohort that is ready to be matched, but for the quiet ones."""
    people = _people(db, quiet)
    dice = ids.generator("wishes")
    for number, person_id in enumerate(people[Role.MENTOR]):
        use = DENIABLE if number % 5 == 4 else KNOWN
        _say(db, person_id, MatchAnswer(value=GENDERS[number % 2], use=use))
    for number, person_id in enumerate(people[Role.MENTEE]):
        own = GENDERS[dice.randrange(2)]
        if number < WISHES:
            _say(db, person_id, MatchAnswer(value=own, use=KNOWN, wish=GENDERS[number % 2]))
        elif number % 2:
            _say(db, person_id, MatchAnswer(value=own, use=DENIABLE))


def _people(db: Session, quiet: Collection[UUID]) -> dict[Role, list[UUID]]:
    rows = db.execute(
        select(Enrollment.role, Enrollment.person_id)
        .join(Cohort, Cohort.id == Enrollment.cohort_id)
        .join(Program, Program.id == Cohort.program_id)
        .where(Program.template == "career_growth", Cohort.state == CohortState.MATCHING)
        .order_by(Enrollment.person_id)
    )
    found: dict[Role, list[UUID]] = {role: [] for role in Role}
    for role, person_id in rows:
        if person_id not in quiet:
            found[role].append(person_id)
    return found


def _say(db: Session, person_id: UUID, answer: MatchAnswer) -> None:
    said = {Attribute.GENDER: answer}
    say_for_matching(db, person_id, answers=said, notice=Notice(NOTICE, "en"))
