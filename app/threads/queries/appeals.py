"""Appeals against removals, for authors, and for those who decide: never who removed the post."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import Person
from app.core import clock
from app.core.policies import Actor
from app.ergs import queries as ergs
from app.ergs.models import Erg, Membership
from app.threads.models import Post, Report, Thread, ThreadAppeal, ThreadCode
from app.threads.queries.cases import JUDGING, QUEUE, may_judge_somewhere, name_of, who_judges
from app.threads.queries.threads import belonging, code_of
from app.threads.rules import (
    APPEAL_WITHIN,
    RECONSIDER_WITHIN,
    AppealState,
    Face,
    PostState,
    can_appeal,
)


@dataclass(frozen=True, slots=True)
class Removed:
    """An own post that was removed, and the appeal against it if there is one."""

    erg: Erg
    thread: Thread
    post: Post
    appeal: ThreadAppeal | None

    @property
    def is_open(self) -> bool:
        """Whether the author may ask for a second look now."""
        post = self.post
        return self.appeal is None and can_appeal(post.state, post.removed_at, clock.now())

    @property
    def until(self) -> datetime | None:
        """The last moment to ask."""
        return self.post.removed_at + APPEAL_WITHIN if self.post.removed_at else None


@dataclass(frozen=True, slots=True)
class Appealed:
    """An appeal that the reader may decide about, or has decided about."""

    erg: Erg
    thread: Thread
    post: Post
    appeal: ThreadAppeal
    face: Face
    author: str


def removed_for(db: Session, actor: Actor, post_id: UUID) -> Removed | None:
    """An own post that was removed, or about which an appeal was decided; also after leaving."""
    found = (
        db.execute(
            select(Erg, Thread, Post)
            .join(Thread, Thread.erg_id == Erg.id)
            .join(Post, Post.thread_id == Thread.id)
            .where(Post.id == post_id, Post.author_id == actor.person_id)
            .options(joinedload(Erg.texts))
        )
        .unique()
        .one_or_none()
    )
    if found is None:
        return None
    erg, thread, post = found
    appeal = newest_appeal(db, post)
    is_there = post.state is PostState.REMOVED or appeal is not None
    return Removed(erg, thread, post, appeal) if is_there else None


def newest_appeal(db: Session, post: Post) -> ThreadAppeal | None:
    """The appeal against the removal that holds; of a post that is shown again, the last one."""
    found = select(ThreadAppeal).where(ThreadAppeal.post_id == post.id)
    if post.removed_at is not None:
        found = found.where(ThreadAppeal.removed_at == post.removed_at)
    return db.scalar(found.order_by(ThreadAppeal.created_at.desc(), ThreadAppeal.id).limit(1))


def appeals(db: Session, actor: Actor, erg: Erg | None = None) -> list[Appealed]:
    """Appeals that wait for the actor, and what they decided lately."""
    where = [_wanted(actor)]
    if erg is not None:
        where.append(Thread.erg_id == erg.id)
    elif not actor.has("org_admin"):
        held = ergs.standing(db, actor).roles
        where.append(Thread.erg_id.in_([k for k, roles in held.items() if roles & {*JUDGING}]))
    return _decided_by(db, actor, _rows(db, where))


def appeal_for(db: Session, actor: Actor, slug: str, appeal_id: UUID) -> Appealed | None:
    """An appeal in a group that the actor may decide about, or has decided about."""
    erg = ergs.erg_for(db, actor, slug)
    if erg is None or not may_judge_somewhere(db, actor, erg.id):
        return None
    rows = _rows(db, [_wanted(actor), Thread.erg_id == erg.id, ThreadAppeal.id == appeal_id])
    found = _decided_by(db, actor, rows)
    return found[0] if found else None


def appeal_by_id(db: Session, actor: Actor, appeal_id: UUID) -> Appealed | None:
    """The same by its id alone, for links in messages that name no group."""
    slug = db.scalar(
        select(Erg.slug)
        .join(Thread, Thread.erg_id == Erg.id)
        .join(Post, Post.thread_id == Thread.id)
        .join(ThreadAppeal, ThreadAppeal.post_id == Post.id)
        .where(ThreadAppeal.id == appeal_id)
    )
    return appeal_for(db, actor, slug, appeal_id) if slug else None


def deciders_of(db: Session, appeal_id: UUID) -> frozenset[UUID]:
    """Who may decide about an appeal, asked fresh: never who removed the post."""
    rows = _rows(db, [ThreadAppeal.id == appeal_id])
    return _who(db, rows)[appeal_id] if rows else frozenset()


def _wanted(actor: Actor) -> Any:
    lately = and_(
        ThreadAppeal.decided_by == actor.person_id,
        ThreadAppeal.decided_at > clock.now() - RECONSIDER_WITHIN,
    )
    return or_(ThreadAppeal.state == AppealState.WAITING, lately)


def _rows(db: Session, where: list[Any]) -> list[Any]:
    return list(
        db.execute(
            select(
                ThreadAppeal, Post, Thread, Erg, Person.name, Membership.visibility, ThreadCode.code
            )
            .join(Post, Post.id == ThreadAppeal.post_id)
            .join(Thread, Thread.id == Post.thread_id)
            .join(Erg, Erg.id == Thread.erg_id)
            .join(Person, Person.id == Post.author_id)
            .outerjoin(Membership, belonging(Thread.erg_id, Post.author_id))
            .outerjoin(ThreadCode, code_of(Post))
            .where(*where)
            .order_by(ThreadAppeal.created_at, ThreadAppeal.id)
            .limit(QUEUE)
            .options(joinedload(Erg.texts))
        ).unique()
    )


def _who(db: Session, rows: list[Any]) -> dict[UUID, frozenset[UUID]]:
    """By appeal: outside the lines of the author, of who removed it, and of who reported it."""
    of_posts = {row[1].id for row in rows}
    reported: dict[UUID, set[UUID]] = {}
    for post_id, reporter_id in db.execute(
        select(Report.post_id, Report.reporter_id).where(Report.post_id.in_(of_posts))
    ):
        reported.setdefault(post_id, set()).add(reporter_id)
    concerned = {
        row[0].id: {row[1].author_id, row[0].removed_by} - {None} | reported.get(row[1].id, set())
        for row in rows
    }
    by_appeal = {row[0].id: [row] for row in rows}
    return who_judges(db, {row[3].id for row in rows}, concerned, by_appeal)


def _decided_by(db: Session, actor: Actor, rows: list[Any]) -> list[Appealed]:
    if not rows:
        return []
    chosen = _who(db, rows)
    return [
        Appealed(erg, thread, post, appeal, *name_of(db, actor, post, erg, name, shown, code))
        for appeal, post, thread, erg, name, shown, code in rows
        if actor.person_id in chosen[appeal.id]
    ]
