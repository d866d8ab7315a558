"""One's own shortlist, while or after mentees are asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.core import clock, hints
from app.core.policies import Actor
from app.programs.models import Enrollment, MatchRun, ShortlistEntry
from app.programs.queries.enrollments import enrollment_for
from app.programs.rules import IN_POOL, RunState


@dataclass(frozen=True, slots=True)
class Shortlist:
    """A mentee's own list: the mentors in the order in which they are shown."""

    enrollment: Enrollment
    run: MatchRun
    entries: list[tuple[ShortlistEntry, Person]]


def shortlist_for(db: Session, actor: Actor, enrollment_id: UUID) -> Shortlist | None:
    """The actor's own list of the newest run that asks; nobody sees anybody else's."""
    mine = enrollment_for(db, actor, enrollment_id)
    if mine is None or mine.person_id != actor.person_id:
        return None
    rows = db.execute(
        select(ShortlistEntry, Person, MatchRun)
        .join(MatchRun, MatchRun.id == ShortlistEntry.run_id)
        .join(Enrollment, Enrollment.id == ShortlistEntry.mentor_id)
        .join(Person, Person.id == Enrollment.person_id)
        .where(
            ShortlistEntry.mentee_id == enrollment_id,
            MatchRun.choice_until.is_not(None),
            MatchRun.state == RunState.REVIEW,
            Enrollment.state.in_(IN_POOL),
        )
        .order_by(MatchRun.created_at.desc(), ShortlistEntry.place)
    ).all()
    if not rows:
        return None
    run = rows[0][2]
    return Shortlist(mine, run, [(entry, person) for entry, person, of in rows if of is run])


def with_lists(db: Session, enrollments: list[Enrollment]) -> set[UUID]:
    """Those of these enrollments that have a list to look at."""
    rows = db.scalars(
        select(ShortlistEntry.mentee_id)
        .join(MatchRun, MatchRun.id == ShortlistEntry.run_id)
        .where(
            ShortlistEntry.mentee_id.in_([one.id for one in enrollments]),
            MatchRun.choice_until.is_not(None),
            MatchRun.state == RunState.REVIEW,
        )
    )
    return set(rows)


def may_speak() -> ColumnElement[bool]:
    """Whether home has to ask for lists at all."""
    return exists().where(
        Enrollment.person_id == hints.person(),
        Enrollment.state.in_(IN_POOL),
        ShortlistEntry.mentee_id == Enrollment.id,
        MatchRun.id == ShortlistEntry.run_id,
        MatchRun.choice_until > hints.now(),
        MatchRun.state == RunState.REVIEW,
    )


def open_lists(db: Session, actor: Actor) -> list[tuple[UUID, datetime]]:
    """Enrollments of the actor whose list nobody has put in order yet, and until when."""
    rows = db.execute(_open_lists(), {"person": actor.person_id, "now": clock.now()})
    return [(enrollment_id, until) for enrollment_id, until in rows]


@cache
def _open_lists() -> Select[tuple[UUID, datetime]]:
    """Home asks this; building the statement costs more than running it."""
    return (
        select(ShortlistEntry.mentee_id, func.max(MatchRun.choice_until))
        .join(MatchRun, MatchRun.id == ShortlistEntry.run_id)
        .join(Enrollment, Enrollment.id == ShortlistEntry.mentee_id)
        .where(
            Enrollment.person_id == hints.person(),
            Enrollment.state.in_(IN_POOL),
            MatchRun.choice_until > hints.now(),
            MatchRun.state == RunState.REVIEW,
        )
        .group_by(ShortlistEntry.mentee_id)
        .having(func.count(ShortlistEntry.rank) == 0)
        .order_by(ShortlistEntry.mentee_id)
    )
