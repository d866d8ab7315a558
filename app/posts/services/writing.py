"""Writing a post, translating it, asking for approval, taking it back, putting it away."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.approvals import services as approvals
from app.audit import services as audit
from app.core import clock, ids, search
from app.core.database import hold
from app.core.errors import Refused
from app.core.richtext import plain
from app.ergs.models import Chapter, Erg
from app.ergs.queries.bylines import public_id
from app.ergs.rules import TextStatus
from app.posts.models import Post, PostText
from app.posts.rules import PostKind, PostState, text_in
from app.posts.services.holding import APPROVAL_KIND, hold_group, hold_post, move, require_writer


@dataclass(frozen=True, slots=True)
class Words:
    """A post's words in one language; the body is Markdown."""

    title: str
    body: str = ""


def write(
    db: Session,
    actor_id: UUID | None,
    *,
    erg_id: UUID,
    words: Words,
    locale: str = "en",
    kind: PostKind = PostKind.ANNOUNCEMENT,
    chapter_id: UUID | None = None,
    author_id: UUID | None = None,
) -> Post:
    """Write down a new post as a draft (actor None: seeds, for an author)."""
    erg = hold_group(db, erg_id)
    _require_chapter(db, erg, chapter_id)
    require_writer(db, actor_id, erg, chapter_id)
    post = Post(
        id=ids.new_id("post", f"{erg.slug}|{words.title}"),
        erg_id=erg_id,
        chapter_id=chapter_id,
        kind=kind,
        author_id=actor_id or author_id,
        created_at=clock.now(),
        changed_at=clock.now(),
        state=PostState.DRAFT,
    )
    post.texts = [
        PostText(
            locale=locale, status=TextStatus.SOURCE, title=words.title.strip(), body=words.body
        )
    ]
    db.add(post)
    db.flush()
    _index(db, post)
    audit.record(db, public_id(db, erg, actor_id), "write", post, after=PostState.DRAFT)
    return post


def _require_chapter(db: Session, erg: Erg, chapter_id: UUID | None) -> None:
    chapter = db.get(Chapter, chapter_id) if chapter_id else None
    if chapter_id is not None and (chapter is None or chapter.erg_id != erg.id):
        raise Refused(_("This chapter does not exist any more."), 422)


def _index(db: Session, post: Post) -> None:
    texts = list(db.scalars(select(PostText).where(PostText.post_id == post.id)))
    search.put(
        db, "posts", post.id, *(part for text in texts for part in (text.title, plain(text.body)))
    )


def _draft(db: Session, actor_id: UUID | None, post_id: UUID) -> tuple[Erg, Post]:
    erg, post = hold_post(db, actor_id, post_id)
    if post.state is not PostState.DRAFT:
        raise Refused(_("This post is on its way. Take it back to change it."))
    return erg, post


def revise(
    db: Session,
    actor_id: UUID | None,
    *,
    post_id: UUID,
    words: Words,
    kind: PostKind,
    chapter_id: UUID | None,
) -> bool:
    """Save the original; its translations are older then. Saving unchanged changes nothing."""
    erg, post = _draft(db, actor_id, post_id)
    if chapter_id != post.chapter_id:
        _require_chapter(db, erg, chapter_id)
        require_writer(db, actor_id, erg, chapter_id)
    source = next(text for text in post.texts if text.status is TextStatus.SOURCE)
    is_reworded = (source.title, source.body) != (words.title.strip(), words.body)
    if not is_reworded and (post.kind, post.chapter_id) == (kind, chapter_id):
        return False
    source.title, source.body = words.title.strip(), words.body
    post.kind, post.chapter_id, post.changed_at = kind, chapter_id, clock.now()
    for text in post.texts:
        if is_reworded and text.status is TextStatus.TRANSLATED:
            text.status = TextStatus.STALE
    db.flush()
    _index(db, post)
    audit.record(db, public_id(db, erg, actor_id), "revise", post)
    return True


