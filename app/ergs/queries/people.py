"""Who belongs and who does what, as far as a reader may see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, func, or_, select
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
    chosen = (
        select(Membership, Person.name, Person.job_title, func.count().over())
        .join(Person, Person.id == Membership.person_id)
        .where(
            Membership.erg_id == erg.id,
            Membership.state == MembershipState.ACTIVE,
            Membership.visibility.in_(SEEN_BY[viewer]),
            Person.name.is_not(None),
        )
    )
    if (found := search.ids("people", q)) is not None:
        chosen = chosen.where(Person.id.in_(found))
    rows = db.execute(
        chosen.order_by(Person.name, Membership.id).limit(PAGE).offset((number - 1) * PAGE)
    ).all()
    return Roster(list(rows), rows[0][3] if rows else 0, number)
