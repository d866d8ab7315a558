"""A relationship takes another version of its guide; sessions that were held stay held."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, outbox
from app.core.errors import Refused
from app.mentoring.models import Guide, Meeting, Relationship
from app.mentoring.queries import guide_sessions
from app.mentoring.queries.messages import holds_back
from app.mentoring.rules import GuideState
from app.mentoring.rules.guides import followers
from app.mentoring.rules.messages import NOTICE_AFTER
from app.mentoring.services.holding import held_live

KIND = "guide_taken"


def take_guide(
    db: Session, actor_id: UUID, *, relationship_id: UUID, guide_id: UUID
) -> UUID | None:
    """Go on with another version of the same guide; returns the one before, for Undo."""
    pair = held_live(db, relationship_id, actor_id)
    before, after = pair.guide_id, db.get(Guide, guide_id)
    pinned = db.get(Guide, before) if before else None
    if pinned is None or after is None or after.key != pinned.key:
        raise Refused(_("This guide is not a version of yours. Reload the page."))
    if after.state is GuideState.DRAFT:
        raise Refused(_("This version of the guide is not published yet."))
    if after.id == pinned.id:
        return before
    parts = followers(guide_sessions(db, pinned.id), guide_sessions(db, after.id))
    for old, new in parts.items():
        theirs = (Meeting.relationship_id == pair.id) & (Meeting.guide_session_id == old)
        db.execute(
            update(Meeting)
            .where(theirs)
            .values(guide_session_id=new)
            .execution_options(synchronize_session="fetch")
        )
    pair.guide_id = after.id
    audit.record(
        db, actor_id, "guide_taken", pair, before=str(pinned.version), after=str(after.version)
    )
    db.flush()
    _tell(db, actor_id, pair, is_newer=after.version > pinned.version, version=after.version)
    return before


def _tell(db: Session, actor_id: UUID, pair: Relationship, *, is_newer: bool, version: int) -> None:
    """The others hear of a newer guide, a little later, so that Undo takes that back too."""
    outbox.withdraw(db, KIND, subject=pair.id)
    for member in pair.others(actor_id) if is_newer else ():
        hears = not holds_back(db, pair.id, member.person_id)
        if hears and member.person.can_sign_in:
            outbox.put(
                db,
                KIND,
                subject=pair.id,
                person=member.person_id,
                due=clock.now() + NOTICE_AFTER,
                occasion=clock.now().isoformat(),
                revision=version,
            )
