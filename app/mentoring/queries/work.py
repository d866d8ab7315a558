"""Guides and goals as their readers may see them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.accounts.queries.directory import Page, paged
from app.core.policies import Actor
from app.mentoring.models import (
    Goal,
    GoalStep,
    GuideSession,
    Relationship,
)
from app.mentoring.queries.relationships import ids_of, is_mine, kept_for, relationship_for
from app.mentoring.rules import (
    GoalState,
    Sharing,
)

FEW = 3  # on the first page of a relationship
FEW_A_PAGE = 10


def guide_sessions(db: Session, guide_id: UUID | None) -> list[GuideSession]:
    """The sessions of a guide with their prompts, in order."""
    return list(
        db.scalars(
            select(GuideSession)
            .where(GuideSession.guide_id == guide_id)
            .order_by(GuideSession.position)
            .options(joinedload(GuideSession.prompts))
        ).unique()
    )


def goals_of(db: Session, actor: Actor, relationship_id: UUID) -> list[Goal]:
    """A few of the goals the actor may see, those on their way first."""
    return list(
        db.scalars(
            _seen(actor, relationship_id).limit(FEW).options(joinedload(Goal.steps))
        ).unique()
    )


def goals_page(db: Session, actor: Actor, relationship_id: UUID, number: int) -> Page:
    """The goals the actor may see: their own, and what the others share."""
    return paged(
        db, _seen(actor, relationship_id).options(selectinload(Goal.steps)), number, FEW_A_PAGE
    )


def _seen(actor: Actor, relationship_id: UUID) -> Select[Any]:
    """A draft is its owner's, whoever will see the goal; whoever has left sees their own alone."""
    is_here = Goal.relationship_id.in_(ids_of(actor.person_id))
    shared = (Goal.sharing != Sharing.ME) & (Goal.state != GoalState.DRAFT) & is_here
    own = (Goal.owner_id == actor.person_id) & (Goal.is_shared_by_all.is_(False) | is_here)
    order = case({GoalState.ACTIVE: 0, GoalState.DRAFT: 1}, value=Goal.state, else_=2)
    return (
        select(Goal)
        .where(
            Goal.relationship_id == relationship_id,
            or_(own, shared),
        )
        .order_by(order, Goal.created_at.desc(), Goal.id)
    )


def program_goals(db: Session, actor: Actor, cohort_id: UUID, number: int) -> Page:
    """What organizers see of goals that are shared with the program: title and progress alone."""
    shown = (
        select(Goal.id)
        .join(Relationship, Relationship.id == Goal.relationship_id)
        .where(
            Relationship.cohort_id == cohort_id,
            ~is_mine(actor),
            Goal.sharing == Sharing.PROGRAM,
            Goal.state.not_in((GoalState.DRAFT, GoalState.CARRIED_OVER)),
        )
        .order_by(Goal.text, Goal.id)
    )
    found = paged(db, shown, number)
    rows = db.execute(
        select(
            Goal.text,
            Goal.state,
            func.count(GoalStep.done_at).label("done"),
            func.count(GoalStep.id).label("steps"),
        )
        .outerjoin(GoalStep, GoalStep.goal_id == Goal.id)
        .where(Goal.id.in_(found.rows))
        .group_by(Goal.id, Goal.text, Goal.state)
        .order_by(Goal.text, Goal.id)
    )
    return Page(list(rows), found.number, found.last, found.total)


def goal_for(db: Session, actor: Actor, goal_id: UUID) -> Goal | None:
    """A goal the actor may see; their own also after they have left."""
    found = db.get(Goal, goal_id)
    pair = kept_for(db, actor, found.relationship_id) if found is not None else None
    if found is None or pair is None:
        return None
    is_own = found.owner_id == actor.person_id
    if not pair.has(actor.person_id):
        return found if is_own and not found.is_shared_by_all else None
    if is_own:
        return found
    is_hidden = found.sharing is Sharing.ME or found.state is GoalState.DRAFT
    return None if is_hidden else found


def goal_for_carrying(
    db: Session, actor: Actor, goal_id: UUID, relationship_id: UUID
) -> Goal | None:
    """A goal the actor may see, on its way to a relationship that is theirs as well."""
    there = relationship_for(db, actor, relationship_id)
    return goal_for(db, actor, goal_id) if there is not None else None


def step_for(db: Session, actor: Actor, goal_id: UUID, step_id: UUID) -> GoalStep | None:
    """A step of a goal the actor may see."""
    step = db.scalar(
        select(GoalStep)
        .where(GoalStep.id == step_id, GoalStep.goal_id == goal_id)
        .options(joinedload(GoalStep.goal))
    )
    if step is None:
        return None
    return step if goal_for(db, actor, goal_id) is not None else None
