"""Discussions of a group: one, a page of them, what moved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, Select, Uuid, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from app.accounts.models import Person
from app.core import search
from app.core.policies import Actor
from app.ergs import queries as ergs
from app.ergs.models import Erg, Membership
from app.ergs.rules import ErgState, MembershipState, Viewer
from app.threads.models import Following, Mention, Post, Thread, ThreadCode
from app.threads.rules import Face, PostState, Stance, face

PAGE = 20
MOVED = 10
WRITABLE = (ErgState.ACTIVE, ErgState.DORMANT)


@dataclass(frozen=True, slots=True)
class Talk:
    """A discussion as a member opens it, with what they want to hear of it."""

    erg: Erg
    thread: Thread
    stance: Stance
    seen: int
    viewer: Viewer

    @property
    def is_open(self) -> bool:
        """Whether something can be added."""
        return not self.thread.is_locked and self.erg.state in WRITABLE


def talk_for(db: Session, actor: Actor, slug: str, thread_id: UUID) -> Talk | None:
    """A discussion by its address; None for everybody but members."""
    erg = writers_group(db, actor, slug)
    if erg is None:
        return None
    mine = and_(Following.thread_id == Thread.id, Following.person_id == actor.person_id)
    row = db.execute(
        select(Thread, Following)
        .outerjoin(Following, mine)
        .where(Thread.id == thread_id, Thread.erg_id == erg.id)
    ).one_or_none()
    if row is None:
        return None
    thread, own = row
    viewer = ergs.standing(db, actor).viewer(erg.id)
    return Talk(erg, thread, own.stance if own else Stance.USUAL, own.seen if own else 0, viewer)


def writers_group(db: Session, actor: Actor, slug: str) -> Erg | None:
    """A group whose discussions the actor may read: one they belong to."""
    erg = ergs.erg_for(db, actor, slug)
    if erg is None or erg.id not in ergs.standing(db, actor).member_of:
        return None
    return erg


@dataclass(frozen=True, slots=True)
class Line:
    """A discussion in the list, as this reader sees it."""

    thread: Thread
    is_removed: bool
    face: Face
    author: str
    is_own: bool
    replies: int
    new: int
    stance: Stance


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of discussions."""

    lines: list[Line]
    total: int
    number: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // PAGE))


def listing(
    db: Session, actor: Actor, erg: Erg, *, q: str = "", followed: bool = False, number: int = 1
) -> Listing:
    """The discussions of a group, what moved last first, in one statement."""
    opening, own = aliased(Post), aliased(Following)
    seen = func.coalesce(own.seen, 0)
    chosen = (
        select(
            Thread,
            opening.state,
            opening.is_veiled,
            opening.author_id,
            Person.name,
            Membership.visibility,
            ThreadCode.code,
            _count(Post.number > 1),
            _count(Post.number > seen),
            own.stance,
            func.count().over(),
        )
        .join(opening, and_(opening.thread_id == Thread.id, opening.number == 1))
        .join(Person, Person.id == opening.author_id)
        .outerjoin(Membership, belonging(Thread.erg_id, opening.author_id))
        .outerjoin(ThreadCode, code_of(opening))
        .outerjoin(own, and_(own.thread_id == Thread.id, own.person_id == actor.person_id))
        .where(Thread.erg_id == erg.id, _has_words())
    )
    if followed:
        chosen = chosen.where(own.stance == Stance.FOLLOW)
    if (found := search.ids("threads", q)) is not None:
        chosen = chosen.where(Thread.id.in_(select(Post.thread_id).where(Post.id.in_(found))))
    rows = db.execute(
        chosen.order_by(Thread.moved_at.desc(), Thread.id).limit(PAGE).offset((number - 1) * PAGE)
    ).all()
    viewer = ergs.standing(db, actor).viewer(erg.id)
    lines = [_line(row, erg, viewer, actor.person_id) for row in rows]
    return Listing(lines, rows[0][-1] if rows else 0, number)


def _line(row: Any, erg: Erg, viewer: Viewer, me: UUID | None) -> Line:
    thread, state, veiled, author_id, name, shown, code, replies, new, stance, _total = row
    look = face(veiled=veiled, roster=erg.roster, membership=shown, viewer=viewer)
    author = {Face.NAME: name, Face.CODE: code, Face.FORMER: ""}[look] or ""
    is_removed = state is not PostState.SHOWN
    is_own = author_id == me
    return Line(thread, is_removed, look, author, is_own, replies, new, stance or Stance.USUAL)


def _count(condition: Any) -> ScalarSelect[int]:
    return (
        select(func.count())
        .where(Post.thread_id == Thread.id, Post.state == PostState.SHOWN, condition)
        .scalar_subquery()
    )


def _has_words() -> Any:
    return exists().where(Post.thread_id == Thread.id, Post.state == PostState.SHOWN)


def belonging(erg_id: Any, person_id: Any) -> Any:
    """The active membership of an author, if any."""
    return and_(
        Membership.erg_id == erg_id,
        Membership.person_id == person_id,
        Membership.state == MembershipState.ACTIVE,
        Membership.ended_at.is_(None),
    )


def code_of(post: Any) -> Any:
    """The author's code in the discussion of a post, if any."""
    return and_(ThreadCode.thread_id == post.thread_id, ThreadCode.person_id == post.author_id)


@dataclass(frozen=True, slots=True)
class Moved:
    """A discussion that has something new for a person."""

    erg: Erg
    thread: Thread
    new: int
    when: datetime
    is_mentioned: bool


def moved_for(db: Session, actor: Actor) -> list[Moved]:
    """Mentions not read yet and answers in what the actor follows, newest first."""
    member_of = ergs.standing(db, actor).member_of
    if actor.person_id is None or not member_of:
        return []
    asked = {"person": actor.person_id, "groups": list(member_of)}
    rows = db.execute(_moved(), asked).unique()
    return [Moved(erg, thread, n, at, bool(named)) for erg, thread, n, named, at in rows]


@cache
def _moved() -> Select[Any]:
    """Home asks this; building the statement costs more than running it."""
    own, me = aliased(Following), bindparam("person", type_=Uuid())
    groups = bindparam("groups", expanding=True, type_=Uuid())
    fresh = and_(
        Post.thread_id == Thread.id,
        Post.state == PostState.SHOWN,
        Post.number > func.coalesce(own.seen, 0),
        Post.author_id != me,
    )
    mention = and_(Mention.post_id == Post.id, Mention.person_id == me)
    named = func.count(Mention.person_id)
    stance = func.coalesce(own.stance, Stance.USUAL)
    counted = (
        select(Thread.id.label("id"), func.count().label("n"), named.label("named"))
        .add_columns(func.max(Post.created_at).label("at"))
        .outerjoin(own, and_(own.thread_id == Thread.id, own.person_id == me))
        .join(Post, fresh)
        .outerjoin(Mention, mention)
        .where(Thread.erg_id.in_(groups), stance != Stance.MUTE)
        .where(or_(own.stance == Stance.FOLLOW, Mention.person_id.is_not(None)))
        .group_by(Thread.id)
        .order_by(func.max(Post.created_at).desc(), Thread.id)
        .limit(MOVED)
        .subquery()
    )
    return (
        select(Erg, Thread, counted.c.n, counted.c.named, counted.c.at)
        .join(Thread, Thread.erg_id == Erg.id)
        .join(counted, counted.c.id == Thread.id)
        .options(joinedload(Erg.texts))
        .order_by(counted.c.at.desc(), Thread.id)
    )
