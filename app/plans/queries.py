"""Named selects about plans and recommendations; what a reader may not see is not found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.accounts.models import Person
from app.accounts.rules import PersonKind, PersonStatus
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
    Recommendation,
)
from app.plans.rules import (
    InitiativeState,
    PlanState,
    RecommendationState,
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


@dataclass(frozen=True, slots=True)
class OfRecommendation:
    """A recommendation with its group and the name of whoever is asked."""

    erg: Erg
    row: Recommendation
    asked: str


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
    """The events that serve an initiative."""
    return list(
        db.scalars(
            select(Event)
            .where(Event.id.in_(select_links(initiative, "event")))
            .options(joinedload(Event.texts))
            .order_by(Event.id)
        ).unique()
    )


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


# recommendations
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


# the desk
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
