"""Who is asked the closing questions, what they said, and what all of them say together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.core import clock, hints
from app.core.policies import Actor
from app.health.rules import Cell
from app.mentoring.models import FinalSurvey, KeptOutcome, Member, Relationship
from app.mentoring.queries.sponsorship import share_of
from app.mentoring.rules import LIVE, RelationshipState
from app.mentoring.rules.sponsorship import Fact, in_steps, month_of
from app.mentoring.rules.surveys import (
    ASKED_AFTER_END,
    ASKED_ANEW_AFTER,
    CHANGED_FOR,
    ENDS_ASKED,
    MEASURES,
    Reached,
)
from app.programs.models import Baseline, Cohort, Enrollment
from app.programs.rules import CohortState, Role

REACHED = "reached"


@dataclass(frozen=True, slots=True)
class Survey:
    """The closing questions of one enrollment, for the person alone."""

    enrollment: Enrollment
    before: Baseline | None
    now: FinalSurvey | None
    is_open: bool

    @property
    def changes(self) -> list[tuple[str, int, int]]:
        """(measure, at enrollment, now), where both were said."""
        if self.before is None or self.now is None:
            return []
        pairs = [(key, getattr(self.before, key), getattr(self.now, key)) for key in MEASURES]
        return [(key, was, is_) for key, was, is_ in pairs if was and is_]


def is_asked(pair: Relationship) -> bool:
    """Whether a relationship has come so far that its people are asked how it is now."""
    if pair.is_gathering:
        return False
    if pair.state is RelationshipState.CLOSED:
        is_fresh = pair.closed_at is not None and clock.now() < pair.closed_at + ASKED_AFTER_END
        return is_fresh and pair.closing_reason in ENDS_ASKED
    is_closing = pair.cohort.state is CohortState.CLOSING
    return is_closing or pair.state is RelationshipState.CONCLUDING


def enrollment_asked(pair: Relationship, person_id: UUID | None) -> UUID | None:
    """Under which enrollment a member finds the closing questions now."""
    if not is_asked(pair) or not pair.has(person_id):
        return None
    return next(m.enrollment_id for m in pair.members if m.person_id == person_id)


def survey_for(db: Session, actor: Actor, enrollment_id: UUID) -> Survey | None:
    """The actor's own closing questions: while they are asked, and once they were answered."""
    row = db.execute(
        select(Enrollment, Baseline, FinalSurvey)
        .outerjoin(Baseline, Baseline.enrollment_id == Enrollment.id)
        .outerjoin(FinalSurvey, FinalSurvey.enrollment_id == Enrollment.id)
        .order_by(FinalSurvey.begun_at.desc())
        .limit(1)
        .where(Enrollment.id == enrollment_id, Enrollment.person_id == actor.person_id)
        .options(joinedload(Enrollment.cohort).joinedload(Cohort.program))
    ).one_or_none()
    if row is None:
        return None
    enrollment, before, now = row
    is_open = may_change(db, enrollment.id, now)
    if now is not None and is_open and not stands_open(now):
        now = None
    return Survey(enrollment, before, now, is_open) if is_open or now else None


def newest(db: Session, enrollment_id: UUID) -> FinalSurvey | None:
    """What somebody said last under an enrollment."""
    said = select(FinalSurvey).where(FinalSurvey.enrollment_id == enrollment_id)
    return db.scalars(said.order_by(FinalSurvey.begun_at.desc()).limit(1)).one_or_none()


def stands_open(said: FinalSurvey) -> bool:
    """Whether answers can still be changed: for three weeks from the first."""
    return clock.now() < said.begun_at + CHANGED_FOR


def asks_anew(pair: Relationship, said: FinalSurvey | None) -> bool:
    """Whether the end of a relationship asks somebody who has answered at an earlier one."""
    if said is None:
        return True
    is_late = said.begun_at <= clock.now() - ASKED_ANEW_AFTER
    return is_late and pair.cohort.wave_days is not None


def may_change(db: Session, enrollment_id: UUID, said: FinalSurvey | None) -> bool:
    """Three weeks from the first answer; and nobody begins before or long after the end."""
    if said is not None and stands_open(said):
        return True
    pairs = (
        select(Relationship)
        .join(Member)
        .where(Member.enrollment_id == enrollment_id, Member.left_at.is_(None))
    )
    return any(is_asked(pair) and asks_anew(pair, said) for pair in db.scalars(pairs).unique())


