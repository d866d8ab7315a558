"""What ends when a person leaves the company."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import OrgRole, Person
from app.accounts.rules import OrgRoleName, PersonKind, PersonStatus
from app.core import clock, outbox
from app.ergs import queries
from app.ergs.models import RoleGrant
from app.ergs.rules import (
    LEADING,
    ROLE_TRANSITIONS,
    MembershipState,
    RoleState,
)
from app.ergs.services.holding import hold_erg
from app.ergs.services.membership import close_membership
from app.ergs.services.roles import end_grant


def depart(db: Session, person_id: UUID) -> None:
    """End all that binds a person who leaves the company; report groups left without a lead."""
    for row in queries.any_open(db, person_id):
        erg = hold_erg(db, row.erg_id)
        close_membership(db, erg, row, _on_departure(row.state))
    grants = db.scalars(
        select(RoleGrant).where(
            RoleGrant.person_id == person_id, RoleGrant.state.in_(tuple(ROLE_TRANSITIONS))
        )
    ).all()
    for held in grants:
        end_grant(db, None, held, _role_on_departure(held.state))
    for erg_id in sorted({held.erg_id for held in grants if held.role in LEADING}):
        _report_without_lead(db, erg_id)


def _on_departure(state: MembershipState) -> MembershipState:
    if state is MembershipState.REQUESTED:
        return MembershipState.WITHDRAWN
    return MembershipState.LAPSED


def _role_on_departure(state: RoleState) -> RoleState:
    return RoleState.REVOKED if state is RoleState.PROPOSED else RoleState.ENDED


def _report_without_lead(db: Session, erg_id: UUID) -> None:
    if queries.leads_of(db, erg_id):
        return
    today = clock.now().date()
    admins = db.scalars(
        select(OrgRole.person_id)
        .join(Person, Person.id == OrgRole.person_id)
        .where(
            OrgRole.role == OrgRoleName.ORG_ADMIN,
            OrgRole.starts_on <= today,
            (OrgRole.ends_on.is_(None)) | (OrgRole.ends_on >= today),
            Person.status == PersonStatus.ACTIVE,
            Person.kind == PersonKind.EMPLOYEE,
        )
    )
    for admin_id in admins:
        outbox.put(
            db, "erg_without_lead", subject=erg_id, person=admin_id, occasion=today.isoformat()
        )
