"""Posts of a discussion as a reader sees them; one's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import Person
from app.core.policies import Actor
from app.ergs.models import Erg, Membership
from app.health.registry import Window
from app.threads.models import Post, Report, Thread, ThreadCode
from app.threads.queries.threads import PAGE, Talk, belonging, code_of, talk_for
from app.threads.rules import Face, PostState, face


@dataclass(frozen=True, slots=True)
class Leaf:
    """A post as this reader sees it."""

    post: Post
    face: Face
    author: str
    is_own: bool
    is_reported: bool


@dataclass(frozen=True, slots=True)
class Leaves:
    """One page of posts."""

    leaves: list[Leaf]
    total: int
    number: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // PAGE))


@dataclass(frozen=True, slots=True)
class Said:
    """One post with its discussion, as a member finds it."""

    talk: Talk
    post: Post


def posts(db: Session, actor: Actor, talk: Talk, number: int = 1) -> Leaves:
    """A page of posts with what their authors let this reader know, in one statement."""
    reported = (
        select(Report.id)
        .where(Report.post_id == Post.id, Report.reporter_id == actor.person_id)
        .exists()
    )
    rows = db.execute(
        _told(talk.thread.id)
        .add_columns(reported, func.count().over())
        .order_by(Post.number)
        .limit(PAGE)
        .offset((number - 1) * PAGE)
    ).all()
    leaves = [_leaf(row, talk, actor.person_id) for row in rows]
    return Leaves(leaves, rows[0][-1] if rows else 0, number)


def _told(thread_id: UUID) -> Any:
    return (
        select(Post, Person.name, Membership.visibility, ThreadCode.code)
        .join(Thread, Thread.id == Post.thread_id)
        .join(Person, Person.id == Post.author_id)
        .outerjoin(Membership, belonging(Thread.erg_id, Post.author_id))
        .outerjoin(ThreadCode, code_of(Post))
        .where(Post.thread_id == thread_id)
    )


def _leaf(row: Any, talk: Talk, me: UUID | None) -> Leaf:
    post, name, shown, code, reported, _total = row
    look = face(veiled=post.is_veiled, roster=talk.erg.roster, membership=shown, viewer=talk.viewer)
    author = {Face.NAME: name, Face.CODE: code, Face.FORMER: ""}[look] or ""
    return Leaf(post, look, author, post.author_id == me, bool(reported))


def leaf_of(db: Session, actor: Actor, said: Said) -> Leaf:
    """One post as its reader sees it, for forms about it."""
    row = db.execute(_told(said.talk.thread.id).where(Post.id == said.post.id)).one()
    return _leaf((*row, False, 1), said.talk, actor.person_id)


def post_for(db: Session, actor: Actor, slug: str, thread_id: UUID, post_id: UUID) -> Said | None:
    """A post by its address; None for everybody but members."""
    talk = talk_for(db, actor, slug, thread_id)
    post = db.get(Post, post_id) if talk else None
    if talk is None or post is None or post.thread_id != thread_id:
        return None
    return Said(talk, post)


def said_for(db: Session, actor: Actor, post_id: UUID) -> Said | None:
    """A post by its id alone, for links in messages that name no group."""
    found = db.execute(
        select(Erg.slug, Thread.id)
        .join(Thread, Thread.erg_id == Erg.id)
        .join(Post, Post.thread_id == Thread.id)
        .where(Post.id == post_id)
    ).one_or_none()
    return post_for(db, actor, found[0], found[1], post_id) if found else None


def page_of(post: Post) -> int:
    """The page of its discussion on which a post stands."""
    return (post.number - 1) // PAGE + 1


@dataclass(frozen=True, slots=True)
class Own:
    """What somebody wrote in one group, which they may have left."""

    erg: Erg
    shown: int
    deleted: int


def own_groups(db: Session, actor: Actor) -> list[Own]:
    """Where the actor has written."""
    return [_own(rows) for rows in _by_group(db, actor, None).values()]


def own_for(db: Session, actor: Actor, erg_id: UUID) -> Own | None:
    """What the actor wrote in one group; None where they never wrote."""
    found = _by_group(db, actor, erg_id)
    return _own(found[erg_id]) if erg_id in found else None


def _by_group(
    db: Session, actor: Actor, erg_id: UUID | None
) -> dict[UUID, list[tuple[Erg, PostState, int]]]:
    chosen = (
        select(Thread.erg_id, Post.state, func.count())
        .join(Post, Post.thread_id == Thread.id)
        .where(Post.author_id == actor.person_id)
        .group_by(Thread.erg_id, Post.state)
    )
    if erg_id is not None:
        chosen = chosen.where(Thread.erg_id == erg_id)
    counts = db.execute(chosen).all()
    wanted = {row[0] for row in counts}
    groups = {
        erg.id: erg
        for erg in db.scalars(
            select(Erg).where(Erg.id.in_(wanted)).options(joinedload(Erg.texts)).order_by(Erg.slug)
        ).unique()
    }
    return {
        key: [(erg, state, n) for found, state, n in counts if found == key]
        for key, erg in groups.items()
    }


def _own(rows: list[tuple[Erg, PostState, int]]) -> Own:
    counts = {state: n for _erg, state, n in rows}
    return Own(rows[0][0], counts.get(PostState.SHOWN, 0), counts.get(PostState.DELETED, 0))


def writers(window: Window) -> Select[Any]:
    """Who wrote in a group's discussions within a window; what was taken back does not count."""
    return (
        select(Thread.erg_id.label("erg_id"), Post.author_id.label("person_id"))
        .join(Thread, Thread.id == Post.thread_id)
        .where(
            Post.state == PostState.SHOWN,
            Post.created_at >= window.since,
            Post.created_at < window.until,
        )
    )