def is_waiting() -> ColumnElement[bool]:
    """Whose closing questions home asks for: not answered, and at most a week after the end."""
    has_said = exists().where(
        FinalSurvey.enrollment_id == Member.enrollment_id,
        or_(
            Cohort.wave_days.is_(None),
            FinalSurvey.begun_at > hints.six_weeks_ago(),
        ),
    )
    asked = or_(
        Relationship.state == RelationshipState.CONCLUDING,
        and_(
            Relationship.state.in_(LIVE),
            Relationship.is_gathering.is_(False),
            Cohort.state == CohortState.CLOSING,
        ),
        and_(
            Relationship.closing_reason.in_(ENDS_ASKED),
            Relationship.closed_at > hints.week_ago(),
        ),
    )
    return and_(
        Member.person_id == hints.person(),
        Member.left_at.is_(None),
        Member.enrollment_id.is_not(None),
        Relationship.id == Member.relationship_id,
        Cohort.id == Relationship.cohort_id,
        asked,
        ~has_said,
    )


def waiting(db: Session, actor: Actor) -> Sequence[tuple[UUID, datetime | None]]:
    """(enrollment, when its relationship ended) of whoever has closing questions to answer."""
    now = clock.now()
    values = {
        "person": actor.person_id,
        "week_ago": now - timedelta(days=7),
        "six_weeks_ago": now - ASKED_ANEW_AFTER,
    }
    return [(key, ended) for key, ended in db.execute(_waiting(), values)]


@cache
def _waiting() -> Select[Any]:
    return (
        select(Member.enrollment_id, func.min(Relationship.closed_at))
        .where(is_waiting())
        .group_by(Member.enrollment_id)
        .order_by(Member.enrollment_id)
    )


# -- for organizers: everybody together, in the steps of `in_steps` -------------------------------


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How many say more than at enrollment, by measure; and how many reached their goals."""

    rose: dict[str, Cell]
    reached: Cell


@dataclass(frozen=True, slots=True)
class Counted:
    """What one person's answers add to the shares: which of them, and whether it counts."""

    cohort_id: UUID
    at: datetime
    key: UUID
    counts: dict[str, bool]


def outcomes_of(db: Session, cohort_id: UUID) -> Outcomes:
    """Of those who answered both times, and of mentees with goals; hidden where few stand behind.

    An answer counts once it can no longer be changed, so that no number moves with one person; and
    it goes on counting, without the person, when they are erased.
    """
    kept = db.scalars(select(KeptOutcome).where(KeptOutcome.cohort_id == cohort_id))
    everybody = [
        *counted(db, Enrollment.cohort_id == cohort_id),
        *(Counted(row.cohort_id, row.month, row.key, row.counts) for row in kept),
    ]
    facts: dict[str, list[Fact]] = {key: [] for key in (*MEASURES, REACHED)}
    for one in everybody:
        for name, value in one.counts.items():
            facts[name].append(Fact(one.at, one.key, value))
    shares = {
        name: share_of(in_steps(found, month_of(clock.now()))) for name, found in facts.items()
    }
    return Outcomes({key: shares[key] for key in MEASURES}, shares[REACHED])


def counted(db: Session, whose: ColumnElement[bool]) -> list[Counted]:
    """What answers add that could no longer be changed when this month began."""
    rows = db.execute(
        select(FinalSurvey, Enrollment.cohort_id, Enrollment.role)
        .join(Enrollment, Enrollment.id == FinalSurvey.enrollment_id)
        .where(whose)
    ).all()
    found = [
        Counted(cohort_id, said.begun_at + CHANGED_FOR, said.enrollment_id, _adds(said, role))
        for said, cohort_id, role in rows
    ]
    return [one for one in found if one.at < month_of(clock.now())]


def _adds(said: FinalSurvey, role: Role) -> dict[str, bool]:
    pairs = [(key, said.before.get(key), getattr(said, key)) for key in MEASURES]
    adds = {key: is_ > was for key, was, is_ in pairs if was and is_}
    if role is Role.MENTEE and said.reached not in (None, Reached.NO_GOALS):
        adds[REACHED] = said.reached is Reached.ALL
    return adds
