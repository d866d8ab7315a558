"""Recommendations and their answers; what is late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.accounts.models import Person
from app.accounts.rules import PersonKind, PersonStatus
from app.core import clock, search
from app.core.policies import Actor
from app.ergs.models import Erg
from app.ergs.queries import erg_for
from app.plans.models import (
    Initiative,
    Plan,
    Recommendation,
)
from app.plans.queries.planned import PAGE, Wanted, leads_it
from app.plans.rules import (
    InitiativeState,
    PlanState,
    RecommendationState,
    is_overdue,
)


@dataclass(frozen=True, slots=True)
class OfRecommendation:
    """A recommendation with its group and the name of whoever is asked."""

    erg: Erg
    row: Recommendation
    asked: str


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of (recommendation, name of whoever is asked, group or None)."""

    rows: list[tuple[Recommendation, str, Erg | None]]
    total: int
    number: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // PAGE))


def recommendations(db: Session, actor: Actor, erg: Erg, wanted: Wanted) -> Listing:
    """What a group recommends: open ones by day, then the answered; withdrawn ones for leads."""
    chosen = (
        select(Recommendation, Person.name)
        .join(Person, Person.id == Recommendation.owner_id)
        .where(Recommendation.erg_id == erg.id)
    )
    if not leads_it(db, actor, erg):
        chosen = chosen.where(Recommendation.state != RecommendationState.WITHDRAWN)
    found = search.ids("recommendations", wanted.q)
    if found is not None:
        chosen = chosen.where(Recommendation.id.in_(found))
    return _listing(db, _in_state(chosen, wanted.state), wanted.number)


def _in_state(chosen: Select[Any], state: str) -> Select[Any]:
    if state == "late":
        return chosen.where(_is_late())
    if state in list(RecommendationState):
        return chosen.where(Recommendation.state == RecommendationState(state))
    return chosen


def _is_late() -> Any:
    today = clock.now().date()
    return and_(Recommendation.state == RecommendationState.OPEN, Recommendation.due_on < today)


def asked_of(db: Session, actor: Actor, number: int = 1) -> Listing:
    """What groups ask of this person, with the group."""
    chosen = (
        select(Recommendation, Person.name, Erg)
        .join(Person, Person.id == Recommendation.owner_id)
        .join(Erg, Erg.id == Recommendation.erg_id)
        .where(
            Recommendation.owner_id == actor.person_id,
            Recommendation.state != RecommendationState.WITHDRAWN,
        )
        .options(selectinload(Erg.texts))
    )
    return _listing(db, chosen, number)


def _listing(db: Session, chosen: Select[Any], number: int) -> Listing:
    is_open = Recommendation.state == RecommendationState.OPEN
    rows = db.execute(
        chosen.add_columns(func.count().over())
        .options(selectinload(Recommendation.answers))
        .order_by(is_open.desc(), Recommendation.due_on, Recommendation.id)
        .limit(PAGE)
        .offset((number - 1) * PAGE)
    ).all()
    shown = [(row[0], row[1] or "", row[2] if len(row) > 3 else None) for row in rows]
    return Listing(shown, rows[0][-1] if rows else 0, number)


def recommendation_for(
    db: Session, actor: Actor, recommendation_id: UUID
) -> OfRecommendation | None:
    """A recommendation for whoever is asked, and for everyone who sees the group.

    Whoever is asked sees it even when the group is hidden from them: the leads chose to ask.
    """
    row = (
        db.execute(
            select(Recommendation, Person.name, Erg)
            .join(Person, Person.id == Recommendation.owner_id)
            .join(Erg, Erg.id == Recommendation.erg_id)
            .where(Recommendation.id == recommendation_id)
            .options(
                joinedload(Recommendation.answers),
                joinedload(Erg.texts),
                joinedload(Erg.chapters),
            )
        )
        .unique()
        .one_or_none()
    )
    if row is None or not _may_find(db, actor, row[0], row[2]):
        return None
    return OfRecommendation(row[2], row[0], row[1] or "")


def _may_find(db: Session, actor: Actor, row: Recommendation, erg: Erg) -> bool:
    if row.state is RecommendationState.WITHDRAWN:
        return leads_it(db, actor, erg)
    is_asked = row.owner_id == actor.person_id and not actor.is_external
    return is_asked or erg_for(db, actor, erg.slug) is not None


def to_answer(db: Session, person_id: UUID, limit: int = 20) -> list[Recommendation]:
    """What a person is asked and has not answered."""
    return list(
        db.scalars(
            select(Recommendation)
            .where(
                Recommendation.owner_id == person_id,
                Recommendation.state == RecommendationState.OPEN,
            )
            .order_by(Recommendation.due_on, Recommendation.id)
            .limit(limit)
        )
    )


def colleague_by_email(db: Session, email: str) -> Person | None:
    """An employee whom colleagues may find, by work address."""
    return db.scalar(
        select(Person).where(
            Person.email == email.strip().lower(),
            Person.status == PersonStatus.ACTIVE,
            Person.kind == PersonKind.EMPLOYEE,
            Person.is_listed.is_(True),
            Person.name.is_not(None),
        )
    )


def late_initiatives(db: Session, erg_ids: set[UUID], limit: int = 50) -> list[Any]:
    """(initiative, group) that are open after their day, in plans that are agreed."""
    return _of_groups(
        db,
        select(Initiative, Erg)
        .join(Plan, Plan.id == Initiative.plan_id)
        .join(Erg, Erg.id == Plan.erg_id)
        .where(
            Plan.erg_id.in_(erg_ids),
            Plan.state == PlanState.AGREED,
            Initiative.state == InitiativeState.OPEN,
            Initiative.due_on < clock.now().date(),
        )
        .order_by(Initiative.due_on, Initiative.id)
        .limit(limit),
    )


def late_answers(db: Session, erg_ids: set[UUID], limit: int = 50) -> list[Any]:
    """(recommendation, group) that nobody answered by their day."""
    return _of_groups(
        db,
        select(Recommendation, Erg)
        .join(Erg, Erg.id == Recommendation.erg_id)
        .where(Recommendation.erg_id.in_(erg_ids), _is_late())
        .order_by(Recommendation.due_on, Recommendation.id)
        .limit(limit),
    )


def _of_groups(db: Session, chosen: Select[Any]) -> list[Any]:
    return list(db.execute(chosen.options(selectinload(Erg.texts))))


def is_due(row: Recommendation, today: date) -> bool:
    """Whether the answer is late."""
    return row.state is RecommendationState.OPEN and is_overdue(row.due_on, today)
