"""Organizers start, move on, pause and extend; each of it can be taken back for two minutes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock, outbox
from app.core.clock import parse_instant
from app.core.errors import Refused
from app.speed.models import SpeedSession
from app.speed.rules import Phase, SessionState
from app.speed.services.base import changed, end, held, move, run_by
from app.speed.services.setup import redraw_rest

UNDO_SECONDS = 120
LONGEST = 15


def start(db: Session, actor_id: UUID, *, session_id: UUID) -> SpeedSession:
    """Begin the first round now."""
    session = run_by(db, actor_id, session_id)
    before = _snapshot(session)
    redraw_rest(db, session)
    move(db, actor_id, session, SessionState.RUNNING, "speed_start")
    _talk(session, 1)
    return _done(db, session, before)


def next_round(db: Session, actor_id: UUID, *, session_id: UUID) -> SpeedSession:
    """End the talk or the break and begin the next round now; after the last one it is over."""
    session = run_by(db, actor_id, session_id)
    before = _snapshot(session)
    if session.state is SessionState.PAUSED:
        move(db, actor_id, session, SessionState.RUNNING, "speed_resume")
    _require_running(session)
    if session.round >= session.rounds:
        end(db, actor_id, session)
    else:
        _talk(session, session.round + 1)
        changed(db, actor_id, session, "speed_next", after=str(session.round))
    return _done(db, session, before)


def pause(db: Session, actor_id: UUID, *, session_id: UUID) -> SpeedSession:
    """Stop the clock; what is left of the talk or the break stays."""
    session = run_by(db, actor_id, session_id)
    before = _snapshot(session)
    _require_running(session)
    assert session.until is not None
    session.seconds_left = max(1, int((session.until - clock.now()).total_seconds()))
    session.until = None
    move(db, actor_id, session, SessionState.PAUSED, "speed_pause")
    return _done(db, session, before)


def resume(db: Session, actor_id: UUID, *, session_id: UUID) -> SpeedSession:
    """Let the clock run on."""
    session = run_by(db, actor_id, session_id)
    before = _snapshot(session)
    move(db, actor_id, session, SessionState.RUNNING, "speed_resume")
    session.until = clock.now() + timedelta(seconds=session.seconds_left or 1)
    session.seconds_left = None
    return _done(db, session, before)


def extend(db: Session, actor_id: UUID, *, session_id: UUID, minutes: int = 1) -> SpeedSession:
    """More time for the talk or the break that is going on."""
    session = run_by(db, actor_id, session_id)
    before = _snapshot(session)
    if not 1 <= minutes <= LONGEST:
        raise Refused(_("Between one and fifteen minutes can be added at a time."), 422)
    if session.state is SessionState.PAUSED:
        session.seconds_left = (session.seconds_left or 0) + 60 * minutes
    else:
        _require_running(session)
        assert session.until is not None
        session.until += timedelta(minutes=minutes)
    changed(db, actor_id, session, "speed_extend", after=str(minutes))
    return _done(db, session, before)


def finish(db: Session, actor_id: UUID, *, session_id: UUID) -> SpeedSession:
    """End the session before its last round is over."""
    session = run_by(db, actor_id, session_id)
    before = _snapshot(session)
    end(db, actor_id, session)
    return _done(db, session, before)


def undo(db: Session, actor_id: UUID, *, session_id: UUID) -> SpeedSession:
    """Take the last act back; the clock goes on as if it had not happened."""
    session = run_by(db, actor_id, session_id)
    kept = session.before
    if kept is None or session.closed_at is not None or _is_late(kept):
        raise Refused(_("It is too late to take that back. Use the other controls."))
    was = session.state
    session.state, session.phase = SessionState(kept["state"]), Phase(kept["phase"])
    session.round, session.seconds_left = kept["round"], kept["seconds_left"]
    session.until = parse_instant(kept["until"]) if kept["until"] else None
    if was is SessionState.OVER:
        session.wishes_until = None
        outbox.withdraw(db, "speed_wishes", subject=session.id)
    session.before = None
    changed(db, actor_id, session, "speed_undo", before=was, after=session.state)
    db.flush()
    return session


def to_catch_up(db: Session) -> list[UUID]:
    """Sessions in which a talk or a break has run out."""
    return list(
        db.scalars(
            select(SpeedSession.id)
            .where(SpeedSession.state == SessionState.RUNNING, SpeedSession.until <= clock.now())
            .order_by(SpeedSession.id)
        )
    )


def catch_up_due(db: Session, session_id: UUID) -> None:
    """Write down where the clock of one session stands; harmless at any time."""
    held(db, session_id)


def is_undoable(session: SpeedSession) -> bool:
    """Whether the last act can still be taken back."""
    return session.before is not None and session.closed_at is None and not _is_late(session.before)


def _is_late(kept: dict[str, Any]) -> bool:
    return clock.now() > parse_instant(kept["at"]) + timedelta(seconds=UNDO_SECONDS)


def _talk(session: SpeedSession, number: int) -> None:
    session.round, session.phase = number, Phase.TALK
    session.until = clock.now() + timedelta(minutes=session.round_minutes)


def _require_running(session: SpeedSession) -> None:
    if session.state is not SessionState.RUNNING:
        raise Refused(_("That is not possible at this point. Reload the page to see where it is."))


def _snapshot(session: SpeedSession) -> dict[str, Any]:
    def text(when: datetime | None) -> str | None:
        return when.isoformat() if when else None

    return {
        "state": session.state.value,
        "round": session.round,
        "phase": session.phase.value,
        "until": text(session.until),
        "seconds_left": session.seconds_left,
        "at": clock.now().isoformat(),
    }


def _done(db: Session, session: SpeedSession, before: dict[str, Any]) -> SpeedSession:
    session.before = before
    db.flush()
    return session
