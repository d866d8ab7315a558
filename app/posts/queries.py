"""Posts as far as a reader may see them; whose digest is due, and what stands in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.accounts.models import Person
from app.accounts.rules import PersonStatus
from app.core import clock, search
from app.core.policies import Actor
from app.ergs import queries as ergs
from app.ergs.models import Erg, Membership, MembershipChapter
from app.ergs.rules import LEADING, ErgState, MembershipState, News, RoleName
from app.health.registry import Window
from app.posts import links
from app.posts.models import Digest, DigestChoice, Post, PostRecipient, PostText
from app.posts.rules import NEWS_FOR, PostKind, PostState, Rhythm

PAGE = 20
FRESH = 5
WRITING = (*LEADING, RoleName.COMMS)
IN_WORK = (PostState.DRAFT, PostState.IN_REVIEW, PostState.APPROVED, PostState.SCHEDULED)
PUT_AWAY = (PostState.ARCHIVED, PostState.REJECTED)


def runs_news(mine: ergs.Standing, erg_id: UUID) -> bool:
    """Whether somebody writes for the whole group: its leads and its communications."""
    return mine.holds(erg_id, *WRITING)


def led_chapters(mine: ergs.Standing, erg: Erg) -> set[UUID]:
    """The chapters of a group for which somebody writes."""
    return {
        chapter.id
        for chapter in erg.chapters
        if not mine.chapter_roles.get(chapter.id, frozenset()).isdisjoint(WRITING)
    }


def _reader(actor: Actor, mine: ergs.Standing) -> dict[str, Any]:
    """What decides which posts somebody may read."""
    chapters = [key for key, roles in mine.chapter_roles.items() if set(roles) & set(WRITING)]
    return {
        "person": actor.person_id,
        "now": clock.now(),
        "joined": list(mine.member_of),
        "roles": list(mine.roles),
        "runs": [erg_id for erg_id in mine.roles if runs_news(mine, erg_id)],
        "chapters": chapters,
        "known": list(mine.known),
    }


def _readable(reader: Mapping[str, Any]) -> ColumnElement[bool]:
    """What left already and is for this reader; and everything of the groups they write for."""
    chosen = (
        select(MembershipChapter.chapter_id)
        .join(Membership, Membership.id == MembershipChapter.membership_id)
        .where(
            Membership.person_id == reader["person"],
            Membership.state == MembershipState.ACTIVE,
        )
    )
    is_for_me = and_(
        Post.erg_id.in_(reader["joined"]),
        or_(Post.chapter_id.is_(None), Post.chapter_id.in_(chosen)),
    )
    has_left = and_(Post.state == PostState.SENT, Post.leaves_at <= reader["now"])
    return or_(
        and_(has_left, or_(is_for_me, Post.erg_id.in_(reader["roles"]))),
        Post.erg_id.in_(reader["runs"]),
        Post.chapter_id.in_(reader["chapters"]),
        and_(Post.author_id == reader["person"], Post.erg_id.in_(reader["known"])),
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """A post in its group."""

    erg: Erg
    post: Post


def entry_for(db: Session, actor: Actor, slug: str, post_id: UUID) -> Entry | None:
    """A post of a group that the reader may see."""
    erg = ergs.erg_for(db, actor, slug)
    if erg is None:
        return None
    post = db.scalars(
        select(Post)
        .where(
            Post.id == post_id,
            Post.erg_id == erg.id,
            _readable(_reader(actor, ergs.standing(db, actor))),
        )
        .options(joinedload(Post.texts))
    ).unique()
    found = post.one_or_none()
    return Entry(erg, found) if found else None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader looks for in a list of posts."""

    q: str = ""
    kind: PostKind | None = None
    show: str = ""
    number: int = 1


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of posts."""

    rows: list[Post]
    total: int
    number: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // PAGE))


def listing(db: Session, actor: Actor, wanted: Wanted, erg: Erg | None = None) -> Listing:
    """The posts of one group, or of all of the reader's groups, newest first."""
    mine = ergs.standing(db, actor)
    chosen = select(Post, func.count().over()).where(
        _readable(_reader(actor, mine)), _of_state(wanted.show)
    )
    if erg is not None:
        chosen = chosen.where(Post.erg_id == erg.id)
    if wanted.kind is not None:
        chosen = chosen.where(Post.kind == wanted.kind)
    if (found := search.ids("posts", wanted.q)) is not None:
        chosen = chosen.where(Post.id.in_(found))
    rows = db.execute(
        chosen.order_by(func.coalesce(Post.leaves_at, Post.changed_at).desc(), Post.id)
        .limit(PAGE)
        .offset((wanted.number - 1) * PAGE)
        .options(selectinload(Post.texts), *([] if erg else [_with_group()]))
    ).all()
    return Listing([row for row, _ in rows], rows[0][1] if rows else 0, wanted.number)


