"""Erasure: drafts that never went out go; what was sent in a group's name stays the group's."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.core import search
from app.posts.models import Digest, DigestChoice, Post, PostRecipient, PostText
from app.posts.rules import PostState

UNSENT = (PostState.DRAFT, PostState.REJECTED)


def erase(db: Session, person_id: UUID) -> None:
    """What somebody never sent, what they received, and how they wanted to hear of it."""
    unsent = select(Post.id).where(Post.author_id == person_id, Post.state.in_(UNSENT))
    gone = db.scalars(unsent).all()
    search.drop_many(db, "posts", gone)
    for statement in (
        delete(PostText).where(PostText.post_id.in_(gone)),
        delete(PostRecipient).where(
            PostRecipient.post_id.in_(gone) | (PostRecipient.person_id == person_id)
        ),
        delete(Post).where(Post.id.in_(gone)),
        delete(Digest).where(Digest.person_id == person_id),
        delete(DigestChoice).where(DigestChoice.person_id == person_id),
    ):
        db.execute(statement.execution_options(synchronize_session="fetch"))
    db.flush()
