"""Mentees of a cohort who have nobody yet, for its organizers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import Person
from app.accounts.queries.directory import Page, paged
from app.core import search
from app.core.policies import Actor
from app.programs.models import Cohort, Enrollment, MatchRun, Offer, Program
from app.programs.queries.runs import NEVER
from app.programs.rules import (
    FOLLOW_UPS,
    IN_POOL,
    NO_YES,
    OPEN_OFFERS,
    OfferState,
    Role,
    RunState,
)

PAIRED = (*OPEN_OFFERS, OfferState.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who waits: how many offers ended without a yes, and how many of these in silence."""

    enrollment: Enrollment
    ended: int = 0
    silent: int = 0

    @property
    def is_stuck(self) -> bool:
        """Whether no further offer goes out before somebody talks to them."""
        return self.ended >= FOLLOW_UPS or self.silent > 0 or self.enrollment.talks_first


def waiting_page(
    db: Session,
    actor: Actor,
    cohort_id: UUID,
    number: int,
    *,
    q: str = "",
    stuck_only: bool = False,
) -> Page:
    """A page of `Waiting`, the longest wait first; an organizer's own is absent."""
    held = select(Offer.id).where(
        Offer.mentee_id == Enrollment.id, Offer.state.in_(PAIRED), Offer.released_at.is_(None)
    )
    query = (
        select(Enrollment)
        .join(Person, Person.id == Enrollment.person_id)
        .where(
            Enrollment.cohort_id == cohort_id,
            Enrollment.role == Role.MENTEE,
            Enrollment.state.in_(IN_POOL),
            Enrollment.person_id != (actor.person_id or NEVER),
            ~held.exists(),
        )
        .order_by(Enrollment.waiting_since, Enrollment.id)
        .options(joinedload(Enrollment.person), joinedload(Enrollment.cohort))
    )
    if stuck_only:
        query = query.where(or_(Enrollment.id.in_(_stuck(cohort_id)), Enrollment.talks_first))
    if (named := search.ids("enrollments", q)) is not None:
        query = query.where(Enrollment.id.in_(named))
    found = paged(db, query, number)
    known = _ended(db, [row.id for row in found.rows])
    rows = [Waiting(row, *known.get(row.id, (0, 0))) for row in found.rows]
    return Page(rows, found.number, found.last, found.total)


def was_matched(db: Session, cohort_id: UUID) -> bool:
    """Whether anything came out of matching in this cohort yet: a published run, or an offer."""
    run = exists().where(MatchRun.cohort_id == cohort_id, MatchRun.state == RunState.PUBLISHED)
    offer = exists().where(Offer.cohort_id == cohort_id)
    return bool(db.scalar(select(or_(run, offer))))


def _ends() -> tuple[ColumnElement[int], ColumnElement[int]]:
    """How many ended without a yes, and how many of these waited for the mentee alone."""
    in_silence = case((_ran_out_before_the_mentee(), 1), else_=0)
    return func.count(), func.coalesce(func.sum(in_silence), 0)


def _ran_out_before_the_mentee() -> ColumnElement[bool]:
    asks_both = func.coalesce(Offer.asks_both, Program.asks_mentor)
    asked = or_(asks_both.is_(False), Offer.mentor_accepted_at.is_not(None))
    return (Offer.state == OfferState.EXPIRED) & asked


def _by_mentee(*conditions: ColumnElement[bool], columns: Iterable[Any] = ()) -> Select[Any]:
    return (
        select(Offer.mentee_id, *columns)
        .join(Cohort, Cohort.id == Offer.cohort_id)
        .join(Program, Program.id == Cohort.program_id)
        .where(Offer.state.in_(NO_YES), *conditions)
        .group_by(Offer.mentee_id)
    )


def _stuck(cohort_id: UUID) -> Select[Any]:
    ended, silent = _ends()
    of_cohort = _by_mentee(Offer.cohort_id == cohort_id)
    return of_cohort.having(or_(ended >= FOLLOW_UPS, silent > 0))


def _ended(db: Session, mentee_ids: list[UUID]) -> dict[UUID, tuple[int, int]]:
    rows = db.execute(_by_mentee(Offer.mentee_id.in_(mentee_ids), columns=_ends()))
    return {mentee_id: (int(ended), int(silent)) for mentee_id, ended, silent in rows}
