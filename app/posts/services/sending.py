"""Sending a post at its time to an audience that is frozen then; recalling it within minutes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.approvals import services as approvals
from app.audit import services as audit
from app.core import clock, jobs
from app.core.database import hold
from app.core.errors import Refused
from app.core.walls import instant_of
from app.ergs import queries as ergs
from app.ergs.models import Erg
from app.ergs.queries.bylines import public_id
from app.ergs.rules import ErgState
from app.posts.models import Post, PostRecipient
from app.posts.rules import RECALL_WITHIN, PostState, may_be_recalled
from app.posts.services.holding import APPROVAL_KIND, hold_post, move


def schedule(
    db: Session,
    actor_id: UUID | None,
    *,
    post_id: UUID,
    wall: datetime,
    zone: str,
    fold: int | None = None,
) -> Post:
    """Send it when the clocks of a zone show a time."""
    at = instant_of(wall, zone, fold)
    if at <= clock.now():
        raise Refused(_("This time has passed already. Choose a later one, or send it now."), 422)
    return _plan(db, actor_id, post_id, at, wall, zone)


def send_now(db: Session, actor_id: UUID | None, *, post_id: UUID) -> Post:
    """Send it at once; a worker freezes the audience and it leaves ten minutes later."""
    post = _plan(db, actor_id, post_id, clock.now(), None, None)
    jobs.wake_after(db, "send_posts")
    return post


def _plan(
    db: Session,
    actor_id: UUID | None,
    post_id: UUID,
    at: datetime,
    wall: datetime | None,
    zone: str | None,
) -> Post:
    erg, post = hold_post(db, actor_id, post_id)
    before = post.state
    if before is not PostState.SCHEDULED:
        move(post, PostState.SCHEDULED)
    post.send_at, post.wall_send, post.zone = at, wall, zone
    post.changed_at = clock.now()
    db.flush()
    audit.record(
        db,
        public_id(db, erg, actor_id),
        "schedule",
        post,
        before=before,
        after=at.isoformat(timespec="seconds"),
    )
    return post


def unschedule(db: Session, actor_id: UUID, *, post_id: UUID) -> Post:
    """Do not send it yet; it stays approved."""
    erg, post = hold_post(db, actor_id, post_id)
    before = move(post, PostState.APPROVED)
    post.send_at = post.wall_send = post.zone = None
    post.changed_at = clock.now()
    db.flush()
    audit.record(
        db, public_id(db, erg, actor_id), "unschedule", post, before=before, after=post.state
    )
    return post


def send(db: Session, post_id: UUID) -> None:
    """Freeze the audience of a post whose time has come; a second run changes nothing."""
    row = db.get(Post, post_id)
    erg = hold(db, Erg, row.erg_id) if row else None
    post = hold(db, Post, post_id)
    if erg is None or post is None or post.state is not PostState.SCHEDULED:
        return
    now = clock.now()
    if post.send_at is None or post.send_at > now:
        return
    if erg.state is ErgState.ARCHIVED:
        keep_back(db, erg.id)
        return
    before = move(post, PostState.SENT)
    post.sent_at, post.leaves_at = now, now + RECALL_WITHIN
    people = ergs.readers(db, post.erg_id, post.chapter_id)
    db.execute(delete(PostRecipient).where(PostRecipient.post_id == post.id))
    if people:
        rows = [{"post_id": post.id, "person_id": person_id} for person_id in people]
        db.execute(insert(PostRecipient), rows)
    db.flush()
    audit.record(db, None, "send", post, before=before, after=post.state)


def keep_back(db: Session, erg_id: UUID) -> None:
    """A group that is archived says nothing any more; called under its lock."""
    on_their_way = (PostState.IN_REVIEW, PostState.SCHEDULED)
    for post in db.scalars(
        select(Post).where(Post.erg_id == erg_id, Post.state.in_(on_their_way)).order_by(Post.id)
    ):
        was_planned = post.state is PostState.SCHEDULED
        before = move(post, PostState.APPROVED if was_planned else PostState.DRAFT)
        post.send_at = post.wall_send = post.zone = None
        approvals.withdraw(db, None, kind=APPROVAL_KIND, subject_id=post.id)
        db.flush()
        audit.record(db, None, "keep_back", post, before=before, after=post.state)


def recall(db: Session, actor_id: UUID, *, post_id: UUID) -> Post:
    """Take it back before it reaches anybody; it stays approved."""
    erg, post = hold_post(db, actor_id, post_id)
    if not may_be_recalled(post.state, post.leaves_at, clock.now()):
        raise Refused(_("It has reached its readers. Archive it, or write a correction."))
    before = move(post, PostState.APPROVED)
    post.sent_at = post.leaves_at = post.send_at = post.wall_send = post.zone = None
    post.changed_at = clock.now()
    db.execute(delete(PostRecipient).where(PostRecipient.post_id == post.id))
    db.flush()
    audit.record(db, public_id(db, erg, actor_id), "recall", post, before=before, after=post.state)
    return post
