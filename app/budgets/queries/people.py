"""Who decides about a group's money, and under which name they appear."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from app.accounts.models import OrgRole, Person
from app.accounts.rules import OrgRoleName
from app.core import clock
from app.core.policies import Actor
from app.ergs.models import Chapter, Erg, Membership, RoleGrant
from app.ergs.queries import standing, standing_of
from app.ergs.rules import (
    LEADING,
    SEEN_BY,
    MembershipState,
    RoleName,
    RoleState,
    is_in_force,
    is_visible,
)

HANDLING = (RoleName.LEAD, RoleName.CO_LEAD, RoleName.TREASURER)


def is_org_admin(db: Session, person_id: UUID) -> bool:
    """Whether a person is an administrator of the organization today, asked fresh."""
    today = clock.now().date()
    rows = db.execute(
        select(OrgRole.starts_on, OrgRole.ends_on).where(
            OrgRole.person_id == person_id, OrgRole.role == OrgRoleName.ORG_ADMIN
        )
    )
    return any(is_in_force(starts, ends, today) for starts, ends in rows)


def handles_money(db: Session, person_id: UUID, erg_id: UUID) -> bool:
    """Whether a person decides about a group's money today, asked fresh."""
    return standing_of(db, person_id).holds(erg_id, *HANDLING)


def asks_for_money(db: Session, person_id: UUID, erg_id: UUID) -> bool:
    """Whether a person may ask: also the leads of chapters; asked fresh."""
    mine = standing_of(db, person_id)
    chapters = set(db.scalars(select(Chapter.id).where(Chapter.erg_id == erg_id)))
    return mine.holds(erg_id, *HANDLING) or leads_any(mine.chapter_roles, chapters)


def leads_any(roles: dict[UUID, frozenset[RoleName]], chapters: Iterable[UUID]) -> bool:
    """Whether somebody leads one of some chapters."""
    return any(roles.get(chapter, frozenset()) & LEADING for chapter in chapters)


def handlers_of(db: Session, erg_id: UUID) -> list[UUID]:
    """Who decides about a group's money today."""
    today = clock.now().date()
    grants = db.scalars(
        select(RoleGrant)
        .where(
            RoleGrant.erg_id == erg_id,
            RoleGrant.chapter_id.is_(None),
            RoleGrant.role.in_(HANDLING),
            RoleGrant.state == RoleState.ACTIVE,
        )
        .order_by(RoleGrant.id)
    )
    found = [g.person_id for g in grants if is_in_force(g.starts_on, g.ends_on, today)]
    return list(dict.fromkeys(found))


def shown_names(
    db: Session, actor: Actor, erg: Erg, people: Iterable[UUID | None]
) -> dict[UUID, str]:
    """The names of those who act for a group as far as this reader may know that they belong.

    Who is missing here appears under an alias. A role makes its holder known, unless the person
    hides the membership; everybody knows themselves.
    """
    wanted = {person for person in people if person is not None}
    if not wanted:
        return {}
    viewer = standing(db, actor).viewer(erg.id)
    rows = db.execute(
        select(Person.id, Person.name, Membership.visibility, has_role(erg))
        .outerjoin(
            Membership,
            and_(
                Membership.person_id == Person.id,
                Membership.erg_id == erg.id,
                Membership.state == MembershipState.ACTIVE,
            ),
        )
        .where(Person.id.in_(wanted), Person.name.is_not(None))
    )
    return {
        person: name
        for person, name, own, holds in rows
        if person == actor.person_id
        or (own is not None and is_visible(erg.roster, own, viewer))
        or (own is not None and holds and own in SEEN_BY[viewer])
    }


def has_role(erg: Erg) -> Any:
    """Whether the person of the outer select has a role in a group."""
    return (
        select(RoleGrant.id)
        .where(
            RoleGrant.erg_id == erg.id,
            RoleGrant.person_id == Person.id,
            RoleGrant.state == RoleState.ACTIVE,
        )
        .correlate(Person)
        .exists()
    )
