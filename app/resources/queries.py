"""Named selects about resources; what a reader may not open is not found."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.accounts.models import Person
from app.core import clock, search
from app.core.policies import Actor
from app.ergs import queries as ergs
from app.ergs.models import Erg, Membership, RoleGrant
from app.ergs.queries import Standing
from app.ergs.rules import (
    LEADING,
    SEEN_BY,
    Discovery,
    ErgState,
    MembershipState,
    RoleName,
    RoleState,
    Viewer,
    Visibility,
    is_in_force,
)
from app.resources.models import Resource, ResourceTag, ResourceText, ResourceVersion
from app.resources.rules import Access, can_open, is_overdue

PAGE = 20
HITS = 10
KEEPING = (*LEADING, RoleName.COMMS)
WRITABLE = (ErgState.ACTIVE, ErgState.DORMANT)


def keeps(mine: Standing, erg_id: UUID) -> bool:
    """Whether somebody looks after all resources of a group."""
    return mine.holds(erg_id, *KEEPING)


def viewer_of(mine: Standing, erg_id: UUID) -> Viewer:
    """How close a reader stands; whoever keeps the resources sees all of them."""
    return Viewer.LEAD if keeps(mine, erg_id) else mine.viewer(erg_id)


@dataclass(frozen=True, slots=True)
class Kept:
    """A resource as a reader finds it."""

    erg: Erg
    resource: Resource
    viewer: Viewer
    may_change: bool


def resource_for(db: Session, actor: Actor, slug: str, resource_id: UUID) -> Kept | None:
    """A resource by its address; None where the actor may not open it, or it is retired."""
    erg = ergs.erg_for(db, actor, slug)
    if erg is None:
        return None
    found = db.scalars(
        _whole(select(Resource)).where(Resource.id == resource_id, Resource.erg_id == erg.id)
    ).unique()
    resource, mine = found.one_or_none(), ergs.standing(db, actor)
    if resource is None:
        return None
    viewer = viewer_of(mine, erg.id)
    may_change = viewer is Viewer.LEAD or (
        resource.owner_id == actor.person_id and erg.id in mine.member_of
    )
    if not may_change and (
        resource.retired_at or not can_open(resource.access, viewer, is_discreet=erg.is_discreet)
    ):
        return None
    return Kept(erg, resource, viewer, may_change)


def _whole(chosen: Select[Any]) -> Select[Any]:
    return chosen.options(
        joinedload(Resource.texts),
        joinedload(Resource.tags),
        selectinload(Resource.versions).joinedload(ResourceVersion.file),
    )


@dataclass(frozen=True, slots=True)
class OneVersion:
    """A version of a resource as a reader finds it."""

    kept: Kept
    version: ResourceVersion


def version_for(
    db: Session, actor: Actor, slug: str, resource_id: UUID, version_id: UUID
) -> OneVersion | None:
    """A version by its address; of what was withdrawn or is not clean only the keepers know."""
    kept = resource_for(db, actor, slug, resource_id)
    if kept is None:
        return None
    found = next((v for v in kept.resource.versions if v.id == version_id), None)
    if found is None or not (found.is_ready or kept.may_change):
        return None
    return OneVersion(kept, found)


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of resources."""

    rows: list[Resource]
    total: int
    number: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // PAGE))


def readable(erg: Erg, viewer: Viewer, *, retired: bool = False) -> Select[Any]:
    """The ids of what a viewer may open in a group."""
    opened = [a for a in Access if can_open(a, viewer, is_discreet=erg.is_discreet)]
    gone = Resource.retired_at.is_not(None) if retired else Resource.retired_at.is_(None)
    return select(Resource.id).where(Resource.erg_id == erg.id, Resource.access.in_(opened), gone)


def listing(
    db: Session,
    actor: Actor,
    erg: Erg,
    *,
    q: str = "",
    tag: str = "",
    locale: str = "",
    retired: bool = False,
    number: int = 1,
) -> Listing:
    """What a reader may open in a group, what changed last first."""
    viewer = viewer_of(ergs.standing(db, actor), erg.id)
    is_shown = retired and viewer is Viewer.LEAD
    chosen = readable(erg, viewer, retired=is_shown)
    if (found := search.ids("resources", q)) is not None:
        chosen = chosen.where(Resource.id.in_(found))
    if tag:
        chosen = chosen.where(
            Resource.id.in_(select(ResourceTag.resource_id).where(ResourceTag.tag == tag))
        )
    if locale:
        spoken = select(ResourceVersion.resource_id).where(
            ResourceVersion.locale == locale, ResourceVersion.withdrawn_at.is_(None)
        )
        chosen = chosen.where(Resource.id.in_(spoken))
    rows = db.execute(
        _whole(select(Resource, func.count().over()))
        .where(Resource.id.in_(chosen))
        .order_by(Resource.changed_at.desc(), Resource.id)
        .limit(PAGE)
        .offset((number - 1) * PAGE)
    ).unique()
    found_rows = rows.all()
    return Listing([row[0] for row in found_rows], found_rows[0][1] if found_rows else 0, number)


