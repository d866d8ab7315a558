"""Who belongs and who does what, as far as a reader may see it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    SQLColumnExpression,
    Uuid,
    and_,
    bindparam,
    func,
    or_,
    select,
)
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
    asked = {"erg": erg.id, "seen_by": list(SEEN_BY[viewer]), "skip": (number - 1) * PAGE}
    found = search.ids("people", q)
    if found is not None:
        seen = found.where(_belongs(found.selected_columns[0]))
        part = db.execute(_found().where(Person.id.in_(seen)), asked).all()
        total = part[0][1] if part else 0
    else:
        total = db.scalar(_named(), asked) or 0
        part = db.execute(_of_few() if total <= MANY else _of_many(), asked).all()
    rows = db.execute(_drawn(), {**asked, "ids": [row[0] for row in part]})
    return Roster(list(rows.all()), total, number)


# Building these statements costs more than running them, so each is built once.


def _seen() -> ColumnElement[bool]:
    return and_(
        Membership.erg_id == bindparam("erg", type_=Uuid()),
        Membership.state == MembershipState.ACTIVE,
        Membership.visibility.in_(
            bindparam("seen_by", expanding=True, type_=Membership.visibility.type)
        ),
    )


@cache
def _named() -> Select[tuple[int]]:
    """How many are seen: all, from the index alone, less the few without a name."""
    everybody = select(func.count()).select_from(Membership).where(_seen()).scalar_subquery()
    nameless = select(Person.id).where(Person.name.is_(None), _belongs(Person.id)).subquery()
    without = select(func.count()).select_from(nameless).scalar_subquery()
    return select(everybody - without)


def _belongs(person_id: SQLColumnExpression[UUID]) -> ColumnElement[bool]:
    """Whether a person is among those seen; one probe of the index of open memberships."""
    return (
        select(Membership.id)
        .where(_seen(), Membership.person_id == person_id, Membership.ended_at.is_(None))
        .correlate_except(Membership)
        .exists()
    )


def _on_the_page(chosen: Select[Any]) -> Select[Any]:
    by_name = chosen.where(Person.name.is_not(None)).order_by(Person.name, Person.id)
    return by_name.limit(PAGE).offset(bindparam("skip"))


@cache
def _found() -> Select[Any]:
    """A page of those found and seen, and how many they are; nobody else is even looked up."""
    return _on_the_page(select(Person.id, func.count().over()))


@cache
def _of_many() -> Select[Any]:
    """Along the index of names until a page is full."""
    return _on_the_page(select(Person.id).where(_belongs(Person.id)))


@cache
def _of_few() -> Select[Any]:
    """Membership by membership, to be sorted."""
    of_members = select(Person.id).join(Membership, Membership.person_id == Person.id)
    return _on_the_page(of_members.where(_seen()))


@cache
def _drawn() -> Select[Any]:
    return (
        select(Membership, Person.name, Person.job_title)
        .join(Person, Person.id == Membership.person_id)
        .where(
            _seen(),
            Membership.ended_at.is_(None),
            Person.id.in_(bindparam("ids", expanding=True, type_=Uuid())),
        )
        .order_by(Person.name, Person.id)
    )
