"""Memberships, requests and invitations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import Person
from app.core.policies import Actor
from app.ergs.models import Erg, Membership, MembershipChapter
from app.ergs.queries.groups import erg_for
from app.ergs.rules import (
    MembershipState,
    News,
    Viewer,
    Visibility,
    is_visible,
)


def open_membership(db: Session, erg_id: UUID, person_id: UUID | None) -> Membership | None:
    """A person's membership, request or invitation that has not ended."""
    return db.scalar(
        select(Membership).where(
            Membership.erg_id == erg_id,
            Membership.person_id == person_id,
            Membership.ended_at.is_(None),
        )
    )


def own_membership(db: Session, erg_id: UUID, person_id: UUID | None) -> Membership | None:
    """A person's newest row in a group, open or ended, for their own eyes."""
    return db.scalar(
        select(Membership)
        .where(Membership.erg_id == erg_id, Membership.person_id == person_id)
        .order_by(Membership.ended_at.is_not(None), Membership.ended_at.desc())
        .limit(1)
    )


def last_membership(db: Session, erg_id: UUID, person_id: UUID) -> Membership | None:
    """The stretch of belonging that ended last."""
    return db.scalar(
        select(Membership)
        .where(
            Membership.erg_id == erg_id,
            Membership.person_id == person_id,
            Membership.ended_at.is_not(None),
        )
        .order_by(Membership.ended_at.desc())
        .limit(1)
    )


def requests(db: Session, erg_id: UUID, limit: int = 100) -> list[tuple[Membership, str | None]]:
    """Open requests with the requester's name, oldest first; None stands for an alias."""
    return open_requests(db, [erg_id], limit)


def open_requests(
    db: Session, erg_ids: Iterable[UUID], limit: int = 100
) -> list[tuple[Membership, str | None]]:
    """The same for some groups at once."""
    rows = db.execute(
        select(Membership, Person.name, Erg.roster)
        .join(Person, Person.id == Membership.person_id)
        .join(Erg, Erg.id == Membership.erg_id)
        .where(Membership.erg_id.in_(list(erg_ids)), Membership.state == MembershipState.REQUESTED)
        .order_by(Membership.asked_at, Membership.id)
        .limit(limit)
    )
    return [(row, name if _leads_see(row, roster) else None) for row, name, roster in rows]


def _leads_see(row: Membership, roster: Visibility) -> bool:
    return is_visible(roster, row.visibility, Viewer.LEAD)


@dataclass(frozen=True, slots=True)
class Request:
    """A request to join as a lead may handle it."""

    erg: Erg
    row: Membership


def request_for(db: Session, actor: Actor, slug: str, request_id: UUID) -> Request | None:
    """A request of a group that the actor may see."""
    erg = erg_for(db, actor, slug)
    row = db.get(Membership, request_id)
    if erg is None or row is None or row.erg_id != erg.id:
        return None
    return Request(erg, row)


def waiting_requests(db: Session, led: Iterable[UUID]) -> list[Row[Any]]:
    """(group, how many ask, since when) of the groups someone leads."""
    wanted = set(led)
    if not wanted:
        return []
    oldest = func.min(Membership.asked_at).label("at")
    counted = (
        select(Membership.erg_id, func.count().label("n"), oldest)
        .where(Membership.state == MembershipState.REQUESTED, Membership.erg_id.in_(wanted))
        .group_by(Membership.erg_id)
        .subquery()
    )
    rows = db.execute(
        select(Erg, counted.c.n, counted.c.at)
        .join(counted, counted.c.erg_id == Erg.id)
        .options(joinedload(Erg.texts))
    )
    return list(rows.unique())


def chosen_chapters(db: Session, membership_id: UUID) -> set[UUID]:
    """The chapters a member chose."""
    return set(
        db.scalars(
            select(MembershipChapter.chapter_id).where(
                MembershipChapter.membership_id == membership_id
            )
        )
    )


def any_open(db: Session, person_id: UUID) -> list[Membership]:
    """All memberships, requests and invitations of a person that have not ended."""
    return list(
        db.scalars(
            select(Membership)
            .where(Membership.person_id == person_id, Membership.ended_at.is_(None))
            .order_by(Membership.erg_id)
        )
    )


def readers(db: Session, erg_id: UUID, chapter_id: UUID | None = None) -> list[UUID]:
    """Who belongs to a group (or to one of its chapters) and wants its news; for sending only."""
    chosen = select(Membership.person_id).where(
        Membership.erg_id == erg_id,
        Membership.state == MembershipState.ACTIVE,
        Membership.news == News.DIGEST,
    )
    if chapter_id is not None:
        chosen = chosen.join(
            MembershipChapter, MembershipChapter.membership_id == Membership.id
        ).where(MembershipChapter.chapter_id == chapter_id)
    return list(db.scalars(chosen.order_by(Membership.person_id)))
