"""An election under the lock; the group's lock comes first where both are needed."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core.database import hold
from app.core.errors import Refused
from app.elections import queries
from app.elections.models import Election
from app.elections.rules import ELECTION_TRANSITIONS, ElectionState
from app.ergs import queries as ergs
from app.ergs.models import Erg


def hold_election(db: Session, election_id: UUID) -> Election:
    election = hold(db, Election, election_id)
    if election is None:
        raise Refused(_("This election does not exist any more."), 404)
    return election


def hold_with_group(db: Session, election_id: UUID) -> Election:
    """Group first, then election: the order in which leaving a group locks as well."""
    erg_id = db.scalar(select(Election.erg_id).where(Election.id == election_id))
    if erg_id is not None:
        hold(db, Erg, erg_id)
    return hold_election(db, election_id)


def require_lead(db: Session, actor_id: UUID | None, election: Election) -> None:
    if actor_id is not None and not ergs.leads(db, actor_id, election.erg_id):
        raise Refused(_("Only leads of the group run its elections."), 403)


def require_no_candidate(election: Election, actor_id: UUID | None) -> None:
    if queries.is_candidate(election, actor_id):
        raise Refused(_("You are a candidate. Somebody who is none has to do this."), 403)


def move(
    db: Session,
    actor_id: UUID | None,
    election: Election,
    to: ElectionState,
    reason: str | None = None,
) -> None:
    if to not in ELECTION_TRANSITIONS[election.state]:
        raise Refused(_("The election cannot be changed like that from its present state."))
    audit.record(
        db,
        actor_id,
        "change_state",
        election,
        before=election.state,
        after=to,
        reason=reason[:500] if reason else None,
    )
    election.state = to
    db.flush()
