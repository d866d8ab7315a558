"""Named selects about groups; what a reader may not see is not found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, func, literal, or_, select, union_all
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from app.accounts.models import Person
from app.core import clock, search
from app.core.policies import Actor
from app.ergs.models import Chapter, Erg, ErgText, Membership, MembershipChapter, RoleGrant
from app.ergs.rules import (
    LEADING,
    SEEN_BY,
    Discovery,
    ErgState,
    MembershipState,
    Region,
    RoleName,
    RoleState,
    TextStatus,
    Viewer,
    Visibility,
    is_in_force,
    is_visible,
)

PAGE = 20


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a person stands in all groups: open memberships and roles for whole groups."""

    memberships: dict[UUID, MembershipState] = field(default_factory=dict)
    roles: dict[UUID, frozenset[RoleName]] = field(default_factory=dict)

    @property
    def member_of(self) -> set[UUID]:
        """The groups the person belongs to today."""
        active = MembershipState.ACTIVE
        return {erg_id for erg_id, state in self.memberships.items() if state is active}

    @property
    def led(self) -> set[UUID]:
        """The groups the person leads today."""
        return {erg_id for erg_id, roles in self.roles.items() if roles & LEADING}

    @property
    def known(self) -> set[UUID]:
        """The groups whose existence is no secret to the person."""
        return set(self.memberships) | set(self.roles)

    def viewer(self, erg_id: UUID) -> Viewer:
        """How close the person stands to one group."""
        if erg_id in self.led:
            return Viewer.LEAD
        return Viewer.MEMBER if erg_id in self.member_of else Viewer.COLLEAGUE


def standing_of(db: Session, person_id: UUID | None) -> Standing:
    """Where a person stands, in one statement, fresh."""
    if person_id is None:
        return Standing()
    memberships: dict[UUID, MembershipState] = {}
    roles: dict[UUID, set[RoleName]] = {}
    today = clock.now().date()
    for erg_id, state, role, starts_on, ends_on in db.execute(_standing_rows(person_id)):
        if state is not None:
            memberships[erg_id] = state
        elif is_in_force(starts_on, ends_on, today):
            roles.setdefault(erg_id, set()).add(role)
    return Standing(memberships, {erg_id: frozenset(held) for erg_id, held in roles.items()})


def _standing_rows(person_id: UUID):  # type: ignore[no-untyped-def]
    of_memberships = (
        select(
            Membership.erg_id,
            Membership.state,
            RoleGrant.role,
            RoleGrant.starts_on,
            RoleGrant.ends_on,
        )
        .outerjoin(RoleGrant, literal(False))
        .where(Membership.person_id == person_id, Membership.ended_at.is_(None))
    )
    of_roles = (
        select(
            RoleGrant.erg_id,
            Membership.state,
            RoleGrant.role,
            RoleGrant.starts_on,
            RoleGrant.ends_on,
        )
        .outerjoin(Membership, literal(False))
        .where(
            RoleGrant.person_id == person_id,
            RoleGrant.state == RoleState.ACTIVE,
            RoleGrant.chapter_id.is_(None),
        )
    )
    return union_all(of_memberships, of_roles)


def standing(db: Session, actor: Actor) -> Standing:
    """The reader's standing, remembered for the request; for pages and guards, not for services."""
    key = ("standing", actor.person_id)
    if key not in db.info:
        db.info[key] = standing_of(db, actor.person_id)
    return cast(Standing, db.info[key])


def erg_for(db: Session, actor: Actor, slug: str) -> Erg | None:
    """A group by its address with all texts and chapters; hidden and absent alike are None."""
    found = (
        db.scalars(
            select(Erg)
            .where(Erg.slug == slug)
            .options(joinedload(Erg.texts), joinedload(Erg.chapters))
        )
        .unique()
        .one_or_none()
    )
    mine = standing(db, actor)
    if found is None or not _is_open_to(found, actor, mine):
        return None
    return found


def _is_open_to(erg: Erg, actor: Actor, mine: Standing) -> bool:
    if actor.has("org_admin") or erg.id in mine.known:
        return True
    is_published = erg.state in (ErgState.ACTIVE, ErgState.DORMANT)
    return is_published and erg.discovery is not Discovery.HIDDEN


