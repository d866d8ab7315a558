"""Chains, rules and deputies; what waits for whom; the history of a group's approvals."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.accounts.models import OrgRole, Person
from app.accounts.rules import OrgRoleName, PersonStatus
from app.approvals.models import Approval, ApprovalDeputy, ApprovalRule, ApprovalStage
from app.approvals.registry import Item, kinds
from app.approvals.rules import ApprovalState, Decider, Mandate, Stage, covers, mandate
from app.core import clock
from app.core.database import spelled
from app.core.policies import Actor
from app.ergs import queries as ergs
from app.ergs.models import Erg, Membership, RoleGrant
from app.ergs.rules import SEEN_BY, RoleName, RoleState, Viewer, is_in_force

PAGE = 20
REPLAYED = 20
Roles = dict[UUID, set[str]]


# chains and rules


def chain(db: Session, erg_id: UUID, kind: str) -> list[Stage]:
    """The stages that a new item of a group passes."""
    rows = db.scalars(
        select(ApprovalStage)
        .where(ApprovalStage.erg_id == erg_id, ApprovalStage.kind == kind)
        .order_by(ApprovalStage.number)
    )
    return [Stage(row.decider, row.days) for row in rows]


def rules_of(db: Session, erg_id: UUID, kind: str) -> list[ApprovalRule]:
    """The rules in force, oldest first."""
    return list(
        db.scalars(
            select(ApprovalRule)
            .where(
                ApprovalRule.erg_id == erg_id,
                ApprovalRule.kind == kind,
                ApprovalRule.ended_at.is_(None),
            )
            .order_by(ApprovalRule.created_at, ApprovalRule.id)
        )
    )


def recent(db: Session, erg_id: UUID, kind: str, limit: int = REPLAYED) -> list[Approval]:
    """The last items that asked, newest first; an item that asked twice stands here once."""
    rows = db.scalars(
        select(Approval)
        .where(Approval.erg_id == erg_id, Approval.kind == kind)
        .order_by(Approval.asked_at.desc(), Approval.id)
        .limit(3 * limit)
    )
    newest: dict[UUID, Approval] = {}
    for row in rows:
        newest.setdefault(row.subject_id, row)
    return list(newest.values())[:limit]


def described(db: Session, approvals: Iterable[Approval]) -> dict[UUID, Item]:
    """The items behind some rounds, by subject; one look-up for each kind."""
    by_kind: dict[str, set[UUID]] = {}
    for approval in approvals:
        by_kind.setdefault(approval.kind, set()).add(approval.subject_id)
    found: dict[UUID, Item] = {}
    for name, subjects in by_kind.items():
        found |= kinds[name].describe(db, subjects)
    return found


# rounds


def waiting_round(db: Session, kind: str, subject_id: UUID) -> Approval | None:
    """The round in which an item is waiting now."""
    return db.scalar(
        select(Approval).where(
            Approval.kind == kind,
            Approval.subject_id == subject_id,
            Approval.state == ApprovalState.WAITING,
        )
    )


def last_round(db: Session, kind: str, subject_id: UUID) -> Approval | None:
    """An item's newest round with its history."""
    return db.scalars(
        select(Approval)
        .where(Approval.kind == kind, Approval.subject_id == subject_id)
        .order_by(Approval.asked_at.desc(), Approval.id)
        .limit(1)
        .options(selectinload(Approval.steps))
    ).one_or_none()


def last_yes(db: Session, kind: str, subject_ids: Select[tuple[UUID]]) -> Approval | None:
    """The newest round in which one of some items was approved, with its history."""
    return db.scalars(
        select(Approval)
        .where(
            Approval.kind == kind,
            Approval.subject_id.in_(subject_ids),
            Approval.state == ApprovalState.APPROVED,
        )
        .order_by(Approval.asked_at.desc(), Approval.id)
        .limit(1)
        .options(selectinload(Approval.steps))
    ).one_or_none()


@dataclass(frozen=True, slots=True)
class Case:
    """A round of approval in its group."""

    erg: Erg
    approval: Approval


def case_for(db: Session, actor: Actor, slug: str, approval_id: UUID) -> Case | None:
    """A round of a group that the actor may open."""
    erg = ergs.erg_for(db, actor, slug)
    found = db.scalars(
        select(Approval).where(Approval.id == approval_id).options(joinedload(Approval.steps))
    )
    row = found.unique().one_or_none()
    if erg is None or row is None or row.erg_id != erg.id:
        return None
    return Case(erg, row)


