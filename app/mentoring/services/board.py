"""What members put on the board of their group: posts, replies, pins; all of it can be undone."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, null, select, update
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, outbox, search
from app.core.database import hold
from app.core.errors import Refused
from app.mentoring.models import BoardPost, BoardReading, Relationship
from app.mentoring.queries.board import COLLECTION
from app.mentoring.queries.circles import hosts_of, is_group
from app.mentoring.rules.circles import LONGEST_POST, POST_RETURNS, PostKind
from app.mentoring.services.holding import held, held_live

BATCH = 500


def _held_group(db: Session, relationship_id: UUID, actor_id: UUID) -> Relationship:
    group = held_live(db, relationship_id, actor_id)
    if not is_group(group):
        raise Refused(_("Only groups have a board."))
    return group


def write(
    db: Session,
    actor_id: UUID,
    *,
    relationship_id: UUID,
    kind: PostKind,
    body: str,
    url: str = "",
) -> BoardPost:
    """Put something on the board."""
    group = _held_group(db, relationship_id, actor_id)
    post = BoardPost(relationship_id=group.id, author_id=actor_id, kind=kind, body=body, url=url)
    return _put_up(db, group, post)


def reply(db: Session, actor_id: UUID, *, post_id: UUID, body: str) -> BoardPost:
    """Answer a post; a reply has no replies of its own."""
    seen = _seen(db, post_id)
    group = _held_group(db, seen.relationship_id, actor_id)
    if seen.parent_id is not None or seen.deleted_at is not None:
        raise Refused(_("This post cannot be answered any more. Write a new one."))
    post = BoardPost(relationship_id=group.id, author_id=actor_id, parent_id=seen.id, body=body)
    return _put_up(db, group, post)


def _seen(db: Session, post_id: UUID) -> BoardPost:
    seen = db.get(BoardPost, post_id)
    if seen is None:
        raise Refused(_("This post no longer exists."), 404)
    return seen


def _put_up(db: Session, group: Relationship, post: BoardPost) -> BoardPost:
    _refuse_without_words(post.body)
    db.add(post)
    db.flush()
    search.put(db, COLLECTION, post.id, post.body, post.url)
    audit.record(db, post.author_id, "board_posted", post)
    _tell(db, group, post.author_id)
    db.flush()
    return post


def _refuse_without_words(body: str) -> None:
    if not body.strip() or len(body) > LONGEST_POST:
        raise Refused(_("Please write something, and not more than fits here."), 422)


def _tell(db: Session, group: Relationship, author_id: UUID) -> None:
    """Everybody else hears of news once, until they have read the board again."""
    numbers = dict(
        db.execute(
            select(BoardReading.person_id, BoardReading.number).where(
                BoardReading.relationship_id == group.id
            )
        )
        .tuples()
        .all()
    )
    for member in group.others(author_id):
        if member.person.can_sign_in:
            number = numbers.get(member.person_id, 0)
            outbox.put(db, "board_news", subject=group.id, person=member.person_id, revision=number)


def mark_read(db: Session, actor_id: UUID, *, relationship_id: UUID) -> None:
    """The member has read the board; what comes from now on is news again."""
    group = held(db, relationship_id, actor_id)
    row = db.get(BoardReading, (group.id, actor_id))
    since = row.read_at if row else None
    newest = db.scalar(
        select(func.max(BoardPost.created_at)).where(
            BoardPost.relationship_id == group.id, BoardPost.author_id != actor_id
        )
    )
    if newest is None or (since is not None and newest <= since):
        return
    row = row or BoardReading(relationship_id=group.id, person_id=actor_id, number=0)
    row.number, row.read_at = row.number + 1, clock.now()
    db.add(row)
    outbox.withdraw(db, "board_news", subject=group.id, person=actor_id, reason="read")
    db.flush()


def _held_own(db: Session, actor_id: UUID, post_id: UUID) -> BoardPost:
    """The own post, locked after its group as everywhere."""
    seen = _seen(db, post_id)
    _held_group(db, seen.relationship_id, actor_id)
    post = hold(db, BoardPost, post_id)
    if post is None or post.author_id != actor_id:
        raise Refused(_("Only the person who wrote a post can change it."), 403)
    return post


def change(db: Session, actor_id: UUID, *, post_id: UUID, body: str, url: str = "") -> BoardPost:
    """Change one's words; the post says so, and Undo brings the former ones back."""
    post = _held_own(db, actor_id, post_id)
    _refuse_without_words(body)
    if post.deleted_at is not None:
        raise Refused(_("This post is gone. Bring it back first, then change it."))
    if (body, url) != (post.body, post.url):
        edited = post.edited_at.isoformat() if post.edited_at else None
        post.former = {"body": post.body, "url": post.url, "edited_at": edited}
        _reword(db, actor_id, post, body, url)
        post.edited_at = clock.now()
    db.flush()
    return post