def _with_group() -> Any:
    return selectinload(Post.erg).selectinload(Erg.texts)


def _of_state(show: str) -> ColumnElement[bool]:
    if show == "work":
        waits = and_(Post.state == PostState.SENT, Post.leaves_at > clock.now())
        return or_(Post.state.in_(IN_WORK), waits)
    if show == "archive":
        return Post.state.in_(PUT_AWAY)
    return and_(Post.state == PostState.SENT, Post.leaves_at <= clock.now())


def fresh(
    db: Session, actor: Actor, *, since: datetime, erg: Erg | None = None, limit: int = FRESH
) -> list[Post]:
    """The newest posts for a reader, with words and group, in one statement."""
    mine = ergs.standing(db, actor)
    if not mine.member_of and not mine.roles:
        return []
    asked = {**_reader(actor, mine), "since": since, "most": limit, "group": erg and erg.id}
    return list(db.scalars(_fresh(of_group=erg is not None), asked).unique())


@cache
def _fresh(*, of_group: bool) -> Select[tuple[Post]]:
    """Home and every group's page ask this; building the statement costs more than running it."""
    lists = {
        name: bindparam(name, expanding=True, type_=Uuid())
        for name in ("joined", "roles", "runs", "chapters", "known")
    }
    reader = {"person": bindparam("person", type_=Uuid()), "now": bindparam("now"), **lists}
    chosen = select(Post).where(
        _readable(reader),
        Post.state == PostState.SENT,
        Post.leaves_at <= reader["now"],
        Post.leaves_at > bindparam("since"),
    )
    if of_group:
        chosen = chosen.where(Post.erg_id == bindparam("group"))
    return (
        chosen.order_by(Post.leaves_at.desc(), Post.id)
        .limit(bindparam("most"))
        .options(joinedload(Post.texts), joinedload(Post.erg).joinedload(Erg.texts))
    )


def found_by(db: Session, actor: Actor, q: str, limit: int) -> list[Post]:
    """Posts that left and match a search."""
    found = search.ids("posts", q)
    if found is None:
        return []
    rows = db.scalars(
        select(Post)
        .where(
            _readable(_reader(actor, ergs.standing(db, actor))), _of_state(""), Post.id.in_(found)
        )
        .order_by(Post.leaves_at.desc(), Post.id)
        .limit(limit)
        .options(joinedload(Post.texts), joinedload(Post.erg).joinedload(Erg.texts))
    )
    return list(rows.unique())


def to_handle(db: Session, actor: Actor) -> list[Post]:
    """What waits for those who write: approved and not sent, or just sent and not yet gone."""
    mine = ergs.standing(db, actor)
    runs = [erg_id for erg_id in mine.roles if runs_news(mine, erg_id)]
    if not runs:
        return []
    going = and_(Post.state == PostState.SENT, Post.leaves_at > clock.now())
    rows = db.scalars(
        select(Post)
        .where(Post.erg_id.in_(runs), or_(Post.state == PostState.APPROVED, going))
        .order_by(Post.changed_at, Post.id)
        .limit(50)
        .options(joinedload(Post.texts), joinedload(Post.erg).joinedload(Erg.texts))
    )
    return list(rows.unique())


def in_work(db: Session, erg_id: UUID) -> list[Post]:
    """What a group has not sent yet."""
    rows = db.scalars(
        select(Post)
        .where(Post.erg_id == erg_id, Post.state.in_(IN_WORK))
        .order_by(Post.changed_at, Post.id)
        .options(joinedload(Post.texts))
    )
    return list(rows.unique())


def with_texts(db: Session, post_ids: Collection[UUID]) -> list[Post]:
    """Some posts with words and group."""
    rows = db.scalars(
        select(Post)
        .where(Post.id.in_(post_ids))
        .options(joinedload(Post.texts), joinedload(Post.erg))
    )
    return list(rows.unique())


