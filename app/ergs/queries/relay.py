"""Exchanges between leads and members: each side finds its own, neither learns who the other is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Row, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import Person
from app.core.policies import Actor
from app.ergs.models import Erg, Membership, RelayMessage, RelayThread
from app.ergs.queries.groups import PAGE, erg_for
from app.ergs.queries.standing import standing
from app.ergs.rules import SEEN_BY, MembershipState, Viewer, alias, is_visible


def _leads_may_read() -> ColumnElement[bool]:
    """What began under an alias stays; what bore a name goes once the person hides."""
    is_seen = and_(
        Membership.visibility.in_(SEEN_BY[Viewer.LEAD]), Erg.roster.in_(SEEN_BY[Viewer.LEAD])
    )
    return or_(RelayThread.is_alias.is_(True), is_seen)


def name_in(thread: RelayThread, name: str | None) -> str:
    """The person's name for leads, or the alias that their request has as well."""
    return name or _("Person %(alias)s", alias=alias(thread.membership_id))


@dataclass(frozen=True, slots=True)
class Exchange:
    """One thread as a reader sees it: `name` is none where an alias stands for the person."""

    erg: Erg
    thread: RelayThread
    name: str | None
    is_own: bool


def thread_for(db: Session, actor: Actor, thread_id: UUID) -> Exchange | None:
    """An exchange of the reader, or one of a group that they lead."""
    row = (
        db.execute(
            select(Erg, RelayThread, Person.name)
            .join(RelayThread, RelayThread.erg_id == Erg.id)
            .join(Membership, Membership.id == RelayThread.membership_id)
            .join(Person, Person.id == RelayThread.person_id)
            .where(
                RelayThread.id == thread_id,
                or_(RelayThread.person_id == actor.person_id, _leads_may_read()),
            )
            .options(joinedload(Erg.texts))
        )
        .unique()
        .one_or_none()
    )
    if row is None:
        return None
    erg, thread, name = row
    is_own = thread.person_id == actor.person_id
    if not is_own and erg.id not in standing(db, actor).led:
        return None
    return Exchange(erg, thread, None if thread.is_alias else name, is_own)


@dataclass(frozen=True, slots=True)
class Threads:
    """One page of the exchanges of a group."""

    rows: list[Row[Any]]
    number: int
    last: int


def threads(db: Session, erg: Erg, actor: Actor, number: int = 1) -> Threads:
    """(thread, name) of a group's exchanges, newest first; a lead does not find their own."""
    rows = db.execute(
        select(RelayThread, Person.name, func.count().over())
        .join(Erg, Erg.id == RelayThread.erg_id)
        .join(Membership, Membership.id == RelayThread.membership_id)
        .join(Person, Person.id == RelayThread.person_id)
        .where(
            RelayThread.erg_id == erg.id,
            RelayThread.person_id != actor.person_id,
            _leads_may_read(),
        )
        .order_by(RelayThread.changed_at.desc(), RelayThread.id)
        .limit(PAGE)
        .offset((number - 1) * PAGE)
    ).all()
    total = rows[0][2] if rows else 0
    return Threads(list(rows), number, max(1, -(-total // PAGE)))


def own_thread(db: Session, erg: Erg, person_id: UUID | None) -> RelayThread | None:
    """A person's exchange with the leads, under the name or alias that they have today."""
    row = db.execute(
        select(RelayThread, Membership.visibility)
        .join(Membership, Membership.id == RelayThread.membership_id)
        .where(
            RelayThread.erg_id == erg.id,
            RelayThread.person_id == person_id,
            Membership.ended_at.is_(None),
        )
    ).all()
    return next(
        (t for t, own in row if t.is_alias is not is_visible(erg.roster, own, Viewer.LEAD)), None
    )


def messages(db: Session, thread_id: UUID) -> list[tuple[RelayMessage, str | None]]:
    """What was written, oldest first, with the lead's name for other leads."""
    rows = db.execute(
        select(RelayMessage, Person.name)
        .outerjoin(Person, Person.id == RelayMessage.lead_id)
        .where(RelayMessage.thread_id == thread_id)
        .order_by(RelayMessage.sent_at, RelayMessage.id)
    )
    return [(row, name) for row, name in rows]


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody to whom a lead may write: by name, or under the alias of their request."""

    erg: Erg
    row: Membership
    name: str | None


def addressee(db: Session, actor: Actor, slug: str, membership_id: UUID) -> Addressee | None:
    """A member whom leads see, or whoever asks to join; a confidential member is not found."""
    erg = erg_for(db, actor, slug)
    if erg is None:
        return None
    row = db.execute(
        select(Membership, Person.name)
        .join(Person, Person.id == Membership.person_id)
        .where(
            Membership.id == membership_id,
            Membership.erg_id == erg.id,
            Membership.person_id != actor.person_id,
        )
    ).one_or_none()
    if row is None:
        return None
    membership, name = row
    is_seen = is_visible(erg.roster, membership.visibility, Viewer.LEAD)
    if membership.state is MembershipState.REQUESTED:
        return Addressee(erg, membership, name if is_seen else None)
    is_member = membership.state is MembershipState.ACTIVE
    return Addressee(erg, membership, name) if is_member and is_seen else None


def awaiting_leads(
    db: Session, erg_ids: set[UUID], person_id: UUID | None
) -> list[tuple[RelayThread, str | None]]:
    """Exchanges in which a member wrote last, with the person's name."""
    rows = db.execute(
        select(RelayThread, Person.name)
        .join(Erg, Erg.id == RelayThread.erg_id)
        .join(Membership, Membership.id == RelayThread.membership_id)
        .join(Person, Person.id == RelayThread.person_id)
        .where(
            RelayThread.erg_id.in_(erg_ids),
            RelayThread.person_id != person_id,
            RelayThread.awaits_leads.is_(True),
            _leads_may_read(),
        )
        .order_by(RelayThread.changed_at, RelayThread.id)
    )
    return [(thread, name) for thread, name in rows]
