"""Relationships found through the actor: members only."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.core.policies import Actor
from app.mentoring.models import (
    Agreement,
    Member,
    Relationship,
)
from app.mentoring.rules import (
    LIVE,
)

WITH_MEMBERS = joinedload(Relationship.members).joinedload(Member.person)


def relationship_for(db: Session, actor: Actor, relationship_id: UUID) -> Relationship | None:
    """A relationship of which the actor is a member; for anybody else it does not exist."""
    found = (
        db.scalars(
            select(Relationship).where(Relationship.id == relationship_id).options(WITH_MEMBERS)
        )
        .unique()
        .one_or_none()
    )
    return found if found is not None and found.has(actor.person_id) else None


def is_mine(actor: Actor) -> Any:
    return pairs_of(actor.person_id)


def pairs_of(person: Any) -> Any:
    mine = select(Member.relationship_id).where(
        Member.person_id == person, Member.left_at.is_(None)
    )
    return Relationship.id.in_(mine)


def mine(db: Session, actor: Actor) -> list[Relationship]:
    """The actor's relationships, live ones first, the newest first."""
    return list(
        db.scalars(
            select(Relationship)
            .where(is_mine(actor))
            .order_by(
                Relationship.state.in_(LIVE).desc(), Relationship.started_at.desc(), Relationship.id
            )
            .limit(100)
            .options(WITH_MEMBERS)
        ).unique()
    )


def agreement_of(db: Session, relationship_id: UUID) -> Agreement | None:
    """The agreement with its signatures."""
    return (
        db.scalars(
            select(Agreement)
            .where(Agreement.relationship_id == relationship_id)
            .options(joinedload(Agreement.signatures))
        )
        .unique()
        .one_or_none()
    )