def translate(
    db: Session, actor_id: UUID | None, *, post_id: UUID, locale: str, words: Words
) -> None:
    """Save the words in another language; empty ones take the translation away."""
    erg, post = _draft(db, actor_id, post_id)
    text = text_in(post.texts, locale)
    if text is not None and text.status is TextStatus.SOURCE:
        raise Refused(_("This is the original, not a translation."), 422)
    if not words.title.strip() and not words.body.strip():
        if text is not None:
            db.delete(text)
            db.flush()
            db.expire(post, ["texts"])
    else:
        text = text or PostText(post_id=post.id, locale=locale)
        text.status, text.title, text.body = TextStatus.TRANSLATED, words.title.strip(), words.body
        db.add(text)
        db.flush()
        db.expire(post, ["texts"])
    post.changed_at = clock.now()
    db.flush()
    _index(db, post)
    audit.record(db, public_id(db, erg, actor_id), "translate", post, after=locale)


def submit(db: Session, actor_id: UUID, *, post_id: UUID) -> Post:
    """Ask for approval; a rule or an empty chain approves at once."""
    erg, post = _draft(db, actor_id, post_id)
    source = next(text for text in post.texts if text.status is TextStatus.SOURCE)
    if not source.title or not source.body.strip():
        raise Refused(_("A post needs a title and some words before it can be approved."), 422)
    before = move(post, PostState.IN_REVIEW)
    post.author_id = post.author_id or actor_id
    db.flush()
    audit.record(db, public_id(db, erg, actor_id), "submit", post, before=before, after=post.state)
    approvals.ask(
        db,
        actor_id,
        author_id=post.author_id,
        erg_id=erg.id,
        kind=APPROVAL_KIND,
        subject_id=post.id,
        facts={
            "kind": post.kind.value,
            "audience": "chapter" if post.chapter_id else "group",
        },
    )
    return post


def decided(db: Session, actor_id: UUID | None, post_id: UUID, to: PostState) -> None:
    """What approvals say about a post; called under the lock of its group."""
    post = hold(db, Post, post_id)
    if post is None:
        raise Refused(_("This post does not exist any more."), 404)
    if post.state is PostState.SENT:
        raise Refused(_("The post was sent meanwhile. Recall it instead."))
    before = move(post, to)
    post.wall_send = post.zone = post.send_at = None
    post.changed_at = clock.now()
    db.flush()
    audit.record(db, None, "decided", post, before=before, after=to)


def take_back(db: Session, actor_id: UUID, *, post_id: UUID) -> Post:
    """Make it a draft again, from wherever it is before it was sent."""
    erg, post = hold_post(db, actor_id, post_id)
    before = move(post, PostState.DRAFT)
    approvals.withdraw(db, actor_id, kind=APPROVAL_KIND, subject_id=post.id)
    post.wall_send = post.zone = post.send_at = None
    post.changed_at = clock.now()
    db.flush()
    audit.record(
        db, public_id(db, erg, actor_id), "take_back", post, before=before, after=post.state
    )
    return post


def archive(db: Session, actor_id: UUID, *, post_id: UUID) -> Post:
    """Put it away; only writers find it then."""
    return _put(db, actor_id, post_id, PostState.ARCHIVED, "archive")


def restore(db: Session, actor_id: UUID, *, post_id: UUID) -> Post:
    """Take it out of the archive: what was sent is read again, the rest is a draft."""
    sent_at = db.scalar(select(Post.sent_at).where(Post.id == post_id))
    to = PostState.SENT if sent_at else PostState.DRAFT
    return _put(db, actor_id, post_id, to, "restore")


def _put(db: Session, actor_id: UUID, post_id: UUID, to: PostState, verb: str) -> Post:
    erg, post = hold_post(db, actor_id, post_id)
    before = move(post, to)
    post.changed_at = clock.now()
    db.flush()
    audit.record(db, public_id(db, erg, actor_id), verb, post, before=before, after=to)
    return post