@dataclass(frozen=True, slots=True)
class Line:
    """A group in the directory; `shown` counts whom every colleague may see, None if sensitive."""

    erg: Erg
    shown: int | None


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list."""

    lines: list[Line]
    total: int
    number: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // PAGE))


def directory(
    db: Session,
    actor: Actor,
    *,
    tag: str,
    q: str = "",
    region: Region | None = None,
    mine_only: bool = False,
    number: int = 1,
) -> Listing:
    """The groups a reader finds, by name in their language."""
    mine = standing(db, actor)
    chosen = listed_for(actor, mine, mine_only=mine_only)
    found = search.ids("ergs", q)
    if found is not None:
        chosen = chosen.where(Erg.id.in_(found))
    if region:
        chosen = chosen.where(Erg.id.in_(select(Chapter.erg_id).where(Chapter.region == region)))
    rows = db.execute(
        chosen.add_columns(func.count().over())
        .order_by(_name_in(tag), Erg.slug)
        .limit(PAGE)
        .offset((number - 1) * PAGE)
        .options(selectinload(Erg.texts))
    ).all()
    shown = _shown_to_all(db, [erg.id for erg, _total in rows])
    lines = [Line(erg, None if erg.is_sensitive else shown.get(erg.id, 0)) for erg, _ in rows]
    return Listing(lines, rows[0][1] if rows else 0, number)


def listed_for(actor: Actor, mine: Standing, *, mine_only: bool = False) -> Select[Erg]:
    """The groups that a reader finds without having their address."""
    if mine_only:
        return select(Erg).where(Erg.id.in_(mine.known))
    listed = and_(
        Erg.state.in_((ErgState.ACTIVE, ErgState.DORMANT)), Erg.discovery == Discovery.LISTED
    )
    if actor.has("org_admin"):
        return select(Erg)
    return select(Erg).where(or_(listed, Erg.id.in_(mine.known)))


def _shown_to_all(db: Session, erg_ids: list[UUID]) -> dict[UUID, int]:
    """How many members every colleague may see; confidential ones change nothing."""
    rows = db.execute(
        select(Membership.erg_id, func.count())
        .join(Erg, Erg.id == Membership.erg_id)
        .where(
            Membership.erg_id.in_(erg_ids),
            Membership.state == MembershipState.ACTIVE,
            Membership.visibility == Visibility.COMPANY,
            Erg.roster == Visibility.COMPANY,
        )
        .group_by(Membership.erg_id)
    )
    return {row[0]: row[1] for row in rows}


def _name_in(tag: str) -> ColumnElement[str]:
    wanted, source = aliased(ErgText), aliased(ErgText)
    return func.coalesce(
        select(wanted.sort_key)
        .where(wanted.erg_id == Erg.id, wanted.locale == tag)
        .correlate(Erg)
        .scalar_subquery(),
        select(func.min(source.sort_key))
        .where(source.erg_id == Erg.id, source.status == TextStatus.SOURCE)
        .correlate(Erg)
        .scalar_subquery(),
    )


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
        if is_in_force(grant.starts_on, grant.ends_on, today)
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
    rows = db.execute(
        select(Membership, Person.name, Erg.roster)
        .join(Person, Person.id == Membership.person_id)
        .join(Erg, Erg.id == Membership.erg_id)
        .where(Membership.erg_id == erg_id, Membership.state == MembershipState.REQUESTED)
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


def leads_of(db: Session, erg_id: UUID) -> list[UUID]:
    """Who leads the whole group today."""
    today = clock.now().date()
    grants = db.scalars(
        select(RoleGrant)
        .where(
            RoleGrant.erg_id == erg_id,
            RoleGrant.chapter_id.is_(None),
            RoleGrant.role.in_(LEADING),
            RoleGrant.state == RoleState.ACTIVE,
        )
        .order_by(RoleGrant.id)
    )
    in_force = [g.person_id for g in grants if is_in_force(g.starts_on, g.ends_on, today)]
    return list(dict.fromkeys(in_force))


def leads(db: Session, person_id: UUID | None, erg_id: UUID) -> bool:
    """Whether a person leads a group today, asked fresh."""
    return erg_id in standing_of(db, person_id).led


def belongs(db: Session, person_id: UUID | None, erg_ids: Iterable[UUID]) -> bool:
    """Whether a person belongs to any of these groups today, asked fresh."""
    return not standing_of(db, person_id).member_of.isdisjoint(erg_ids)


def members_among(db: Session, erg_ids: Iterable[UUID], people: Iterable[UUID]) -> set[UUID]:
    """Those of some people who belong to any of these groups; for rules, never for display."""
    wanted = list(people)
    if not wanted:
        return set()
    return set(
        db.scalars(
            select(Membership.person_id).where(
                Membership.erg_id.in_(list(erg_ids)),
                Membership.person_id.in_(wanted),
                Membership.state == MembershipState.ACTIVE,
            )
        )
    )


def chosen_chapters(db: Session, membership_id: UUID) -> set[UUID]:
    """The chapters a member chose."""
    return set(
        db.scalars(
            select(MembershipChapter.chapter_id).where(
                MembershipChapter.membership_id == membership_id
            )
        )
    )


def by_slug(db: Session, slug: str) -> Erg | None:
    """A group by its address, for seeds and jobs that act for nobody."""
    return db.scalar(select(Erg).where(Erg.slug == slug))


def any_open(db: Session, person_id: UUID) -> list[Membership]:
    """All memberships, requests and invitations of a person that have not ended."""
    return list(
        db.scalars(
            select(Membership)
            .where(Membership.person_id == person_id, Membership.ended_at.is_(None))
            .order_by(Membership.erg_id)
        )
    )
