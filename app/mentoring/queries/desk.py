"""What organizers see of relationships: people and state, nothing of their work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.queries.directory import Page, paged
from app.core.policies import Actor
from app.health.queries import counted_at
from app.health.registry import Window
from app.mentoring.models import (
    Meeting,
    Member,
    Relationship,
)
from app.mentoring.queries.relationships import WITH_MEMBERS, is_mine
from app.mentoring.rules import (
    HELD,
    SessionState,
)
from app.programs.models import Cohort
from app.programs.queries.scope import is_manager


def managed_cohort(db: Session, actor: Actor, cohort_id: UUID) -> Cohort | None:
    """A cohort whose pairs the actor may see the state of."""
    cohort = db.get(Cohort, cohort_id)
    return cohort if cohort is not None and is_manager(actor, cohort) else None


def pairs_page(db: Session, actor: Actor, cohort_id: UUID, number: int) -> Page:
    """The pairs of a cohort, without the actor's own: people and state, nothing of their work."""
    query = (
        select(Relationship)
        .where(Relationship.cohort_id == cohort_id, ~is_mine(actor))
        .order_by(Relationship.started_at.desc(), Relationship.id)
    )
    found = paged(db, query.with_only_columns(Relationship.id), number)
    rows = db.scalars(
        select(Relationship)
        .where(Relationship.id.in_(found.rows))
        .order_by(Relationship.started_at.desc(), Relationship.id)
        .options(WITH_MEMBERS)
    ).unique()
    return Page(list(rows), found.number, found.last, found.total)


def held_counts(db: Session, pair_ids: list[UUID]) -> dict[UUID, dict[SessionState, int]]:
    """Sessions that people say were held, by relationship: said by one, confirmed by everybody."""
    rows = db.execute(
        select(Meeting.relationship_id, Meeting.state, func.count())
        .where(Meeting.relationship_id.in_(pair_ids), Meeting.state.in_(HELD))
        .group_by(Meeting.relationship_id, Meeting.state)
    )
    counts: dict[UUID, dict[SessionState, int]] = {}
    for pair_id, state, number in rows:
        counts.setdefault(pair_id, {})[state] = number
    return counts


def uptake(db: Session, window: Window) -> Sequence[Row[Any]]:
    """(group, how many of its counted members are in a relationship that lives at the end)."""
    members = counted_at(window.until).subquery()
    paired = (
        select(Member.person_id)
        .join(Relationship, Relationship.id == Member.relationship_id)
        .where(
            Member.joined_at < window.until,
            or_(Member.left_at.is_(None), Member.left_at >= window.until),
            or_(Relationship.closed_at.is_(None), Relationship.closed_at >= window.until),
        )
        .distinct()
        .subquery()
    )
    return db.execute(
        select(members.c.erg_id, func.count(paired.c.person_id))
        .outerjoin(paired, paired.c.person_id == members.c.person_id)
        .group_by(members.c.erg_id)
    ).all()
