"""Undo of a move, of a cancellation, and of a pause with what it moved and canceled."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.errors import Refused
from app.mentoring.models import Meeting
from app.mentoring.rules import SessionState
from app.mentoring.services import pausing
from app.mentoring.services.sessions import (
    bring_back,
    coming,
    held_planning,
    held_session,
    reschedule,
)


def put_back(db: Session, actor_id: UUID, *, session_id: UUID) -> Meeting:
    """Undo: a canceled session is on again, a moved one is where it was before its last move."""
    meeting, pair = held_session(db, session_id, actor_id)
    held_planning(db, pair.id, actor_id)
    if meeting.state is SessionState.CANCELED:
        bring_back(db, actor_id, pair, meeting)
        return meeting
    kept = meeting.earlier
    if kept is None or meeting.state is not SessionState.SCHEDULED:
        raise Refused(_("This has changed meanwhile. Reload the page to see how things stand."))
    wall_time = datetime.fromisoformat(kept["wall_time"])
    fold = int(coming(wall_time, kept["zone"]) != datetime.fromisoformat(kept["starts_at"]))
    moved = reschedule(
        db,
        actor_id,
        session_id=session_id,
        wall_time=wall_time,
        zone=kept["zone"],
        fold=fold,
        minutes=kept["minutes"],
        place=kept["place"],
    )
    moved.earlier = None
    db.flush()
    return moved


def take_back_pause(db: Session, actor_id: UUID, *, relationship_id: UUID) -> bool:
    """Undo: nobody rests, and sessions are where they were before the pause.

    What was changed since stays as it is. Returns whether times that were proposed are gone.
    """
    row = pausing.take_back(db, actor_id, relationship_id=relationship_id)
    touched = db.scalars(
        select(Meeting)
        .where(
            Meeting.relationship_id == relationship_id,
            Meeting.state.in_((SessionState.CANCELED, SessionState.SCHEDULED)),
        )
        .order_by(Meeting.starts_at, Meeting.id)
    )
    found = [meeting for meeting in touched if pausing.is_of(meeting, row)]
    for meeting in found:
        kept = meeting.earlier or {}
        is_ahead = datetime.fromisoformat(kept["starts_at"]) > clock.now()
        if is_ahead and meeting.expires_at is None:
            put_back(db, actor_id, session_id=meeting.id).earlier = None
    db.flush()
    return any(meeting.expires_at is not None for meeting in found)
