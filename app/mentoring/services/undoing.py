"""Undo of a move and of a cancellation."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core.errors import Refused
from app.mentoring.models import Meeting
from app.mentoring.rules import SessionState
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
