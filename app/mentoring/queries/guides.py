"""Versions of guides, as a pair may take them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.core.policies import Actor
from app.mentoring.models import Guide, Relationship
from app.mentoring.queries.relationships import relationship_for
from app.mentoring.rules import GuideState


def guide_of(db: Session, pair: Relationship) -> Guide | None:
    """The version of the guide that a pair follows."""
    return db.get(Guide, pair.guide_id) if pair.guide_id else None


def newer_guide(db: Session, pair: Relationship) -> Guide | None:
    """The published version of a pair's guide that is newer than the pair's own."""
    pinned = aliased(Guide)
    return db.scalars(
        select(Guide)
        .join(pinned, pinned.key == Guide.key)
        .where(
            pinned.id == pair.guide_id,
            Guide.version > pinned.version,
            Guide.state == GuideState.PUBLISHED,
        )
        .order_by(Guide.version.desc())
        .limit(1)
    ).first()


def pair_for_guide(
    db: Session, actor: Actor, relationship_id: UUID, guide_id: UUID
) -> Relationship | None:
    """A relationship of the actor, for which this is a version of the guide."""
    pair, asked = relationship_for(db, actor, relationship_id), db.get(Guide, guide_id)
    pinned = guide_of(db, pair) if pair else None
    is_version = pinned is not None and asked is not None and asked.key == pinned.key
    return pair if is_version else None
