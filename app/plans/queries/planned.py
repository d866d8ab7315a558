"""Plans, initiatives and key results."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.accounts.models import Person
from app.budgets.models import BudgetRequest
from app.budgets.queries import has_role
from app.budgets.rules import Purpose, RequestState
from app.core import clock, search
from app.core.policies import Actor
from app.ergs.models import Erg, Membership
from app.ergs.queries import erg_for, standing
from app.ergs.rules import SEEN_BY, MembershipState
from app.events.models import Event
from app.plans.models import (
    Initiative,
    InitiativeEvent,
    InitiativeRequest,
    KeyResult,
    Plan,
)
from app.plans.rules import (
    InitiativeState,
    PlanState,
    is_overdue,
    progress,
    share,
)

PAGE = 20
CHOICES = 200


@dataclass(frozen=True, slots=True)
class OfPlan:
    """A plan with its group."""

    erg: Erg
    plan: Plan


@dataclass(frozen=True, slots=True)
class OfInitiative:
    """An initiative with its plan and its group."""

    erg: Erg
    initiative: Initiative


@dataclass(frozen=True, slots=True)
class OfResult:
    """A key result with its initiative and its group."""

    erg: Erg
    initiative: Initiative
    result: KeyResult


def leads_it(db: Session, actor: Actor, erg: Erg) -> bool:
    """Whether the reader leads the group."""
    return erg.id in standing(db, actor).led


def _seen(db: Session, actor: Actor, slug: str, plan: Plan) -> Erg | None:
    """The group of a plan as far as the plan is open to this reader; drafts are for leads."""
    erg = erg_for(db, actor, slug)
    if erg is None or (plan.state is PlanState.DRAFT and not leads_it(db, actor, erg)):
        return None
    return erg


def plan_for(db: Session, actor: Actor, plan_id: UUID) -> OfPlan | None:
    """A plan that the actor may see."""
    row = db.execute(
        select(Plan, Erg.slug).join(Erg, Erg.id == Plan.erg_id).where(Plan.id == plan_id)
    ).one_or_none()
    erg = _seen(db, actor, row[1], row[0]) if row else None
    return OfPlan(erg, row[0]) if erg and row else None


def _initiative(db: Session, condition: Any, *options: Any) -> Any:
    return (
        db.execute(
            select(Initiative, Erg.slug)
            .join(Plan, Plan.id == Initiative.plan_id)
            .join(Erg, Erg.id == Plan.erg_id)
            .where(condition)
            .options(joinedload(Initiative.plan), *options)
        )
        .unique()
        .one_or_none()
    )


WITH_RESULTS = joinedload(Initiative.results).joinedload(KeyResult.updates)


def initiative_for(db: Session, actor: Actor, initiative_id: UUID) -> OfInitiative | None:
    """An initiative with its key results and their history."""
    row = _initiative(db, Initiative.id == initiative_id, WITH_RESULTS)
    erg = _seen(db, actor, row[1], row[0].plan) if row else None
    return OfInitiative(erg, row[0]) if erg else None


def editable_for(db: Session, actor: Actor, initiative_id: UUID) -> OfInitiative | None:
    """An initiative with what it is linked to."""
    links = (joinedload(Initiative.event_links), joinedload(Initiative.request_links))
    row = _initiative(db, Initiative.id == initiative_id, *links)
    erg = _seen(db, actor, row[1], row[0].plan) if row else None
    return OfInitiative(erg, row[0]) if erg else None


def result_for(db: Session, actor: Actor, result_id: UUID) -> OfResult | None:
    """A key result with all that belongs to its initiative."""
    of = select(KeyResult.initiative_id).where(KeyResult.id == result_id).scalar_subquery()
    row = _initiative(db, Initiative.id == of, WITH_RESULTS)
    erg = _seen(db, actor, row[1], row[0].plan) if row else None
    if erg is None:
        return None
    result = next(r for r in row[0].results if r.id == result_id)
    return OfResult(erg, row[0], result)


def plans(db: Session, erg: Erg, *, with_drafts: bool) -> list[Plan]:
    """The plans of a group, the newest year first."""
    chosen = select(Plan).where(Plan.erg_id == erg.id).order_by(Plan.year.desc())
    if not with_drafts:
        chosen = chosen.where(Plan.state != PlanState.DRAFT)
    return list(db.scalars(chosen))


@dataclass(frozen=True, slots=True)
class Line:
    """An initiative as the plan lists it."""

    initiative: Initiative
    progress: float
    is_late: bool


def lines(db: Session, plan: Plan) -> list[Line]:
    """All initiatives of a plan with their progress, by due day; three statements at most."""
    rows = db.scalars(
        select(Initiative)
        .where(Initiative.plan_id == plan.id)
        .options(selectinload(Initiative.results).joinedload(KeyResult.updates))
        .order_by(Initiative.due_on.is_(None), Initiative.due_on, Initiative.title, Initiative.id)
    )
    today = clock.now().date()
    return [
        Line(
            row,
            progress_of(row),
            row.state is InitiativeState.OPEN and is_overdue(row.due_on, today),
        )
        for row in rows
    ]


def progress_of(row: Initiative) -> float:
    """The mean of the key results of an initiative."""
    return progress(row.state, (share(r.start, r.target, r.current) for r in row.results))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader asks a list for."""

    q: str = ""
    purpose: Purpose | None = None
    state: str = ""
    number: int = 1


