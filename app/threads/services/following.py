"""What a member wants to hear of, what they have read, and what ends when they leave."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.core import outbox
from app.threads.models import Following, Mention, Post, Thread
from app.threads.rules import Stance
from app.threads.services.holding import hold_thread, require_member


def take_stance(db: Session, actor_id: UUID, *, thread_id: UUID, stance: Stance) -> Following:
    """Follow a discussion, mute it, or neither."""
    own = _own(db, actor_id, thread_id)
    own.stance = stance
    db.flush()
    return own


def mark_seen(db: Session, actor_id: UUID, *, thread_id: UUID, number: int) -> Following:
    """Nothing up to a post is new to the actor any more; nobody else can see that."""
    own = _own(db, actor_id, thread_id)
    last = db.scalar(select(func.max(Post.number)).where(Post.thread_id == thread_id))
    own.seen = max(own.seen, min(number, last or 0))
    db.flush()
    return own


def _own(db: Session, actor_id: UUID, thread_id: UUID) -> Following:
    erg, _thread = hold_thread(db, thread_id)
    require_member(db, actor_id, erg.id)
    own = db.get(Following, (thread_id, actor_id))
    if own is None:
        own = Following(thread_id=thread_id, person_id=actor_id, stance=Stance.USUAL, seen=0)
        db.add(own)
    return own


def leave_group(db: Session, erg_id: UUID, person_id: UUID) -> None:
    """Nothing calls a person back who left; what they wrote stays until they take it away."""
    of_group = select(Thread.id).where(Thread.erg_id == erg_id)
    db.execute(
        delete(Following)
        .where(Following.person_id == person_id, Following.thread_id.in_(of_group))
        .execution_options(synchronize_session=False)
    )
    named = (
        select(Mention.post_id)
        .join(Post, Post.id == Mention.post_id)
        .where(Mention.person_id == person_id, Post.thread_id.in_(of_group))
    )
    for post_id in db.scalars(named).all():
        outbox.withdraw(db, "thread_mention", subject=post_id, person=person_id, reason="left")
