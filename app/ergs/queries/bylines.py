"""Under which name somebody who wrote or decided something in a group appears to a reader."""

from __future__ import annotations

from collections.abc import Collection
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
    """Names as the reader may see them, in two statements; whoever hides belonging has an alias."""
    if not people:
        return {}
    roles = _roles(db, erg.id, people)
    named: dict[UUID, str] = {}
    for person_id, name, membership_id, visibility in _memberships(db, erg.id, people):
        held = roles.get(person_id, set())
        is_shown = person_id == reader or _is_shown(erg, visibility, held, viewer)
        named.setdefault(person_id, _name(name, membership_id, is_shown=is_shown))
    return named


def _is_shown(
    erg: Erg, visibility: Visibility | None, roles: set[RoleName], viewer: Viewer
) -> bool:
    if RoleName.SPONSOR in roles:
        return True
    if visibility is None:
        return False
    if roles:
        return visibility in SEEN_BY[viewer]
    return is_visible(erg.roster, visibility, viewer)


def _name(name: str | None, membership_id: UUID | None, *, is_shown: bool) -> str:
    if is_shown:
        return name or str(_("Somebody who has left"))
    if membership_id is None:
        return str(_("Somebody of the organization"))
    return str(_("Person %(alias)s", alias=alias(membership_id)))


def public_id(db: Session, erg: Erg, person_id: UUID | None) -> UUID | None:
    """The person for the audit log; None where naming them would tell who belongs."""
    if person_id is None:
        return None
    held = _roles(db, erg.id, [person_id]).get(person_id, set())
    rows = _memberships(db, erg.id, [person_id])
    return person_id if rows and _is_shown(erg, rows[0][3], held, Viewer.COLLEAGUE) else None


def _memberships(db: Session, erg_id: UUID, people: Collection[UUID]) -> list[Any]:
    """(person, name, newest membership, its visibility), the open row first."""
    belongs = and_(Membership.person_id == Person.id, Membership.erg_id == erg_id)
    return list(
        db.execute(
            select(Person.id, Person.name, Membership.id, Membership.visibility)
            .outerjoin(Membership, belongs)
            .where(Person.id.in_(people))
            .order_by(Membership.ended_at.is_not(None), Membership.ended_at.desc())
        )
    )


def _roles(db: Session, erg_id: UUID, people: Collection[UUID]) -> dict[UUID, set[RoleName]]:
    today = clock.now().date()
    held: dict[UUID, set[RoleName]] = {}
    for grant in db.scalars(
        select(RoleGrant).where(
            RoleGrant.erg_id == erg_id,
            RoleGrant.person_id.in_(people),
            RoleGrant.state == RoleState.ACTIVE,
        )
    ):
        if is_in_force(grant.starts_on, grant.ends_on, today):
            held.setdefault(grant.person_id, set()).add(grant.role)
    return held