def filtered(found: Iterable[Line], wanted: Wanted) -> list[Line]:
    """The lines that match; a plan is short enough to be looked through."""
    words = search.normalize(wanted.q).split()
    return [line for line in found if _matches(line, wanted, words)]


def _matches(line: Line, wanted: Wanted, words: list[str]) -> bool:
    row = line.initiative
    if wanted.purpose and row.purpose is not wanted.purpose:
        return False
    if wanted.state == "late":
        if not line.is_late:
            return False
    elif wanted.state and row.state != wanted.state:
        return False
    text = search.normalize(f"{row.title} {row.about}")
    return all(word in text for word in words)


def choosable(db: Session, actor: Actor, erg: Erg) -> list[tuple[UUID, str]]:
    """The members whom this reader may see, by name: who may be proposed as an owner."""
    seen = SEEN_BY[standing(db, actor).viewer(erg.id)]
    by_roster = erg.roster in seen
    shown = Membership.visibility.in_(seen)
    rows = db.execute(
        select(Person.id, Person.name)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.erg_id == erg.id,
            Membership.state == MembershipState.ACTIVE,
            shown if by_roster else and_(shown, has_role(erg)),
            Person.name.is_not(None),
        )
        .order_by(Person.name, Person.id)
        .limit(CHOICES)
    )
    return [(person, name) for person, name in rows]


def linked_events(db: Session, initiative: Initiative) -> list[Event]:
    """The events that serve an initiative; dates of one series that are called the same are one."""
    rows = db.scalars(
        select(Event)
        .where(Event.id.in_(select_links(initiative, "event")))
        .options(joinedload(Event.texts))
        .order_by(Event.id)
    ).unique()
    by_titles = {tuple((text.locale, text.title) for text in row.texts): row for row in rows}
    return list(by_titles.values())


def select_links(initiative: Initiative, kind: str) -> Any:
    """The ids that an initiative is linked to."""
    if kind == "event":
        return select(InitiativeEvent.event_id).where(
            InitiativeEvent.initiative_id == initiative.id
        )
    return select(InitiativeRequest.request_id).where(
        InitiativeRequest.initiative_id == initiative.id
    )


def linked_requests(db: Session, actor: Actor, initiative: Initiative) -> list[BudgetRequest]:
    """The requests that serve an initiative; drafts only for their author."""
    return list(
        db.scalars(
            _requests(actor)
            .where(BudgetRequest.id.in_(select_links(initiative, "request")))
            .order_by(BudgetRequest.changed_at.desc(), BudgetRequest.id)
        )
    )


def group_requests(db: Session, actor: Actor, erg: Erg, limit: int = 60) -> list[BudgetRequest]:
    """The requests of a group to choose from, those that changed last first."""
    return list(
        db.scalars(
            _requests(actor)
            .where(BudgetRequest.erg_id == erg.id)
            .order_by(BudgetRequest.changed_at.desc(), BudgetRequest.id)
            .limit(limit)
        )
    )


def _requests(actor: Actor) -> Select[Any]:
    return select(BudgetRequest).where(
        or_(
            BudgetRequest.state != RequestState.DRAFT,
            BudgetRequest.requested_by == actor.person_id,
        )
    )
