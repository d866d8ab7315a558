"""A group comes about yes by yes: it begins when enough have said it, later ones join it."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, outbox
from app.core.database import hold
from app.core.errors import Refused
from app.mentoring.models import Member, Relationship
from app.mentoring.rules import LIVE, ClosingReason, RelationshipState
from app.mentoring.rules.lifecycle import months_after
from app.mentoring.services.announcing import welcome
from app.mentoring.services.closing import close
from app.mentoring.services.moving import move
from app.mentoring.services.telling import tell_all
from app.mentoring.services.work import follow_signatures
from app.programs.models import Enrollment, Offer


def group_of(db: Session, group_id: UUID | None) -> Relationship | None:
    """The relationship of a group, locked; None as long as nobody has said yes."""
    found = db.scalar(select(Relationship.id).where(Relationship.group_id == group_id))
    return hold(db, Relationship, found) if found and group_id else None


def join(db: Session, actor_id: UUID | None, group: Relationship, offer: Offer) -> None:
    """Whoever said yes belongs to the group; its mentor from the first yes on."""
    if group.state not in LIVE:
        raise Refused(_("This group has ended meanwhile. The organizers will find another."))
    mentee, mentor = (db.get_one(Enrollment, one) for one in (offer.mentee_id, offer.mentor_id))
    has_sides = mentor.role is not mentee.role
    _admit(db, group, mentee, offer.id)
    if has_sides:
        _admit(db, group, mentor, None)
    db.flush()
    db.refresh(group, ["members"])
    audit.record(db, actor_id, "member_joined", group)
    if not group.is_gathering:
        _welcome(db, group, mentee.person_id)


def _admit(db: Session, group: Relationship, person: Enrollment, offer_id: UUID | None) -> None:
    row = db.get(Member, (group.id, person.person_id)) or Member(
        relationship_id=group.id, person_id=person.person_id, role=person.role
    )
    if row.left_at is not None:
        row.left_at, row.joined_at = None, clock.now()
    row.enrollment_id, row.offer_id = person.id, offer_id or row.offer_id
    db.add(row)


def _welcome(db: Session, group: Relationship, person_id: UUID) -> None:
    """A group under way: the new one learns of it and of its sessions, and has to sign."""
    member = next(one for one in group.members if one.person_id == person_id)
    if member.person.can_sign_in:
        outbox.put(db, "pair_started", subject=group.id, person=person_id)
        welcome(db, group, person_id)
    follow_signatures(db, None, group, "member_joined")


def settle(db: Session, actor_id: UUID | None, group_id: UUID, begins: bool) -> bool:
    """Enough are in, or it will never be enough; a group under way is left alone. Returns whether
    it is under way."""
    group = group_of(db, group_id)
    if group is None or group.state not in LIVE:
        return False
    if group.is_gathering and begins:
        group.is_gathering, group.started_at = False, clock.now()
        group.ends_on = months_after(clock.now().date(), group.cohort.program.months)
        move(db, None, group, RelationshipState.ACTIVE, reason="enough")
        tell_all(db, group, "pair_started")
        db.flush()
    elif group.is_gathering:
        close(db, actor_id, relationship_id=group.id, reason=ClosingReason.NO_FAULT)
    return not group.is_gathering