@dataclass(frozen=True, slots=True)
class RuleOf:
    """A rule in its group."""

    erg: Erg
    rule: ApprovalRule


def rule_for(db: Session, actor: Actor, slug: str, rule_id: UUID) -> RuleOf | None:
    """A rule of a group that the actor may open."""
    erg, row = ergs.erg_for(db, actor, slug), db.get(ApprovalRule, rule_id)
    return RuleOf(erg, row) if erg and row and row.erg_id == erg.id else None


@dataclass(frozen=True, slots=True)
class DeputyOf:
    """A deputy's term in its group."""

    erg: Erg
    deputy: ApprovalDeputy


def deputy_for(db: Session, actor: Actor, slug: str, deputy_id: UUID) -> DeputyOf | None:
    """A deputy's term in a group that the actor may open."""
    erg, row = ergs.erg_for(db, actor, slug), db.get(ApprovalDeputy, deputy_id)
    return DeputyOf(erg, row) if erg and row and row.erg_id == erg.id else None


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a group's rounds."""

    rows: list[Approval]
    total: int
    number: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // PAGE))


def history(db: Session, erg_id: UUID, state: ApprovalState | None, number: int) -> Listing:
    """A group's rounds, newest first."""
    wanted = select(Approval, func.count().over()).where(Approval.erg_id == erg_id)
    if state is not None:
        wanted = wanted.where(Approval.state == state)
    rows = db.execute(
        wanted.order_by(Approval.asked_at.desc(), Approval.id)
        .limit(PAGE)
        .offset((number - 1) * PAGE)
    ).all()
    return Listing([row for row, _ in rows], rows[0][1] if rows else 0, number)


# who may decide


def roles_in(actor: Actor, mine: ergs.Standing, erg_id: UUID) -> set[str]:
    """What a reader holds in a group, with the administrator's role of the organization."""
    held = {role.value for role in mine.roles.get(erg_id, frozenset())}
    return held | ({Decider.ORG_ADMIN.value} if actor.has(Decider.ORG_ADMIN.value) else set())


def stood_in_for(db: Session, person_id: UUID | None) -> dict[UUID, Roles]:
    """By group: for whom a person is deputy today, and what those hold; one statement."""
    today = clock.now().date()
    rows = db.execute(
        select(RoleGrant)
        .join(
            ApprovalDeputy,
            (ApprovalDeputy.person_id == RoleGrant.person_id)
            & (ApprovalDeputy.erg_id == RoleGrant.erg_id),
        )
        .where(
            ApprovalDeputy.deputy_id == person_id,
            ApprovalDeputy.starts_on <= today,
            ApprovalDeputy.ends_on >= today,
            ApprovalDeputy.ended_at.is_(None),
            RoleGrant.state == RoleState.ACTIVE,
            RoleGrant.chapter_id.is_(None),
        )
    )
    found: dict[UUID, Roles] = {}
    for (grant,) in rows:
        if is_in_force(grant.starts_on, grant.ends_on, today):
            found.setdefault(grant.erg_id, {}).setdefault(grant.person_id, set()).add(grant.role)
    return found


def standing_in(db: Session, actor: Actor) -> dict[UUID, Roles]:
    """The same for the reader, remembered for the request."""
    key = ("stood_in_for", actor.person_id)
    if key not in db.info:
        db.info[key] = stood_in_for(db, actor.person_id)
    return cast(dict[UUID, Roles], db.info[key])


def own_mandate(db: Session, actor: Actor, approval: Approval) -> Mandate | None:
    """The reader's right to decide a round now."""
    if actor.person_id is None:
        return None
    asked = {
        "person": actor.person_id,
        "authors": approval.authors,
        "roles": roles_in(actor, ergs.standing(db, actor), approval.erg_id),
    }
    own = mandate(approval.deciders, **asked, deputy_for={})
    if own is not None or not approval.deciders:
        return own
    in_place_of = standing_in(db, actor).get(approval.erg_id, {})
    return mandate(approval.deciders, **asked, deputy_for=in_place_of)


