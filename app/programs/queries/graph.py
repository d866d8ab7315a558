"""Everything a picture of a run needs, in two statements."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased, joinedload

from app.core.policies import Actor
from app.programs.models import Candidate, Enrollment
from app.programs.queries.runs import NEVER


def all_pairs(db: Session, actor: Actor, run_id: UUID) -> list[Any]:
    """(id, mentee_id, mentor_id, state, score) of a run, best first; the actor's own is absent."""
    mentee, mentor = aliased(Enrollment), aliased(Enrollment)
    own = actor.person_id or NEVER
    return list(
        db.execute(
            select(
                Candidate.id,
                Candidate.mentee_id,
                Candidate.mentor_id,
                Candidate.state,
                Candidate.score,
            )
            .join(mentee, mentee.id == Candidate.mentee_id)
            .join(mentor, mentor.id == Candidate.mentor_id)
            .where(Candidate.run_id == run_id, mentee.person_id != own, mentor.person_id != own)
            .order_by(Candidate.score.desc(), Candidate.id)
        )
    )


def people_of(db: Session, actor: Actor, enrollment_ids: Iterable[UUID]) -> dict[UUID, Enrollment]:
    """Who they are, with their answers; the actor is absent."""
    rows = db.scalars(
        select(Enrollment)
        .where(
            Enrollment.id.in_(list(enrollment_ids)),
            Enrollment.person_id != (actor.person_id or NEVER),
        )
        .options(joinedload(Enrollment.person))
    )
    return {row.id: row for row in rows}
