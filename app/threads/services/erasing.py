"""Erasure: the words of discussions go; the places stay, so that answers of others keep theirs."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.core import clock
from app.threads.models import Following, Mention, Post, Report, Thread, ThreadAppeal, ThreadCode
from app.threads.rules import PostState
from app.threads.services.removing import bury


def erase(db: Session, person_id: UUID) -> None:
    """Somebody's posts, titles, reports and appeals lose their words; codes and following go."""
    for post in db.scalars(select(Post).where(Post.author_id == person_id).order_by(Post.id)):
        if post.state is PostState.SHOWN:
            bury(db, post, clock.now())
        post.body = ""
    theirs = select(Post.id).where(Post.author_id == person_id)
    begun = select(Post.thread_id).where(Post.author_id == person_id, Post.number == 1)
    for statement in (
        update(Thread).where(Thread.id.in_(begun)).values(title=""),
        update(Report).where(Report.reporter_id == person_id).values(reason=""),
        update(ThreadAppeal).where(ThreadAppeal.post_id.in_(theirs)).values(words=""),
        delete(Mention).where((Mention.person_id == person_id) | Mention.post_id.in_(theirs)),
        delete(Following).where(Following.person_id == person_id),
        delete(ThreadCode).where(ThreadCode.person_id == person_id),
    ):
        db.execute(statement.execution_options(synchronize_session="fetch"))
    db.flush()