def tags_in(db: Session, erg: Erg, viewer: Viewer) -> list[str]:
    """The tags of what a viewer may open."""
    return list(
        db.scalars(
            select(ResourceTag.tag)
            .where(ResourceTag.resource_id.in_(readable(erg, viewer)))
            .distinct()
            .order_by(ResourceTag.tag)
        )
    )


def keepers(db: Session, erg: Erg) -> list[tuple[UUID, str]]:
    """Who can look after a resource: leads and communications who show that they belong."""
    today = clock.now().date()
    rows = db.execute(
        select(RoleGrant, Person.name)
        .join(Person, Person.id == RoleGrant.person_id)
        .join(
            Membership,
            (Membership.person_id == Person.id)
            & (Membership.erg_id == RoleGrant.erg_id)
            & Membership.ended_at.is_(None),
        )
        .where(
            RoleGrant.erg_id == erg.id,
            RoleGrant.chapter_id.is_(None),
            RoleGrant.role.in_(KEEPING),
            RoleGrant.state == RoleState.ACTIVE,
            Membership.visibility.in_(SEEN_BY[Viewer.LEAD]),
            Membership.state == MembershipState.ACTIVE,
        )
        .order_by(Person.name, Person.id)
    )
    found = {
        grant.person_id: name or ""
        for grant, name in rows
        if is_in_force(grant.starts_on, grant.ends_on, today)
    }
    return list(found.items())


def overdue_for(db: Session, actor: Actor) -> list[tuple[Erg, Resource]]:
    """What should have been looked at: of the groups whose resources the actor keeps, or theirs."""
    mine = ergs.standing(db, actor)
    kept = [erg_id for erg_id in mine.roles if keeps(mine, erg_id)]
    if actor.person_id is None or not (kept or mine.member_of):
        return []
    rows = db.execute(
        select(Erg, Resource)
        .join(Resource, Resource.erg_id == Erg.id)
        .where(
            Resource.review_on < clock.now().date(),
            Resource.retired_at.is_(None),
            or_(
                Resource.erg_id.in_(kept),
                (Resource.owner_id == actor.person_id) & Resource.erg_id.in_(mine.member_of),
            ),
        )
        .order_by(Resource.review_on, Resource.id)
        .limit(PAGE)
        .options(joinedload(Erg.texts), joinedload(Resource.texts))
    ).unique()
    today = clock.now().date()
    return [(erg, r) for erg, r in rows if is_overdue(r.review_on, today)]


def _is_open_to(mine: Standing) -> ColumnElement[bool]:
    """What somebody may open in any group; joined with the group."""
    kept = [erg_id for erg_id in mine.roles if keeps(mine, erg_id)]
    is_open = (
        Erg.says_sensitive.is_(False)
        & Erg.roster.not_in((Visibility.NOBODY, Visibility.LEADS))
        & (Erg.discovery == Discovery.LISTED)
        & Erg.state.in_(WRITABLE)
    )
    return Resource.retired_at.is_(None) & or_(
        Resource.erg_id.in_(kept),
        Resource.erg_id.in_(mine.member_of) & (Resource.access != Access.LEADS),
        is_open & (Resource.access == Access.COMPANY),
    )


def near(db: Session, actor: Actor, beginnings: Collection[str]) -> list[tuple[Erg, Resource]]:
    """What the actor may open that shares words with something, the most of them first."""
    if not beginnings or actor.is_external:
        return []
    alike = search.by_any("resources", beginnings).subquery()
    rows = db.execute(
        select(Erg, Resource)
        .join(Resource, Resource.erg_id == Erg.id)
        .join(alike, alike.c.subject_id == Resource.id)
        .where(_is_open_to(ergs.standing(db, actor)))
        .order_by(alike.c.hits.desc(), Resource.changed_at.desc(), Resource.id)
        .limit(2 * HITS)
        .options(joinedload(Erg.texts), joinedload(Resource.texts), joinedload(Resource.tags))
    ).unique()
    return [(erg, resource) for erg, resource in rows]


def found_by(db: Session, actor: Actor, q: str) -> list[tuple[Erg, Resource]]:
    """What the actor may open in any group, by words, for the search of everything."""
    found = search.ids("resources", q)
    if found is None or actor.is_external:
        return []
    rows = db.execute(
        select(Erg, Resource)
        .join(Resource, Resource.erg_id == Erg.id)
        .where(Resource.id.in_(found), _is_open_to(ergs.standing(db, actor)))
        .order_by(Resource.changed_at.desc(), Resource.id)
        .limit(HITS)
        .options(joinedload(Erg.texts), joinedload(Resource.texts))
    ).unique()
    return [(erg, resource) for erg, resource in rows]


def text_in(resource: Resource, locale: str | None) -> ResourceText | None:
    """The words in a language, else in the source's, else any."""
    by_locale = {text.locale: text for text in resource.texts}
    return (
        by_locale.get(locale or "")
        or by_locale.get(resource.source)
        or next(iter(resource.texts), None)
    )
