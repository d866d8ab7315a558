"""Taking back what one wrote: a post, or everything in a group; both can be undone for a day."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core import clock, outbox, search
from app.core.database import hold
from app.core.errors import Refused
from app.ergs.models import Erg
from app.threads.models import Post, Thread
from app.threads.rules import POST_TRANSITIONS, RETURN_WITHIN, PostState
from app.threads.services.holding import hold_post, index, record

BATCH = 500


def delete_post(db: Session, actor_id: UUID, *, post_id: UUID) -> Post:
    """Take one's own post away; a tombstone stays, so that answers keep their place."""
    erg, _thread, post = hold_post(db, post_id)
    _require_own(post, actor_id)
    if post.state is PostState.DELETED:
        return post
    if PostState.DELETED not in POST_TRANSITIONS[post.state]:
        raise Refused(_("A moderator has removed this post already."))
    bury(db, post, clock.now())
    db.flush()
    record(db, erg, actor_id, "delete", post, is_veiled=post.is_veiled, after=post.state)
    return post


def bury(db: Session, post: Post, now: datetime) -> None:
    """Leave a tombstone in the place of a post; nobody finds its words any more."""
    post.state, post.removed_at = PostState.DELETED, now
    search.drop(db, "threads", post.id)
    outbox.withdraw(db, "thread_mention", subject=post.id, reason="deleted")


def restore_post(db: Session, actor_id: UUID, *, post_id: UUID) -> Post:
    """Undo a deletion within a day."""
    erg, thread, post = hold_post(db, post_id)
    _require_own(post, actor_id)
    if post.state is PostState.SHOWN:
        return post
    _require_fresh(post)
    _raise(db, thread, post)
    record(db, erg, actor_id, "restore", post, is_veiled=post.is_veiled, after=post.state)
    return post


def _require_own(post: Post, actor_id: UUID) -> None:
    if post.author_id != actor_id:
        raise Refused(_("Only the author can take a post back."), 403)


def _require_fresh(post: Post) -> None:
    is_fresh = post.removed_at is not None and clock.now() - post.removed_at <= RETURN_WITHIN
    if post.state is not PostState.DELETED or not is_fresh or not post.body:
        raise Refused(_("This post cannot be brought back any more. You can write it again."))


def _raise(db: Session, thread: Thread, post: Post) -> None:
    post.state, post.removed_at = PostState.SHOWN, None
    db.flush()
    index(db, thread, post)


def remove_all(db: Session, actor_id: UUID, *, erg_id: UUID) -> int:
    """Take away everything one wrote in a group, also after leaving it."""
    erg = _hold(db, erg_id)
    found = _written(db, actor_id, erg_id, PostState.SHOWN)
    now = clock.now()  # one moment for all: they come back together
    for _thread, post in found:
        bury(db, post, now)
    db.flush()
    if found:
        record(db, erg, None, "remove_all", erg, is_veiled=True, after=str(len(found)))
    return len(found)


def restore_all(db: Session, actor_id: UUID, *, erg_id: UUID) -> int:
    """Undo it within a day: what was taken away last comes back together."""
    erg = _hold(db, erg_id)
    found = _written(db, actor_id, erg_id, PostState.DELETED)
    latest = max((post.removed_at for _t, post in found if post.removed_at), default=None)
    again = [(thread, post) for thread, post in found if post.removed_at == latest]
    for thread, post in again:
        _require_fresh(post)
        _raise(db, thread, post)
    if again:
        record(db, erg, None, "restore_all", erg, is_veiled=True, after=str(len(again)))
    return len(again)


def _hold(db: Session, erg_id: UUID) -> Erg:
    erg = hold(db, Erg, erg_id)
    if erg is None:
        raise Refused(_("This group does not exist any more."), 404)
    return erg


def _written(
    db: Session, person_id: UUID, erg_id: UUID, state: PostState
) -> list[tuple[Thread, Post]]:
    rows = db.execute(
        select(Thread, Post)
        .join(Post, Post.thread_id == Thread.id)
        .where(Thread.erg_id == erg_id, Post.author_id == person_id, Post.state == state)
        .order_by(Post.id)
    )
    return [(thread, post) for thread, post in rows]


def wipe_deleted(db: Session) -> int:
    """After the day of undo the words of deleted posts are gone from the database too."""
    old = db.scalars(
        select(Post)
        .where(
            Post.state == PostState.DELETED,
            Post.removed_at < clock.now() - RETURN_WITHIN,
            func.length(Post.body) > 0,
        )
        .limit(BATCH)
    ).all()
    for post in old:
        post.body = ""
    db.flush()
    return len(old)
