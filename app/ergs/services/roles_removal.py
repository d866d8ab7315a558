"""Two people take a role away: one proposes with a reason, another confirms."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, ids, outbox
from app.core.errors import Refused
from app.ergs import queries
from app.ergs.models import Erg, RoleGrant, RoleRemoval
from app.ergs.queries import terms
from app.ergs.rules import RoleState
from app.ergs.rules.terms import (
    REMOVAL_TRANSITIONS,
    REMOVAL_WITHIN,
    TWO_PERSON,
    RemovalState,
    RoleEnd,
)
from app.ergs.services.roles import end_grant, held_grant, require_another_lead


def propose_removal(db: Session, actor_id: UUID, *, grant_id: UUID, reason: str) -> RoleRemoval:
    """Ask a second person to agree that somebody's role ends."""
    grant, erg = held_grant(db, grant_id)
    if not queries.leads(db, actor_id, erg.id) or actor_id == grant.person_id:
        raise Refused(_("Another lead of the group has to propose this."), 403)
    if grant.role not in TWO_PERSON or grant.state is not RoleState.ACTIVE:
        raise Refused(_("This role can be ended without a second person, or has ended already."))
    if not reason.strip():
        raise Refused(_("Please give a reason. The second person will read it."), 422)
    require_another_lead(db, grant, erg)
    if found := _open(db, grant_id):
        return found
    row = RoleRemoval(
        id=ids.new_id("removal", str(grant_id)),
        erg_id=erg.id,
        grant_id=grant_id,
        reason=reason.strip(),
        proposed_by=actor_id,
        expires_on=clock.now().date() + REMOVAL_WITHIN,
    )
    db.add(row)
    db.flush()
    audit.record(db, actor_id, "propose_removal", row, after=row.state)
    for person_id in confirmers(db, row, grant):
        outbox.put(db, "role_removal", subject=row.id, person=person_id)
    return row


def confirmers(db: Session, row: RoleRemoval, grant: RoleGrant) -> list[UUID]:
    """Who may be the second person: another lead, or an administrator where there is none."""
    concerned = {row.proposed_by, grant.person_id}
    others = [lead for lead in queries.leads_of(db, row.erg_id) if lead not in concerned]
    return others or [admin for admin in terms.org_admins(db) if admin not in concerned]


def confirm_removal(db: Session, actor_id: UUID, *, removal_id: UUID) -> RoleRemoval:
    """The second person agrees: the role ends now."""
    row, grant, erg = _held(db, removal_id)
    if actor_id not in confirmers(db, row, grant):
        raise Refused(_("Somebody else has to confirm this: two people decide, not one."), 403)
    if not queries.leads(db, row.proposed_by, erg.id):
        raise Refused(_("Whoever proposed this does not lead any more. Propose it anew."))
    require_another_lead(db, grant, erg)
    _decide(db, row, RemovalState.CONFIRMED, actor_id)
    for held in (grant, *terms.renewals(db, grant)):
        end_grant(db, actor_id, held, RoleState.REVOKED, RoleEnd.REMOVED)
    for person_id in (grant.person_id, row.proposed_by):
        outbox.put(db, "role_changed", subject=grant.id, person=person_id, occasion=grant.state)
    return row


def withdraw_removal(db: Session, actor_id: UUID, *, removal_id: UUID) -> RoleRemoval:
    """Whoever proposed it takes it back."""
    row, _grant, _erg = _held(db, removal_id)
    if row.proposed_by != actor_id:
        raise Refused(_("Only the lead who proposed this can take it back."), 403)
    _decide(db, row, RemovalState.WITHDRAWN, actor_id)
    return row


def _open(db: Session, grant_id: UUID) -> RoleRemoval | None:
    return db.scalar(
        select(RoleRemoval).where(
            RoleRemoval.grant_id == grant_id, RoleRemoval.state == RemovalState.OPEN
        )
    )


def _held(db: Session, removal_id: UUID) -> tuple[RoleRemoval, RoleGrant, Erg]:
    row = db.get(RoleRemoval, removal_id)
    if row is None:
        raise Refused(_("This proposal does not exist any more."), 404)
    grant, erg = held_grant(db, row.grant_id)
    db.refresh(row)
    return row, grant, erg


def _decide(db: Session, row: RoleRemoval, to: RemovalState, by: UUID) -> None:
    is_late = row.expires_on < clock.now().date()
    if to not in REMOVAL_TRANSITIONS.get(row.state, frozenset()) or is_late:
        raise Refused(_("This proposal is over: answered, taken back or older than two weeks."))
    audit.record(db, by, "decide_removal", row, before=row.state, after=to)
    row.state, row.decided_by, row.decided_at = to, by, clock.now()
    db.flush()
    outbox.withdraw(db, "role_removal", subject=row.id, reason="decided")