def text_of(db: Session, post_id: UUID, locale: str) -> PostText | None:
    """A post's words in one language."""
    return db.get(PostText, (post_id, locale))


# sending and digests


def due(db: Session) -> list[UUID]:
    """The posts whose time has come."""
    return list(
        db.scalars(
            select(Post.id)
            .where(Post.state == PostState.SCHEDULED, Post.send_at <= clock.now())
            .order_by(Post.send_at, Post.id)
        )
    )


def awaiting_digest(db: Session) -> list[Any]:
    """(person, zone, rhythm, hour, weekday, oldest news) of whom something new waits for."""
    now = clock.now()
    told = (
        select(Digest.id)
        .where(Digest.person_id == PostRecipient.person_id, Digest.until_at >= Post.leaves_at)
        .exists()
    )
    return list(
        db.execute(
            select(
                Person.id,
                Person.zone,
                DigestChoice.rhythm,
                DigestChoice.hour,
                DigestChoice.weekday,
                func.min(Post.leaves_at),
            )
            .join(PostRecipient, PostRecipient.person_id == Person.id)
            .join(Post, Post.id == PostRecipient.post_id)
            .outerjoin(DigestChoice, DigestChoice.person_id == Person.id)
            .where(
                Person.status == PersonStatus.ACTIVE,
                Post.state == PostState.SENT,
                Post.leaves_at <= now,
                Post.leaves_at > now - NEWS_FOR,
                or_(DigestChoice.rhythm.is_(None), DigestChoice.rhythm != Rhythm.NONE),
                ~told,
            )
            .group_by(
                Person.id,
                Person.zone,
                DigestChoice.rhythm,
                DigestChoice.hour,
                DigestChoice.weekday,
            )
            .order_by(Person.id)
        )
    )


def news_in(db: Session, digest: Digest) -> list[Post]:
    """What a digest tells: sent to this person, still standing, and they still belong."""
    rows = db.scalars(
        _told_to(digest.person_id)
        .where(Post.leaves_at > digest.since_at, Post.leaves_at <= digest.until_at)
        .order_by(Post.leaves_at, Post.id)
        .options(joinedload(Post.texts), joinedload(Post.erg).joinedload(Erg.texts))
    )
    return list(rows.unique())


def _told_to(person_id: UUID) -> Select[Any]:
    belongs = and_(
        Membership.erg_id == Post.erg_id,
        Membership.person_id == person_id,
        Membership.state == MembershipState.ACTIVE,
        Membership.news == News.DIGEST,
    )
    return (
        select(Post)
        .join(PostRecipient, PostRecipient.post_id == Post.id)
        .join(Membership, belongs)
        .join(Erg, Erg.id == Post.erg_id)
        .where(
            PostRecipient.person_id == person_id,
            Post.state == PostState.SENT,
            Erg.state != ErgState.ARCHIVED,
        )
    )


def choice_of(db: Session, person_id: UUID | None) -> DigestChoice | None:
    """When somebody wants their digest; None is the usual."""
    return db.get(DigestChoice, person_id) if person_id else None


@dataclass(frozen=True, slots=True)
class Wish:
    """What an unsubscribe address opens: one person's one kind of mail."""

    token: str
    person_id: UUID
    is_off: bool


def wish_for(db: Session, _actor: Actor, token: str) -> Wish | None:
    """The wish behind a signed address; None when it is forged."""
    parts = links.opened(token)
    if parts is None or db.get(Person, parts[0]) is None:
        return None
    choice = choice_of(db, parts[0])
    return Wish(token, parts[0], choice is not None and choice.rhythm is Rhythm.NONE)


def authors(window: Window) -> Select[Any]:
    """Who wrote what a group sent within a window."""
    return select(Post.erg_id.label("erg_id"), Post.author_id.label("person_id")).where(
        Post.author_id.is_not(None),
        Post.sent_at >= window.since,
        Post.sent_at < window.until,
    )


def sent_in(db: Session, window: Window) -> dict[UUID, int]:
    """How many posts each group sent within a window."""
    rows = db.execute(
        select(Post.erg_id, func.count())
        .where(Post.sent_at >= window.since, Post.sent_at < window.until)
        .group_by(Post.erg_id)
    )
    return dict(rows.tuples().all())
