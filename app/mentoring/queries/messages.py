"""Messages of a relationship as its members read them, and what is new to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.queries.directory import existing
from app.core import hints, search
from app.core.policies import Actor
from app.mentoring.models import Member, MessageRead, PairMessage, Relationship
from app.mentoring.queries.relationships import WITH_MEMBERS, relationship_for
from app.mentoring.registry import is_held
from app.mentoring.rules import LIVE
from app.mentoring.rules.messages import PAGE


@dataclass(frozen=True, slots=True)
class Talk:
    """One page of a conversation, the oldest of it first."""

    rows: list[PairMessage]
    total: int
    number: int
    read_up_to: datetime | None
    is_holding: bool  # what arrives waits for the reader

    @property
    def last(self) -> int:
        """The number of the oldest page."""
        return max(1, -(-self.total // PAGE))

    @property
    def upto(self) -> datetime | None:
        """The instant of the newest message on the page."""
        return self.rows[-1].sent_at if self.rows else None

    def new_to(self, member: Member) -> set[UUID]:
        """What on this page a member has not read, by id; what was there before them is not new."""
        since = max(self.read_up_to or member.joined_at, member.joined_at)
        return {
            row.id
            for row in self.rows
            if row.author_id != member.person_id and not row.deleted_at and row.sent_at > since
        }


def talk_of(
    db: Session,
    actor: Actor,
    relationship_id: UUID,
    *,
    q: str = "",
    number: int = 1,
    with_held: bool = False,
) -> Talk:
    """The newest messages, or an earlier page, or those with some words; held ones if wanted."""
    chosen = (
        select(
            PairMessage,
            MessageRead.read_up_to,
            func.count().over(),
            is_held(relationship_id, actor.person_id),
        )
        .outerjoin(
            MessageRead,
            (MessageRead.relationship_id == PairMessage.relationship_id)
            & (MessageRead.person_id == actor.person_id),
        )
        .where(PairMessage.relationship_id == relationship_id)
    )
    if not with_held:
        chosen = chosen.where(_reaches(relationship_id, actor.person_id))
    if search.query_words(q):
        chosen = chosen.where(PairMessage.id.in_(_with_words(db, relationship_id, q)))
    number = existing(db, chosen.with_only_columns(PairMessage.id), number, PAGE)
    rows = db.execute(
        chosen.order_by(PairMessage.sent_at.desc(), PairMessage.id)
        .limit(PAGE)
        .offset((number - 1) * PAGE)
    ).all()
    if not rows:
        return Talk([], 0, number, None, holds_back(db, relationship_id, actor.person_id))
    _newest, read_up_to, total, is_holding = rows[0]
    return Talk([row[0] for row in reversed(rows)], total, number, read_up_to, is_holding)


def _reaches(relationship_id: UUID, person_id: UUID | None) -> ColumnElement[bool]:
    """One's own messages, and those that are not held for oneself."""
    waits = is_held(relationship_id, person_id, PairMessage.sent_at)
    return or_(PairMessage.author_id == person_id, ~waits)


def holds_back(db: Session, relationship_id: UUID, person_id: UUID | None) -> bool:
    """Whether what arrives from the others waits for a person now."""
    return bool(db.scalar(select(is_held(relationship_id, person_id))))


def _with_words(db: Session, relationship_id: UUID, q: str) -> list[UUID]:
    """Looked for word by word; an index would hold the words of private messages a second time."""
    texts = db.execute(
        select(PairMessage.id, PairMessage.text).where(
            PairMessage.relationship_id == relationship_id, PairMessage.deleted_at.is_(None)
        )
    )
    return [message_id for message_id, text in texts if search.matches(text, q)]


def message_for(db: Session, actor: Actor, message_id: UUID) -> PairMessage | None:
    """A message of one of the actor's relationships; there is no other way to a message."""
    row = db.get(PairMessage, message_id)
    if row is None or relationship_for(db, actor, row.relationship_id) is None:
        return None
    return row


def has_newer(db: Session, actor: Actor, relationship_id: UUID, after: datetime | None) -> bool:
    """Whether anything was written since that reaches the actor."""
    reaches = _reaches(relationship_id, actor.person_id)
    found = select(PairMessage.id).where(PairMessage.relationship_id == relationship_id, reaches)
    if after is not None:
        found = found.where(PairMessage.sent_at > after)
    return db.scalar(found.limit(1)) is not None


def _is_unread(person: Any) -> ColumnElement[bool]:
    """A message of somebody else that a member has not read; joined with the member."""
    read = select(MessageRead.read_up_to).where(
        MessageRead.relationship_id == PairMessage.relationship_id,
        MessageRead.person_id == person,
        MessageRead.read_up_to >= PairMessage.sent_at,
    )
    return (
        (Member.relationship_id == PairMessage.relationship_id)
        & (Member.person_id == person)
        & Member.left_at.is_(None)
        & (PairMessage.author_id != person)
        & PairMessage.deleted_at.is_(None)
        & (PairMessage.sent_at >= Member.joined_at)
        & ~exists(read)
        & ~is_held(PairMessage.relationship_id, person, PairMessage.sent_at)
    )


@cache
def _unread() -> Select[Any]:
    """Lists and home ask this; building the statement costs more than running it."""
    return (
        select(PairMessage.relationship_id, func.count(PairMessage.id))
        .where(_is_unread(bindparam("person", type_=Uuid())))
        .group_by(PairMessage.relationship_id)
    )


def unread_counts(db: Session, person_id: UUID | None) -> Mapping[UUID, int]:
    """How many messages wait for a person, by relationship."""
    rows = db.execute(_unread(), {"person": person_id})
    return {row[0]: row[1] for row in rows}


def count_unread(db: Session, relationship_id: UUID, person_id: UUID) -> int:
    """How many messages of one relationship wait for a person."""
    found = select(func.count(PairMessage.id)).where(
        _is_unread(person_id), PairMessage.relationship_id == relationship_id
    )
    return db.scalar(found) or 0


def oldest_unread(
    db: Session, relationship_id: UUID, person_id: UUID, *, but: UUID
) -> datetime | None:
    """Since when messages of one relationship wait for a person, not counting one of them."""
    found = select(func.min(PairMessage.sent_at)).where(
        _is_unread(person_id),
        PairMessage.relationship_id == relationship_id,
        PairMessage.id != but,
    )
    return db.scalar(found)


@cache
def _waiting() -> Select[Any]:
    person = bindparam("person", type_=Uuid())
    counted = (
        select(
            PairMessage.relationship_id.label("pair_id"),
            func.count(PairMessage.id).label("number"),
            func.max(PairMessage.sent_at).label("latest"),
        )
        .where(_is_unread(person))
        .group_by(PairMessage.relationship_id)
        .subquery()
    )
    return (
        select(Relationship, counted.c.number, counted.c.latest)
        .join(counted, counted.c.pair_id == Relationship.id)
        .where(Relationship.state.in_(LIVE))
        .order_by(counted.c.latest.desc(), Relationship.id)
        .limit(10)
        .options(WITH_MEMBERS)
    )


def waiting_for(db: Session, actor: Actor) -> list[tuple[Relationship, int, datetime]]:
    """The actor's relationships in which something unread waits, the latest first."""
    rows = db.execute(_waiting(), {"person": actor.person_id}).unique()
    return [(pair, number, latest) for pair, number, latest in rows]


def is_waiting() -> ColumnElement[bool]:
    """Whether anything unread waits for the reader of home."""
    return exists().where(
        Relationship.id == PairMessage.relationship_id,
        Relationship.state.in_(LIVE),
        _is_unread(hints.person()),
    )
