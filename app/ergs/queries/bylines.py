"""Under which name somebody who wrote or decided something in a group appears to a reader."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.core import clock
from app.ergs.models import Erg, Membership, RoleGrant
from app.ergs.rules import (
    SEEN_BY,
    RoleName,
    RoleState,
    Viewer,
    Visibility,
    alias,
    is_in_force,
    is_visible,
)


def bylines(
    db: Session, erg: Erg, people: Collection[UUID], *, viewer: Viewer, reader: UUID | None
) -> dict[UUID, str]:
    """Names as the reader may see them, in one statement; whoever hides belonging has an alias."""
    return {
        each.person_id: _name(
            each.name,
            each.membership_id,
            is_shown=each.person_id == reader or _is_shown(erg, each, viewer),
        )
        for each in _people(db, erg.id, people)
    }


def public_id(db: Session, erg: Erg, person_id: UUID | None) -> UUID | None:
    """The person for the audit log; None where naming them would tell who belongs."""
    found = _people(db, erg.id, [person_id] if person_id else [])
    return person_id if found and _is_shown(erg, found[0], Viewer.COLLEAGUE) else None


@dataclass(slots=True)
class _Who:
    person_id: UUID
    name: str | None
    membership_id: UUID | None
    visibility: Visibility | None
    roles: set[RoleName] = field(default_factory=set)


def _is_shown(erg: Erg, who: _Who, viewer: Viewer) -> bool:
    if RoleName.SPONSOR in who.roles:
        return True
    if who.visibility is None:
        return False
    if who.roles:
        return who.visibility in SEEN_BY[viewer]
    return is_visible(erg.roster, who.visibility, viewer)


def _name(name: str | None, membership_id: UUID | None, *, is_shown: bool) -> str:
    if is_shown:
        return name or str(_("Somebody who has left"))
    if membership_id is None:
        return str(_("Somebody of the organization"))
    return str(_("Person %(alias)s", alias=alias(membership_id)))


def _people(db: Session, erg_id: UUID, people: Collection[UUID]) -> list[_Who]:
    """Each person with their newest membership, an open one first, and the roles they hold."""
    if not people:
        return []
    today = clock.now().date()
    found: dict[UUID, _Who] = {}
    for person_id, name, membership_id, visibility, role, starts_on, ends_on in db.execute(
        _rows(erg_id, people)
    ):
        who = found.setdefault(person_id, _Who(person_id, name, membership_id, visibility))
        if role is not None and is_in_force(starts_on, ends_on, today):
            who.roles.add(role)
    return list(found.values())


def _rows(erg_id: UUID, people: Collection[UUID]) -> Any:
    belongs = and_(Membership.person_id == Person.id, Membership.erg_id == erg_id)
    holds = and_(
        RoleGrant.person_id == Person.id,
        RoleGrant.erg_id == erg_id,
        RoleGrant.state == RoleState.ACTIVE,
    )
    return (
        select(
            Person.id,
            Person.name,
            Membership.id,
            Membership.visibility,
            RoleGrant.role,
            RoleGrant.starts_on,
            RoleGrant.ends_on,
        )
        .outerjoin(Membership, belongs)
        .outerjoin(RoleGrant, holds)
        .where(Person.id.in_(people))
        .order_by(Membership.ended_at.is_not(None), Membership.ended_at.desc())
    )
