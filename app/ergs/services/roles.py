"""Giving roles and ending them."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, ids
from app.core.errors import Refused
from app.ergs import queries
from app.ergs.models import Erg, RoleGrant
from app.ergs.queries import terms
from app.ergs.rules import LEADING, ROLE_TRANSITIONS, RoleName, RoleState
from app.ergs.rules.terms import RoleEnd, first_role_state
from app.ergs.services.holding import hold_erg


def grant(
    db: Session,
    actor_id: UUID | None,
    *,
    erg_id: UUID,
    person_id: UUID,
    role: RoleName,
    starts_on: date | None = None,
    ends_on: date | None = None,
    chapter_id: UUID | None = None,
) -> RoleGrant:
    """Give a role from a day on; whoever leads must belong, nobody grants to themselves.

    For elections, seeds and the founding of groups; leads propose, see `terms.propose`.
    """
    erg = hold_erg(db, erg_id)
    if actor_id == person_id:
        raise Refused(_("Nobody gives a role to themselves."), 403)
    if role in LEADING and not queries.belongs(db, person_id, [erg_id]):
        raise Refused(_("A lead must be a member of the group."))
    today = clock.now().date()
    row = RoleGrant(
        id=ids.new_id("role", f"{erg_id}|{person_id}|{role}|{chapter_id}"),
        erg_id=erg.id,
        chapter_id=chapter_id,
        person_id=person_id,
        role=role,
        state=first_role_state(starts_on or today, today),
        granted_by=actor_id,
        starts_on=starts_on or today,
        ends_on=ends_on,
    )
    db.add(row)
    db.flush()
    audit.record(db, actor_id, "grant", row, after=role)
    return row


def end_role(db: Session, actor_id: UUID, *, grant_id: UUID) -> RoleGrant:
    """Lay down a role; the last lead stays until there is another."""
    row, erg = held_grant(db, grant_id)
    require_another_lead(db, row, erg)
    end_grant(db, actor_id, row, RoleState.ENDED, RoleEnd.RESIGNED)
    return row


def held_grant(db: Session, grant_id: UUID) -> tuple[RoleGrant, Erg]:
    """A role fresh under its group's lock."""
    row = db.get(RoleGrant, grant_id)
    if row is None:
        raise Refused(_("This role does not exist any more."), 404)
    erg = hold_erg(db, row.erg_id)
    db.refresh(row)
    return row, erg


def require_another_lead(db: Session, row: RoleGrant, erg: Erg) -> None:
    """Refuse what would leave the group without a lead."""
    if terms.is_last_lead(db, row, erg):
        raise Refused(_("A group cannot be without a lead. Find another lead first."))


def active_grants(db: Session, person_id: UUID, erg_id: UUID) -> list[RoleGrant]:
    """The roles, asked, accepted or held, that end when the person stops belonging."""
    return list(
        db.scalars(
            select(RoleGrant).where(
                RoleGrant.person_id == person_id,
                RoleGrant.erg_id == erg_id,
                RoleGrant.state.in_(tuple(ROLE_TRANSITIONS)),
                RoleGrant.role != RoleName.SPONSOR,
            )
        )
    )


def end_grant(
    db: Session, actor_id: UUID | None, row: RoleGrant, to: RoleState, why: RoleEnd
) -> None:
    """Close a role; what was never in force is revoked."""
    if row.state is RoleState.PROPOSED:
        to = RoleState.REVOKED
    if to not in ROLE_TRANSITIONS.get(row.state, frozenset()):
        raise Refused(_("This role has already ended."))
    audit.record(db, actor_id, "end_role", row, before=row.state, after=to)
    row.state, row.ended_why = to, why
    row.ends_on = min(row.ends_on or date.max, clock.now().date())
    db.flush()
