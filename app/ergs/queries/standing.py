"""Where a person stands in all groups, and the questions that rules ask about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    CompoundSelect,
    Select,
    Uuid,
    bindparam,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from app.core import clock, hints
from app.core.database import spelled
from app.core.policies import Actor
from app.ergs.models import Invitation, Membership, RoleGrant
from app.ergs.rules import (
    LEADING,
    MembershipState,
    RoleName,
    RoleState,
    Viewer,
)
from app.ergs.rules.invitations import InvitationState
from app.ergs.rules.terms import holds


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a person stands in all groups: open memberships, roles by group, roles by chapter.

    `asked` are groups that wait for the person's answer: to an invitation, or to a role; and those
    in which an accepted role has not begun yet.
    """

    memberships: dict[UUID, MembershipState] = field(default_factory=dict)
    roles: dict[UUID, frozenset[RoleName]] = field(default_factory=dict)
    chapter_roles: dict[UUID, frozenset[RoleName]] = field(default_factory=dict)
    asked: frozenset[UUID] = frozenset()
    person_id: UUID | None = None

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
        return set(self.memberships) | set(self.roles) | self.asked

    def parameters(self) -> dict[str, Any]:
        """The values of `READER`, for statements that are built once."""
        return {
            "known": list(self.known),
            "member_of": list(self.member_of),
            "led": list(self.led),
            "reader": self.person_id,
        }

    def holds(self, erg_id: UUID, *wanted: RoleName) -> bool:
        """Whether the person holds one of these roles for the whole group today."""
        return not self.roles.get(erg_id, frozenset()).isdisjoint(wanted)

    def viewer(self, erg_id: UUID) -> Viewer:
        """How close the person stands to one group."""
        if erg_id in self.led:
            return Viewer.LEAD
        return Viewer.MEMBER if erg_id in self.member_of else Viewer.COLLEAGUE


@dataclass(frozen=True, slots=True)
class StandingParameters:
    """A standing not known yet: its groups are parameters of a statement."""

    known: BindParameter[Any] = field(default_factory=lambda: _groups("known"))
    member_of: BindParameter[Any] = field(default_factory=lambda: _groups("member_of"))
    led: BindParameter[Any] = field(default_factory=lambda: _groups("led"))
    person_id: BindParameter[Any] = field(
        default_factory=lambda: bindparam("reader", type_=Uuid(), required=True)
    )


def _groups(name: str) -> BindParameter[Any]:
    return bindparam(name, expanding=True, type_=Uuid())


READER = StandingParameters()


def standing_of(db: Session, person_id: UUID | None) -> Standing:
    """Where a person stands, in one statement, fresh."""
    if person_id is None:
        return Standing()
    memberships: dict[UUID, MembershipState] = {}
    roles: dict[UUID, set[RoleName]] = {}
    in_chapters: dict[UUID, set[RoleName]] = {}
    asked: set[UUID] = set()
    today = clock.now().date()
    for erg_id, chapter_id, state, role, starts_on, ends_on in db.execute(
        _standing_rows(), {"person": person_id, "now": clock.now()}
    ):
        if state is not None:
            memberships[erg_id] = state
        elif role is None:
            asked.add(erg_id)
        elif holds(role, starts_on, ends_on, today):
            held = in_chapters if chapter_id else roles
            held.setdefault(chapter_id or erg_id, set()).add(role)
    return Standing(memberships, _frozen(roles), _frozen(in_chapters), frozenset(asked), person_id)


def _frozen(held: dict[UUID, set[RoleName]]) -> dict[UUID, frozenset[RoleName]]:
    return {key: frozenset(roles) for key, roles in held.items()}


@cache
def _standing_rows() -> CompoundSelect[Any]:
    """Nearly every page asks this; building the statement costs more than running it."""
    none, person = literal(False), bindparam("person", type_=Uuid())
    of_memberships = (
        select(Membership.erg_id, RoleGrant.chapter_id, Membership.state, *_TERM)
        .outerjoin(RoleGrant, none)
        .where(Membership.person_id == person, Membership.ended_at.is_(None))
    )
    of_roles = (
        select(RoleGrant.erg_id, RoleGrant.chapter_id, Membership.state, *_TERM)
        .outerjoin(Membership, none)
        .where(RoleGrant.person_id == person, RoleGrant.state == RoleState.ACTIVE)
    )
    nobody, nothing = aliased(Membership), aliased(RoleGrant)
    empty = (nothing.chapter_id, nobody.state, nothing.role, nothing.starts_on, nothing.ends_on)
    of_invitations = (
        select(Invitation.erg_id, *empty)
        .select_from(Invitation)
        .outerjoin(nobody, none)
        .outerjoin(nothing, none)
        .where(
            Invitation.person_id == person,
            spelled(Invitation.state, InvitationState.OPEN),
            Invitation.answer_by >= bindparam("now"),
        )
    )
    of_proposals = (
        select(RoleGrant.erg_id, *empty)
        .select_from(RoleGrant)
        .outerjoin(nobody, none)
        .outerjoin(nothing, none)
        .where(
            RoleGrant.person_id == person,
            RoleGrant.state.in_((RoleState.PROPOSED, RoleState.SHADOW)),
        )
    )
    return union_all(of_memberships, of_roles, of_invitations, of_proposals)


_TERM = (RoleGrant.role, RoleGrant.starts_on, RoleGrant.ends_on)


def standing(db: Session, actor: Actor) -> Standing:
    """The reader's standing, remembered for the request; for pages and guards, not for services."""
    key = ("standing", actor.person_id)
    if key not in db.info:
        db.info[key] = standing_of(db, actor.person_id)
    return cast(Standing, db.info[key])


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
    in_force = [g.person_id for g in grants if holds(g.role, g.starts_on, g.ends_on, today)]
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


def roles_held() -> Select[UUID]:
    """The groups in which the parameter `person` has a role, for conditions."""
    return select(RoleGrant.erg_id).where(
        RoleGrant.person_id == hints.person(), RoleGrant.state == RoleState.ACTIVE
    )


def groups_joined() -> Select[UUID]:
    """The groups to which the parameter `person` belongs, for conditions."""
    return select(Membership.erg_id).where(
        Membership.person_id == hints.person(), Membership.ended_at.is_(None)
    )
