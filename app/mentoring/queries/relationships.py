"""Relationships found through the actor: members only."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, joinedload

from app.core.policies import Actor
from app.mentoring.models import (
    Agreement,
    Goal,
    Member,
    Note,
    Relationship,
)
from app.mentoring.rules import (
    LIVE,
    NoteScope,
)

WITH_MEMBERS = joinedload(Relationship.members).joinedload(Member.person)


def relationship_for(db: Session, actor: Actor, relationship_id: UUID) -> Relationship | None:
    """A relationship of which the actor is a member; for anybody else it does not exist."""
    found = kept_for(db, actor, relationship_id)
    return found if found is not None and found.has(actor.person_id) else None


def kept_for(db: Session, actor: Actor, relationship_id: UUID) -> Relationship | None:
    """A relationship of which the actor is a member or was one: what is their own stays theirs."""
    found = (
        db.scalars(
            select(Relationship).where(Relationship.id == relationship_id).options(WITH_MEMBERS)
        )
        .unique()
        .one_or_none()
    )
    return found if found is not None and found.has_had(actor.person_id) else None


def is_mine(actor: Actor) -> Any:
    return pairs_of(actor.person_id)


def pairs_of(person: Any) -> Any:
    return Relationship.id.in_(ids_of(person))


def ids_of(person: Any) -> Select[UUID]:
    """The relationships of which somebody is a member today."""
    return select(Member.relationship_id).where(
        Member.person_id == person, Member.left_at.is_(None)
    )


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


def left_behind(db: Session, actor: Actor) -> list[Relationship]:
    """Groups that the actor has left and where goals or notes of their own still are."""
    goal = Goal.owner_id == actor.person_id, Goal.is_shared_by_all.is_(False)
    note = Note.author_id == actor.person_id, Note.scope == NoteScope.OWN
    left = select(Member.relationship_id).where(
        Member.person_id == actor.person_id, Member.left_at.is_not(None)
    )
    own = or_(
        Relationship.id.in_(select(Goal.relationship_id).where(*goal)),
        Relationship.id.in_(select(Note.relationship_id).where(*note)),
    )
    chosen = select(Relationship).where(Relationship.id.in_(left), own)
    order = Relationship.started_at.desc(), Relationship.id
    return list(db.scalars(chosen.order_by(*order).limit(100)))


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
