"""Who belongs and who does what, as far as a reader may see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, func, literal, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.core import clock, search
from app.ergs.models import Erg, Membership, RoleGrant
from app.ergs.queries.groups import PAGE
from app.ergs.rules import (
    SEEN_BY,
    MembershipState,
    RoleName,
    RoleState,
    Viewer,
)
from app.ergs.rules.terms import holds

MANY = 2_000


@dataclass(frozen=True, slots=True)
class RoleHolder:
    """Somebody who does something for a group, as the group's page names them."""

    role: RoleName
    name: str
    chapter_id: UUID | None


def role_holders(db: Session, erg: Erg, viewer: Viewer) -> list[RoleHolder]:
    """Who leads and sponsors; taking a role makes it known, unless the person hides membership."""
    today = clock.now().date()
    open_row = and_(
        Membership.erg_id == RoleGrant.erg_id,
        Membership.ended_at.is_(None),
        Membership.person_id == RoleGrant.person_id,
    )
    rows = db.execute(
        select(RoleGrant, Person.name)
        .join(Person, Person.id == RoleGrant.person_id)
        .outerjoin(Membership, open_row)
        .where(
            RoleGrant.erg_id == erg.id,
            RoleGrant.state == RoleState.ACTIVE,
            or_(Membership.visibility.in_(SEEN_BY[viewer]), RoleGrant.role == RoleName.SPONSOR),
        )
        .order_by(Person.name, RoleGrant.id)
    )
    return [
        RoleHolder(grant.role, name or "", grant.chapter_id)
        for grant, name in rows
        if holds(grant.role, grant.starts_on, grant.ends_on, today)
    ]


@dataclass(frozen=True, slots=True)
class Roster:
    """One page of those members whom this reader may see."""

    rows: list[Row[Any]]
    total: int
    number: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // PAGE))


def roster(db: Session, erg: Erg, viewer: Viewer, *, q: str = "", number: int = 1) -> Roster:
    """(membership, name, job title) of the members a viewer may see, by name."""
    if erg.roster not in SEEN_BY[viewer]:
        return Roster([], 0, number)
    seen = and_(
        Membership.erg_id == erg.id,
        Membership.state == MembershipState.ACTIVE,
        Membership.visibility.in_(SEEN_BY[viewer]),
    )
    found = search.ids("people", q)
    if found is None:
        total = _named(db, seen)
        counted = literal(total)
    else:
        total, counted = 0, func.count().over()
    is_small = found is None and total <= MANY
    chosen = _people_of_few(seen) if is_small else _people(seen, found)
    part = db.execute(
        chosen.add_columns(counted)
        .order_by(Person.name, Person.id)
        .limit(PAGE)
        .offset((number - 1) * PAGE)
    ).all()
    total = part[0][1] if part else total
    rows = db.execute(
        select(Membership, Person.name, Person.job_title)
        .join(Person, Person.id == Membership.person_id)
        .where(seen, Membership.ended_at.is_(None), Person.id.in_([row[0] for row in part]))
        .order_by(Person.name, Person.id)
    )
    return Roster(list(rows.all()), total, number)


def _named(db: Session, seen: ColumnElement[bool]) -> int:
    """How many are seen: all, from the index alone, less the few without a name."""
    everybody = select(func.count()).select_from(Membership).where(seen).scalar_subquery()
    nameless = select(Person.id).where(Person.name.is_(None), _belongs(seen)).subquery()
    without = select(func.count()).select_from(nameless).scalar_subquery()
    return db.scalar(select(everybody - without)) or 0


def _belongs(seen: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a person is among those seen; one probe of the index of open memberships."""
    return (
        select(Membership.id)
        .where(seen, Membership.person_id == Person.id, Membership.ended_at.is_(None))
        .correlate(Person)
        .exists()
    )


def _people(seen: ColumnElement[bool], found: Select[UUID] | None) -> Select[UUID]:
    """Person by person: those found, or along the index of names until a page is full."""
    chosen = select(Person.id).where(Person.name.is_not(None), _belongs(seen))
    return chosen if found is None else chosen.where(Person.id.in_(found))


def _people_of_few(seen: ColumnElement[bool]) -> Select[UUID]:
    """Membership by membership, to be sorted."""
    return (
        select(Person.id)
        .join(Membership, Membership.person_id == Person.id)
        .where(seen, Person.name.is_not(None))
    )
