"""What ends when a person leaves the company."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock, outbox
from app.ergs import queries
from app.ergs.models import Erg, RoleGrant
from app.ergs.queries import terms
from app.ergs.rules import LEADING, ROLE_TRANSITIONS, ErgState, MembershipState, RoleState
from app.ergs.rules.terms import RoleEnd
from app.ergs.services.holding import hold_erg
from app.ergs.services.invitations import drop_invitations
from app.ergs.services.membership import close_membership
from app.ergs.services.roles import end_grant
from app.ergs.services.terms import begin


def depart(db: Session, person_id: UUID) -> None:
    """End all that binds a person who leaves the company; report groups left without a lead."""
    for row in queries.any_open(db, person_id):
        erg = hold_erg(db, row.erg_id)
        close_membership(db, erg, row, _on_departure(row.state))
    drop_invitations(db, person_id)
    grants = db.scalars(
        select(RoleGrant).where(
            RoleGrant.person_id == person_id, RoleGrant.state.in_(tuple(ROLE_TRANSITIONS))
        )
    ).all()
    for held in grants:
        end_grant(db, None, held, RoleState.ENDED, RoleEnd.LEFT)
    for erg_id in sorted({held.erg_id for held in grants if held.role in LEADING}):
        _care_for(db, hold_erg(db, erg_id))


def _on_departure(state: MembershipState) -> MembershipState:
    if state is MembershipState.REQUESTED:
        return MembershipState.WITHDRAWN
    return MembershipState.LAPSED


def _care_for(db: Session, erg: Erg) -> None:
    """A successor who is learning begins today; where there is none, administrators appoint."""
    if queries.leads_of(db, erg.id) or erg.state is ErgState.ARCHIVED:
        return
    if successor := _successor(db, erg.id):
        begin(db, successor)
        return
    today = clock.now().date()
    for admin_id in terms.org_admins(db):
        outbox.put(
            db, "erg_without_lead", subject=erg.id, person=admin_id, occasion=today.isoformat()
        )


def _successor(db: Session, erg_id: UUID) -> RoleGrant | None:
    return db.scalar(
        select(RoleGrant)
        .where(
            RoleGrant.erg_id == erg_id,
            RoleGrant.chapter_id.is_(None),
            RoleGrant.role.in_(LEADING),
            RoleGrant.state == RoleState.SHADOW,
        )
        .order_by(RoleGrant.starts_on, RoleGrant.id)
        .limit(1)
    )
