"""Load a relationship under its lock, for somebody who belongs to it."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core.database import hold
from app.core.errors import Refused
from app.mentoring.models import Relationship
from app.mentoring.rules import LIVE


def held(db: Session, relationship_id: UUID, person_id: UUID | None) -> Relationship:
    """The relationship, locked, if the person belongs to it."""
    pair = hold(db, Relationship, relationship_id)
    if pair is None or not pair.has(person_id):
        raise Refused(_("Only the people of this pair can do that."), status=403)
    return pair


def held_kept(db: Session, relationship_id: UUID, person_id: UUID | None) -> Relationship:
    """The same, also for somebody who has left: what is their own stays theirs."""
    pair = hold(db, Relationship, relationship_id)
    if pair is None or not pair.has_had(person_id):
        raise Refused(_("Only the people of this pair can do that."), status=403)
    return pair


def held_for_organizer(db: Session, relationship_id: UUID, actor_id: UUID) -> Relationship:
    """The relationship, locked, for an organizer who does not belong to it."""
    pair = hold(db, Relationship, relationship_id)
    if pair is None:
        raise Refused(_("This pair no longer exists."))
    if any(member.person_id == actor_id for member in pair.members):
        raise Refused(_("Another organizer decides about a pair of your own."), 403)
    return pair


def held_live(db: Session, relationship_id: UUID, person_id: UUID | None) -> Relationship:
    """The same, and it has not ended."""
    pair = held(db, relationship_id, person_id)
    if pair.state not in LIVE:
        raise Refused(_("This pair has ended. Your goals and notes stay yours."))
    return pair