def fresh_mandate(db: Session, person_id: UUID, approval: Approval) -> Mandate | None:
    """A person's right to decide a round, asked fresh under the lock."""
    mine = ergs.standing_of(db, person_id)
    held = {role.value for role in mine.roles.get(approval.erg_id, frozenset())}
    if person_id in administrators(db):
        held.add(Decider.ORG_ADMIN.value)
    return mandate(
        approval.deciders,
        person=person_id,
        authors=approval.authors,
        roles=held,
        deputy_for=stood_in_for(db, person_id).get(approval.erg_id, {}),
    )


def waiting_for(db: Session, actor: Actor) -> list[Approval]:
    """The rounds that the reader may decide now, the earliest deadline first."""
    groups = set(ergs.standing(db, actor).roles)
    reach: list[Any] = [Approval.erg_id.in_(groups)] if groups else []
    if actor.has(Decider.ORG_ADMIN.value):
        reach.append(Approval.decider == Decider.ORG_ADMIN)
    if not reach:
        return []
    rows = db.scalars(
        select(Approval)
        .where(spelled(Approval.state, ApprovalState.WAITING), or_(*reach))
        .order_by(Approval.due_at, Approval.id)
        .limit(100)
        .options(joinedload(Approval.erg).joinedload(Erg.texts))
    )
    return [row for row in rows.unique() if own_mandate(db, actor, row)]


def holders(db: Session, erg_id: UUID, decider: Decider) -> list[UUID]:
    """Who holds a deciding role today."""
    if decider is Decider.ORG_ADMIN:
        return administrators(db)
    today = clock.now().date()
    grants = db.scalars(
        select(RoleGrant)
        .where(
            RoleGrant.erg_id == erg_id,
            RoleGrant.state == RoleState.ACTIVE,
            RoleGrant.chapter_id.is_(None),
        )
        .order_by(RoleGrant.id)
    )
    found = [
        g.person_id
        for g in grants
        if covers(decider, [g.role]) and is_in_force(g.starts_on, g.ends_on, today)
    ]
    return list(dict.fromkeys(found))


def administrators(db: Session) -> list[UUID]:
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
            )
            .order_by(OrgRole.person_id)
        )
    )


def deputies_of(db: Session, erg_id: UUID, people: Collection[UUID]) -> list[UUID]:
    """Who stands in today for any of these people."""
    return [row.deputy_id for row in _terms(db, erg_id, today=clock.now().date(), of=people)]


def deputies(db: Session, erg_id: UUID) -> list[ApprovalDeputy]:
    """The terms of deputies in a group that have not ended."""
    return _terms(db, erg_id)


def _terms(
    db: Session,
    erg_id: UUID,
    *,
    today: date | None = None,
    of: Collection[UUID] | None = None,
) -> list[ApprovalDeputy]:
    wanted = select(ApprovalDeputy).where(
        ApprovalDeputy.erg_id == erg_id,
        ApprovalDeputy.ended_at.is_(None),
        ApprovalDeputy.ends_on >= clock.now().date(),
    )
    if today is not None:
        wanted = wanted.where(ApprovalDeputy.starts_on <= today)
    if of is not None:
        wanted = wanted.where(ApprovalDeputy.person_id.in_(of))
    return list(db.scalars(wanted.order_by(ApprovalDeputy.starts_on, ApprovalDeputy.id)))


def candidates(
    db: Session, erg: Erg, viewer: Viewer, reader: UUID | None
) -> list[tuple[UUID, str]]:
    """(person, name) of role holders whom the reader sees on the group's page anyway."""
    today = clock.now().date()
    shown = or_(Membership.visibility.in_(SEEN_BY[viewer]), RoleGrant.role == RoleName.SPONSOR)
    rows: Any = db.execute(
        select(RoleGrant, Person.name)
        .join(Person, Person.id == RoleGrant.person_id)
        .outerjoin(
            Membership,
            (Membership.erg_id == RoleGrant.erg_id)
            & (Membership.person_id == RoleGrant.person_id)
            & Membership.ended_at.is_(None),
        )
        .where(
            RoleGrant.erg_id == erg.id,
            RoleGrant.state == RoleState.ACTIVE,
            RoleGrant.person_id != reader,
            shown,
        )
        .order_by(Person.name, RoleGrant.id)
    )
    found = {
        grant.person_id: name or ""
        for grant, name in rows
        if is_in_force(grant.starts_on, grant.ends_on, today)
    }
    return list(found.items())
