"""Roles with their terms, proposals to take one away, and groups without a lead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, exists, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from app.accounts.models import OrgRole, Person
from app.accounts.rules import OrgRoleName, PersonKind, PersonStatus
from app.core import clock
from app.core.database import spelled
from app.core.policies import Actor
from app.ergs.models import Chapter, Erg, Membership, RoleGrant, RoleRemoval
from app.ergs.queries.groups import erg_for
from app.ergs.queries.standing import standing
from app.ergs.rules import (
    LEADING,
    ROLE_TRANSITIONS,
    ErgState,
    RoleState,
    Viewer,
    Visibility,
    is_visible,
)
from app.ergs.rules.terms import WARNINGS, RemovalState, is_near

HISTORY = 50


@dataclass(frozen=True, slots=True)
class Held:
    """A role with the names that leads see; `removal` is a proposal to take it away."""

    grant: RoleGrant
    name: str
    given_by: str | None
    removal: RoleRemoval | None
    removal_by: str | None


def roles_of(db: Session, erg_id: UUID) -> list[Held]:
    """All roles of a group, open ones first, then the newest of the past; for its leads."""
    person, giver, proposer = Person, aliased(Person), aliased(Person)
    is_open = RoleGrant.state.in_(tuple(ROLE_TRANSITIONS))
    removal = and_(RoleRemoval.grant_id == RoleGrant.id, RoleRemoval.state == RemovalState.OPEN)
    rows = db.execute(
        select(RoleGrant, person.name, giver.name, RoleRemoval, proposer.name)
        .join(person, person.id == RoleGrant.person_id)
        .outerjoin(giver, giver.id == RoleGrant.granted_by)
        .outerjoin(RoleRemoval, removal)
        .outerjoin(proposer, proposer.id == RoleRemoval.proposed_by)
        .where(RoleGrant.erg_id == erg_id)
        .order_by(case((is_open, 0), else_=1), RoleGrant.starts_on.desc(), RoleGrant.id)
        .limit(HISTORY)
    )
    return [Held(grant, name or "", *more) for grant, name, *more in rows]


@dataclass(frozen=True, slots=True)
class RoleAsked:
    """A role as the person concerned meets it."""

    erg: Erg
    grant: RoleGrant
    chapter: Chapter | None


def own_role(db: Session, actor: Actor, grant_id: UUID) -> RoleAsked | None:
    """A role that was given or proposed to the reader."""
    row = (
        db.execute(
            select(Erg, RoleGrant, Chapter)
            .join(RoleGrant, RoleGrant.erg_id == Erg.id)
            .outerjoin(Chapter, Chapter.id == RoleGrant.chapter_id)
            .where(RoleGrant.id == grant_id, RoleGrant.person_id == actor.person_id)
            .options(joinedload(Erg.texts))
        )
        .unique()
        .one_or_none()
    )
    return RoleAsked(*row) if row else None


def role_in(db: Session, actor: Actor, slug: str, grant_id: UUID) -> RoleAsked | None:
    """A role of a group that the reader sees."""
    erg = erg_for(db, actor, slug)
    grant = db.get(RoleGrant, grant_id)
    if erg is None or grant is None or grant.erg_id != erg.id:
        return None
    return RoleAsked(erg, grant, None)


def own_open_roles(db: Session, person_id: UUID | None) -> list[RoleAsked]:
    """Roles that wait for the person's answer, or that are theirs now."""
    rows = db.execute(
        select(Erg, RoleGrant, Chapter)
        .join(RoleGrant, RoleGrant.erg_id == Erg.id)
        .outerjoin(Chapter, Chapter.id == RoleGrant.chapter_id)
        .where(
            RoleGrant.person_id == person_id,
            RoleGrant.state.in_(tuple(ROLE_TRANSITIONS)),
        )
        .order_by(RoleGrant.starts_on, RoleGrant.id)
        .options(joinedload(Erg.texts))
    ).unique()
    return [RoleAsked(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Removal:
    """A proposal to take a role away, as a second person judges it."""

    erg: Erg
    grant: RoleGrant
    row: RoleRemoval
    name: str | None
    proposer: str
    leads: frozenset[UUID]

    @property
    def needs_admin(self) -> bool:
        """Whether no other lead is left to confirm: then an administrator of the company does."""
        return not self.leads - {self.row.proposed_by, self.grant.person_id}

    def concerns(self, person_id: UUID | None, *, is_admin: bool) -> bool:
        """Whether a person may read it."""
        return person_id in self.leads or (is_admin and self.needs_admin)

    def may_be_confirmed_by(self, person_id: UUID | None, *, is_admin: bool) -> bool:
        """Whether a person is the second one: neither the proposer nor the one concerned."""
        if person_id in (self.row.proposed_by, self.grant.person_id):
            return False
        is_open = self.row.state is RemovalState.OPEN
        return is_open and self.concerns(person_id, is_admin=is_admin)


def removal_for(db: Session, actor: Actor, removal_id: UUID) -> Removal | None:
    """A proposal in a group that the reader leads, or that needs an administrator."""
    is_admin = actor.has("org_admin")
    found = _removals(db, RoleRemoval.id == removal_id)
    return next((r for r in found if r.concerns(actor.person_id, is_admin=is_admin)), None)


def removals_to_confirm(db: Session, actor: Actor) -> list[Removal]:
    """The open proposals that wait for exactly this reader among others."""
    led, is_admin = standing(db, actor).led, actor.has("org_admin")
    if not led and not is_admin:
        return []
    mine = [] if is_admin else [RoleRemoval.erg_id.in_(led)]
    rows = _removals(db, spelled(RoleRemoval.state, RemovalState.OPEN), *mine)
    return [r for r in rows if r.may_be_confirmed_by(actor.person_id, is_admin=is_admin)]


def _removals(db: Session, *where: object) -> list[Removal]:
    proposer = aliased(Person)
    open_row = and_(
        Membership.erg_id == RoleGrant.erg_id,
        Membership.person_id == RoleGrant.person_id,
        Membership.ended_at.is_(None),
    )
    rows = db.execute(
        select(Erg, RoleGrant, RoleRemoval, Person.name, proposer.name, Membership.visibility)
        .join(RoleGrant, RoleGrant.erg_id == Erg.id)
        .join(RoleRemoval, RoleRemoval.grant_id == RoleGrant.id)
        .join(Person, Person.id == RoleGrant.person_id)
        .join(proposer, proposer.id == RoleRemoval.proposed_by)
        .outerjoin(Membership, open_row)
        .where(*where)  # type: ignore[arg-type]
        .order_by(RoleRemoval.proposed_at, RoleRemoval.id)
        .options(joinedload(Erg.texts))
    ).unique()
    found = list(rows)
    leads = _leads_by_group(db, {erg.id for erg, *_ in found})
    return [
        Removal(
            erg,
            grant,
            row,
            name if _is_named(erg, shown) else None,
            by or "",
            frozenset(leads.get(erg.id, ())),
        )
        for erg, grant, row, name, by, shown in found
    ]


def _is_named(erg: Erg, shown: Visibility | None) -> bool:
    """A lead who hides that they belong stays unnamed to an administrator."""
    return shown is None or is_visible(erg.roster, shown, Viewer.LEAD)


def _leads_by_group(db: Session, erg_ids: set[UUID]) -> dict[UUID, set[UUID]]:
    if not erg_ids:
        return {}
    found: dict[UUID, set[UUID]] = {}
    for erg_id, person_id in db.execute(
        select(RoleGrant.erg_id, RoleGrant.person_id).where(
            RoleGrant.erg_id.in_(erg_ids), *_leading_now()
        )
    ):
        found.setdefault(erg_id, set()).add(person_id)
    return found


def _leading_now() -> tuple[ColumnElement[bool], ...]:
    return (
        RoleGrant.chapter_id.is_(None),
        RoleGrant.role.in_(LEADING),
        RoleGrant.state == RoleState.ACTIVE,
        RoleGrant.starts_on <= clock.now().date(),
    )


def other_seats(db: Session, grant: RoleGrant) -> list[RoleGrant]:
    """The roles other than this one by which the same group is led today."""
    return list(
        db.scalars(
            select(RoleGrant).where(
                RoleGrant.erg_id == grant.erg_id, RoleGrant.id != grant.id, *_leading_now()
            )
        )
    )


def is_last_lead(db: Session, grant: RoleGrant, erg: Erg) -> bool:
    """Whether a living group would stand without a lead if this role ended."""
    if grant.role not in LEADING or grant.chapter_id is not None:
        return False
    is_in_force = grant.state is RoleState.ACTIVE and grant.starts_on <= clock.now().date()
    return is_in_force and erg.state is not ErgState.ARCHIVED and not other_seats(db, grant)


def groups_with_due_terms(db: Session, today: date) -> list[UUID]:
    """The groups in which a day does something to a role or to a proposal."""
    soon = today + timedelta(days=max(WARNINGS))
    of_roles = select(RoleGrant.erg_id).where(
        or_(
            and_(RoleGrant.state == RoleState.PROPOSED, RoleGrant.answer_by < today),
            and_(RoleGrant.state == RoleState.SHADOW, RoleGrant.starts_on <= today),
            and_(RoleGrant.state == RoleState.ACTIVE, RoleGrant.ends_on <= soon),
        )
    )
    of_removals = select(RoleRemoval.erg_id).where(
        RoleRemoval.state == RemovalState.OPEN, RoleRemoval.expires_on < today
    )
    return list(db.scalars(of_roles.union(of_removals).order_by("erg_id")))


def org_admins(db: Session) -> list[UUID]:
    """Who administers the organization today."""
    today = clock.now().date()
    return list(
        db.scalars(
            select(OrgRole.person_id)
            .join(Person, Person.id == OrgRole.person_id)
            .where(
                OrgRole.role == OrgRoleName.ORG_ADMIN,
                OrgRole.starts_on <= today,
                or_(OrgRole.ends_on.is_(None), OrgRole.ends_on >= today),
                Person.status == PersonStatus.ACTIVE,
                Person.kind == PersonKind.EMPLOYEE,
            )
            .order_by(OrgRole.person_id)
        )
    )


def without_lead(db: Session) -> list[Erg]:
    """Living groups that nobody leads; for administrators, who have to appoint somebody."""
    leading = exists().where(RoleGrant.erg_id == Erg.id, *_leading_now())
    return list(
        db.scalars(
            select(Erg)
            .where(Erg.state.in_((ErgState.ACTIVE, ErgState.DORMANT)), ~leading)
            .order_by(Erg.slug)
            .options(joinedload(Erg.texts))
        ).unique()
    )


def ending_terms(db: Session, erg_ids: Iterable[UUID], today: date) -> list[tuple[RoleGrant, str]]:
    """The roles of some groups whose terms end and whose leads have to act, with their holders."""
    is_over = RoleGrant.ends_on <= today + timedelta(days=max(WARNINGS))
    rows = db.execute(
        select(RoleGrant, Person.name)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(
            RoleGrant.erg_id.in_(list(erg_ids)),
            or_(
                and_(RoleGrant.state == RoleState.ACTIVE, is_over),
                RoleGrant.state.in_((RoleState.PROPOSED, RoleState.SHADOW)),
            ),
        )
        .order_by(RoleGrant.ends_on, RoleGrant.id)
    ).all()
    wanted = unasked((grant for grant, _name in rows), today)
    return [(grant, name or "") for grant, name in rows if grant.id in wanted]


def unasked(grants: Iterable[RoleGrant], today: date) -> set[UUID]:
    """Of a group's roles those that end within the first warning, and whose next term is nobody's.

    Where the holder or a successor was asked, only their answer is missing.
    """
    rows = sorted(grants, key=lambda grant: (grant.ends_on or date.max, grant.id))
    coming = [row for row in rows if row.state in (RoleState.PROPOSED, RoleState.SHADOW)]
    over = [row for row in rows if row.state is RoleState.ACTIVE and is_near(row.ends_on, today)]
    again = {_office(row) for row in over} & {_office(row) for row in coming}
    spare = Counter(_seat(row) for row in coming if _office(row) not in again)
    alone = [row for row in over if _office(row) not in again]
    return {row.id for row in alone if not _taken(spare, _seat(row))}


def _taken(spare: Counter[Any], seat: tuple[Any, ...]) -> bool:
    """Whether a successor is left for this seat; each follows one holder."""
    spare[seat] -= 1
    return spare[seat] >= 0


def is_renewed(grant: RoleGrant, rows: Iterable[RoleGrant]) -> bool:
    """Whether the holder has accepted a further term of the same role."""
    return any(
        _office(row) == _office(grant)
        and row.state in (RoleState.SHADOW, RoleState.ACTIVE)
        and row.starts_on > grant.starts_on
        for row in rows
    )


def _seat(grant: RoleGrant) -> tuple[Any, ...]:
    return grant.erg_id, grant.role, grant.chapter_id


def _office(grant: RoleGrant) -> tuple[Any, ...]:
    return *_seat(grant), grant.person_id


def renewals(db: Session, grant: RoleGrant) -> list[RoleGrant]:
    """Further terms of a role that its holder was asked about or has accepted."""
    rows = db.scalars(
        select(RoleGrant).where(
            RoleGrant.erg_id == grant.erg_id,
            RoleGrant.person_id == grant.person_id,
            RoleGrant.state.in_((RoleState.PROPOSED, RoleState.SHADOW)),
        )
    )
    return [row for row in rows if _office(row) == _office(grant)]


def grant_of(db: Session, erg_id: UUID, grant_id: UUID | None) -> RoleGrant | None:
    """A role of one group."""
    grant = db.get(RoleGrant, grant_id) if grant_id else None
    return grant if grant is not None and grant.erg_id == erg_id else None
