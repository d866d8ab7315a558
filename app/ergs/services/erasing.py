"""Erasure: what somebody wrote to and for groups goes; what groups count stays."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.ergs.models import (
    Erg,
    Membership,
    RelayMessage,
    RelayThread,
    RoleGrant,
    RoleRemoval,
    SponsorCommitment,
)


def erase(db: Session, person_id: UUID) -> None:
    """Reasons, promises and letters of somebody, and their address as one of a group."""
    person = db.get_one(Person, person_id)
    email, name = (person.email or "").casefold(), (person.name or "").casefold()
    wrote = select(RelayThread.id).where(RelayThread.person_id == person_id)
    held = select(RoleGrant.id).where(RoleGrant.person_id == person_id)
    removals = or_(RoleRemoval.grant_id.in_(held), RoleRemoval.proposed_by == person_id)
    promised = update(SponsorCommitment).where(SponsorCommitment.person_id == person_id)
    for statement in (
        update(Membership).where(Membership.person_id == person_id).values(reason=None),
        delete(RelayMessage).where(
            or_(
                RelayMessage.thread_id.in_(wrote) & RelayMessage.lead_id.is_(None),
                RelayMessage.lead_id == person_id,
            )
        ),
        update(RoleRemoval).where(removals).values(reason=""),
        promised.values(text="", note=""),
        update(Erg).where(func.lower(Erg.reply_to) == email).values(reply_to=""),
        update(Erg).where(func.lower(Erg.sender_name) == name).values(sender_name=""),
    ):
        db.execute(statement.execution_options(synchronize_session="fetch"))
    db.flush()