def change_back(db: Session, actor_id: UUID, *, post_id: UUID) -> BoardPost:
    """Undo the last change of one's words."""
    post = _held_own(db, actor_id, post_id)
    if post.former is None or post.deleted_at is not None:
        raise Refused(_("This has changed meanwhile. Reload the page to see how things stand."))
    former, post.former = post.former, None
    _reword(db, actor_id, post, former["body"], former["url"])
    post.edited_at = None if former["edited_at"] is None else post.edited_at
    db.flush()
    return post


def _reword(db: Session, actor_id: UUID, post: BoardPost, body: str, url: str) -> None:
    post.body, post.url = body, url
    search.put(db, COLLECTION, post.id, body, url)
    audit.record(db, actor_id, "board_post_changed", post)


def delete(db: Session, actor_id: UUID, *, post_id: UUID) -> BoardPost:
    """Take one's own post away; a tombstone stays, so that replies keep their place."""
    post = _held_own(db, actor_id, post_id)
    if post.deleted_at is None:
        post.deleted_at, post.pinned_at = clock.now(), None
        search.drop(db, COLLECTION, post.id)
        audit.record(db, actor_id, "board_post_deleted", post)
    db.flush()
    return post


def restore(db: Session, actor_id: UUID, *, post_id: UUID) -> BoardPost:
    """Undo a deletion within a day."""
    post = _held_own(db, actor_id, post_id)
    if post.deleted_at is None:
        return post
    if clock.now() - post.deleted_at > POST_RETURNS or not post.body:
        raise Refused(_("This post cannot be brought back any more. You can write it again."))
    post.deleted_at = None
    search.put(db, COLLECTION, post.id, post.body, post.url)
    audit.record(db, actor_id, "board_post_restored", post)
    db.flush()
    return post


def pin(db: Session, actor_id: UUID, *, post_id: UUID, is_pinned: bool) -> BoardPost:
    """Keep a post on top, or let it go down, as whoever looks after the group."""
    seen = _seen(db, post_id)
    group = _held_group(db, seen.relationship_id, actor_id)
    post = hold(db, BoardPost, post_id) or seen
    if actor_id not in hosts_of(db, group):
        raise Refused(_("Whoever looks after the group pins posts. Ask them."), 403)
    if post.parent_id is not None or post.deleted_at is not None:
        raise Refused(_("Only a post that is there can be pinned."))
    if (post.pinned_at is not None) != is_pinned:
        post.pinned_at = clock.now() if is_pinned else None
        audit.record(db, actor_id, "board_post_pinned", post, after=str(is_pinned).lower())
    db.flush()
    return post


def wipe_old_words(db: Session) -> int:
    """After the day of Undo the words of deleted posts are gone from the database too, and those
    that a post had before its last change."""
    day_ago = clock.now() - POST_RETURNS
    old = db.scalars(
        select(BoardPost)
        .where(BoardPost.deleted_at < day_ago, func.length(BoardPost.body) > 0)
        .limit(BATCH)
    ).all()
    for post in old:
        _wipe(post)
    db.execute(
        update(BoardPost)
        .where(BoardPost.edited_at < day_ago, BoardPost.former.is_not(None))
        .values(former=null())
        .execution_options(synchronize_session="fetch")
    )
    db.flush()
    return len(old)


def _wipe(post: BoardPost) -> None:
    post.body, post.url, post.former = "", "", None


def forget(db: Session, person_id: UUID) -> None:
    """Erasure: a person's words go; tombstones stay, so that replies keep their place."""
    for post in db.scalars(select(BoardPost).where(BoardPost.author_id == person_id)):
        post.deleted_at, post.pinned_at = post.deleted_at or clock.now(), None
        search.drop(db, COLLECTION, post.id)
        _wipe(post)
    db.flush()
