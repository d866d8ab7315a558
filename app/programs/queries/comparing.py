"""Two runs side by side."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.core.policies import Actor
from app.programs.models import Candidate, Enrollment

Row = tuple[UUID, UUID | None, UUID | None]  # mentee, mentor before, mentor now


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many pairs stayed, and those that did not."""

    kept: int
    moved: int
    gained: int
    lost: int
    rows: list[Row]


def comparison(db: Session, actor: Actor, before_id: UUID, after_id: UUID) -> Comparison:
    """What changed from one run to another; whoever looks does not see the own pair."""
    before, after = _mates(db, actor, before_id), _mates(db, actor, after_id)
    both = before.keys() & after.keys()
    moved = [(one, before[one], after[one]) for one in both if before[one] != after[one]]
    gained = [(one, None, after[one]) for one in after.keys() - both]
    lost = [(one, before[one], None) for one in before.keys() - both]
    rows: list[Row] = [*sorted(lost), *sorted(moved), *sorted(gained, key=lambda row: row[0])]
    return Comparison(len(both) - len(moved), len(moved), len(gained), len(lost), rows)


def _mates(db: Session, actor: Actor, run_id: UUID) -> dict[UUID, UUID]:
    mentee, mentor = aliased(Enrollment), aliased(Enrollment)
    rows = db.execute(
        select(Candidate.mentee_id, Candidate.mentor_id)
        .join(mentee, mentee.id == Candidate.mentee_id)
        .join(mentor, mentor.id == Candidate.mentor_id)
        .where(
            Candidate.run_id == run_id,
            mentee.person_id != actor.person_id,
            mentor.person_id != actor.person_id,
        )
    )
    return dict(row._tuple() for row in rows)
