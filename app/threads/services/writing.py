"""Starting discussions, answering, changing one's words."""

from __future__ import annotations

import random
from collections.abc import Iterable
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core import clock, ids, outbox
from app.core.database import hold
from app.core.errors import Refused
from app.ergs import queries as ergs
from app.ergs.models import Erg
from app.threads import queries
from app.threads.models import Following, Mention, Post, Thread, ThreadCode
from app.threads.queries.threads import WRITABLE
from app.threads.rules import (
    LETTERS,
    MAX_BODY,
    MAX_MENTIONS,
    MAX_TITLE,
    Stance,
    can_edit,
    is_veiled,
)
from app.threads.services.holding import (
    hold_post,
    hold_thread,
    index,
    own_visibility,
    record,
    require_member,
    require_open,
)


def start(
    db: Session,
    actor_id: UUID,
    *,
    erg_id: UUID,
    title: str,
    body: str,
    mentions: Iterable[UUID] = (),
    is_pseudonymous: bool = False,
) -> Thread:
    """Open a discussion with its first post; codes for everybody only in a sensitive group."""
    erg = hold(db, Erg, erg_id)
    if erg is None or erg.state not in WRITABLE:
        raise Refused(_("This group is closed, and its discussions with it."))
    require_member(db, actor_id, erg_id)
    if is_pseudonymous and not erg.is_sensitive:
        raise Refused(_("Only confidential groups have discussions without names."), 422)
    _require_words(title, MAX_TITLE)
    thread = Thread(
        id=ids.new_id("thread", f"{erg_id}|{title}"),
        erg_id=erg_id,
        title=title.strip(),
        is_pseudonymous=is_pseudonymous,
        moved_at=clock.now(),
    )
    db.add(thread)
    db.flush()
    post = _add(db, erg, thread, actor_id, body, mentions)
    record(db, erg, actor_id, "start", thread, is_veiled=post.is_veiled)
    return thread


def reply(
    db: Session, actor_id: UUID, *, thread_id: UUID, body: str, mentions: Iterable[UUID] = ()
) -> Post:
    """Answer; from then on one follows the discussion, unless it is muted."""
    erg, thread = hold_thread(db, thread_id)
    require_member(db, actor_id, erg.id)
    require_open(erg, thread)
    post = _add(db, erg, thread, actor_id, body, mentions)
    record(db, erg, actor_id, "reply", post, is_veiled=post.is_veiled)
    return post


def _add(
    db: Session, erg: Erg, thread: Thread, actor_id: UUID, body: str, mentions: Iterable[UUID]
) -> Post:
    _require_words(body, MAX_BODY)
    last = db.scalar(select(func.max(Post.number)).where(Post.thread_id == thread.id)) or 0
    own = own_visibility(db, actor_id, erg.id)
    post = Post(
        id=ids.new_id("post", f"{thread.id}|{last + 1}"),
        thread_id=thread.id,
        author_id=actor_id,
        number=last + 1,
        body=body.strip(),
        is_veiled=is_veiled(erg.roster, own, is_pseudonymous=thread.is_pseudonymous),
        created_at=clock.now(),
    )
    db.add(post)
    thread.moved_at = clock.now()
    if post.is_veiled:
        _give_code(db, thread.id, actor_id)
    db.flush()
    _follow(db, thread.id, actor_id, post.number)
    _mention(db, erg, post, mentions)
    index(db, thread, post)
    return post


def _require_words(text: str, most: int) -> None:
    if not text.strip() or len(text) > most:
        raise Refused(_("Please write something, and not more than fits here."), 422)


def _give_code(db: Session, thread_id: UUID, person_id: UUID) -> None:
    """Draw a code once; what it is says nothing about who, nor about other discussions."""
    if db.get(ThreadCode, (thread_id, person_id)) is not None:
        return
    taken = set(db.scalars(select(ThreadCode.code).where(ThreadCode.thread_id == thread_id)))
    dice = ids.generator("thread_code", f"{thread_id}|{person_id}")
    code = _draw(dice)
    while code in taken:
        code = _draw(dice)
    db.add(ThreadCode(thread_id=thread_id, person_id=person_id, code=code))


def _draw(dice: random.Random) -> str:
    return "".join(dice.choices(LETTERS, k=4))


def _follow(db: Session, thread_id: UUID, person_id: UUID, number: int) -> None:
    own = db.get(Following, (thread_id, person_id))
    if own is None:
        own = Following(thread_id=thread_id, person_id=person_id, stance=Stance.FOLLOW)
        db.add(own)
    elif own.stance is Stance.USUAL:
        own.stance = Stance.FOLLOW
    own.seen = number
    db.flush()


def _mention(db: Session, erg: Erg, post: Post, people: Iterable[UUID]) -> None:
    """Only members whom the author may see; each hears of one post once."""
    wanted = list(dict.fromkeys(people))[:MAX_MENTIONS]
    viewer = ergs.standing_of(db, post.author_id).viewer(erg.id)
    for person_id in queries.only_mentionable(db, erg, viewer, wanted, post.author_id):
        db.add(Mention(post_id=post.id, person_id=person_id))
        outbox.put(db, "thread_mention", subject=post.id, person=person_id)
    db.flush()


def edit(db: Session, actor_id: UUID, *, post_id: UUID, body: str) -> Post:
    """Change one's words, for a day; the post says that it was changed."""
    erg, thread, post = hold_post(db, post_id)
    require_member(db, actor_id, erg.id)
    if post.author_id != actor_id:
        raise Refused(_("Only the author can change a post."), 403)
    now = clock.now()
    if not can_edit(post.state, post.created_at, is_locked=thread.is_locked, now=now):
        raise Refused(_("A post can be changed for a day. Write an answer to correct it."))
    _require_words(body, MAX_BODY)
    if body.strip() != post.body:
        post.body, post.edited_at = body.strip(), now
        db.flush()
        index(db, thread, post)
        record(db, erg, actor_id, "edit", post, is_veiled=post.is_veiled)
    return post
