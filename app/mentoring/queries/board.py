"""The board of a group as its members read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from app.accounts.queries.directory import Page, paged
from app.core import search
from app.core.policies import Actor
from app.mentoring.models import BoardPost, BoardReading
from app.mentoring.queries.circles import group_for

COLLECTION = "boards"
MOST_REPLIES = 500


@dataclass(frozen=True, slots=True)
class Talk:
    """A post with its replies, the oldest first."""

    post: BoardPost
    replies: Sequence[BoardPost]


def board_page(db: Session, relationship_id: UUID, q: str, number: int) -> Page:
    """A page of `Talk`, pinned ones first and then the newest; three statements."""
    query = (
        select(BoardPost)
        .where(BoardPost.relationship_id == relationship_id, BoardPost.parent_id.is_(None))
        .order_by(BoardPost.pinned_at.is_(None), BoardPost.created_at.desc(), BoardPost.id)
    )
    if (matching := search.ids(COLLECTION, q)) is not None:
        reply = aliased(BoardPost)
        answered = select(reply.parent_id).where(
            reply.relationship_id == relationship_id, reply.id.in_(matching)
        )
        query = query.where(or_(BoardPost.id.in_(matching), BoardPost.id.in_(answered)))
    found = paged(db, query, number)
    replies = _replies(db, [post.id for post in found.rows])
    rows = [Talk(post, replies.get(post.id, ())) for post in found.rows]
    return Page(rows, found.number, found.last, found.total)


def _replies(db: Session, post_ids: list[UUID]) -> dict[UUID, list[BoardPost]]:
    rows = db.scalars(
        select(BoardPost)
        .where(BoardPost.parent_id.in_(post_ids))
        .order_by(BoardPost.created_at, BoardPost.id)
        .limit(MOST_REPLIES)
    )
    found: dict[UUID, list[BoardPost]] = {}
    for row in rows:
        if row.parent_id is not None:
            found.setdefault(row.parent_id, []).append(row)
    return found


def post_for(db: Session, actor: Actor, post_id: UUID) -> BoardPost | None:
    """A post of a board that the actor reads; one that is gone only for its author."""
    post = db.get(BoardPost, post_id)
    if post is None or group_for(db, actor, post.relationship_id) is None:
        return None
    return post if post.deleted_at is None or post.author_id == actor.person_id else None


def reading_of(db: Session, relationship_id: UUID, person_id: UUID | None) -> BoardReading | None:
    """Up to when somebody has read a board."""
    return db.get(BoardReading, (relationship_id, person_id))
