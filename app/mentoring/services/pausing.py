"""A relationship may rest: its timers stand still, and no session falls into the pause unasked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock
from app.core.database import hold
from app.core.errors import Refused
from app.mentoring.models import Meeting, Pause, Relationship
from app.mentoring.queries.lifecycle import open_pause
from app.mentoring.rules import LONGEST_PAUSE, InThePause, RelationshipState, SessionState
from app.mentoring.rules.lifecycle import UNDONE_WITHIN, behind, occasion_of
from app.mentoring.services import sessions
from app.mentoring.services.closing import end_pause
from app.mentoring.services.holding import held_live
from app.mentoring.services.moving import move
from app.mentoring.services.telling import tell_all


def pause(
    db: Session,
    actor_id: UUID,
    *,
    relationship_id: UUID,
    until: date,
    in_the_pause: InThePause | None = None,
) -> None:
    """Rest until a day, sixty days away at most; sessions before it are moved or canceled.

    Whoever asked for a pause can prolong it in the same way; nobody else ends or prolongs it.
    """
    pair = held_live(db, relationship_id, actor_id)
    today = clock.now().date()
    if pair.state is RelationshipState.PAUSED:
        _prolong(db, actor_id, pair, until)
        return
    if pair.state is not RelationshipState.ACTIVE:
        raise Refused(_("Only an active pair can pause. Move the next session instead."))
    if not today < until <= today + LONGEST_PAUSE:
        raise Refused(_("Choose a day to come, sixty days away at most."), 422)
    _refuse_unless_chosen(sessions_before(db, pair.id, until), in_the_pause)
    row = Pause(relationship_id=pair.id, asked_by=actor_id, began_on=today, until=until)
    db.add(row)
    db.flush()
    _clear(db, actor_id, pair, row, in_the_pause)
    move(db, actor_id, pair, RelationshipState.PAUSED)
    pair.paused_until = until
    db.flush()
    tell_all(db, pair, "pair_paused", but=actor_id, revision=occasion_of(clock.now()))


def _prolong(db: Session, actor_id: UUID, pair: Relationship, until: date) -> None:
    row, today = _held_pause(db, actor_id, pair), clock.now().date()
    if not max(today, row.until) < until <= today + LONGEST_PAUSE:
        raise Refused(_("Choose a later day than before, sixty days away at most."), 422)
    row.until = pair.paused_until = until
    _clear(db, actor_id, pair, row, InThePause.CANCEL)
    audit.record(db, actor_id, "pause_prolonged", pair)
    db.flush()
    tell_all(db, pair, "pair_paused", but=actor_id, revision=occasion_of(clock.now()))


def _held_pause(db: Session, actor_id: UUID, pair: Relationship) -> Pause:
    """The open pause, if the actor asked for it or whoever did has left."""
    row = db.scalars(open_pause(pair.id)).one()
    if row.asked_by != actor_id and pair.has(row.asked_by):
        raise Refused(_("Whoever asked for this pause ends it. Otherwise it ends on its day."), 403)
    return row


def _refuse_unless_chosen(meetings: Sequence[Meeting], wanted: InThePause | None) -> None:
    if meetings and wanted is None:
        message = ngettext(
            "%(num)s session falls into this pause. Choose whether it moves or is canceled.",
            "%(num)s sessions fall into this pause. Choose whether they move or are canceled.",
            len(meetings),
        )
        raise Refused(message, 422)


def _clear(
    db: Session, actor_id: UUID, pair: Relationship, row: Pause, wanted: InThePause | None
) -> None:
    """Nothing stays in the pause; each session notes what became of it, for the Undo."""
    meetings = sessions_before(db, pair.id, row.until)
    for meeting in meetings:
        if wanted is InThePause.CANCEL or meeting.state is not SessionState.SCHEDULED:
            kept = sessions.as_it_is(meeting)
            sessions.cancel(db, actor_id, session_id=meeting.id)
            _note(meeting, row, kept)
    if wanted is InThePause.MOVE and meetings:
        _put_behind(db, actor_id, pair, row)


def _put_behind(db: Session, actor_id: UUID, pair: Relationship, row: Pause) -> None:
    """The sessions move behind the pause, with those after it that they would reach."""
    ahead = [m for m in _ahead(db, pair.id) if m.state is SessionState.SCHEDULED]
    places = behind([meeting.wall_time for meeting in ahead], row.until)
    for meeting, wall_time in zip(ahead, places, strict=True):
        if wall_time == meeting.wall_time:
            continue
        kept = sessions.as_it_is(meeting)
        sessions.reschedule(
            db,
            actor_id,
            session_id=meeting.id,
            wall_time=wall_time,
            zone=meeting.zone,
            minutes=meeting.minutes,
            place=meeting.place,
        )
        _note(meeting, row, kept)


def _note(meeting: Meeting, row: Pause, kept: dict[str, Any]) -> None:
    meeting.earlier = {**kept, "pause": str(row.id), "revision": meeting.revision}


def is_of(meeting: Meeting, row: Pause) -> bool:
    """Whether a session was last moved or canceled by a pause."""
    kept = meeting.earlier or {}
    return kept.get("pause") == str(row.id) and kept["revision"] == meeting.revision


def sessions_before(db: Session, relationship_id: UUID, until: date) -> list[Meeting]:
    """The sessions to come before a day, by the clock on the wall."""
    return [one for one in _ahead(db, relationship_id) if one.wall_time.date() < until]


def _ahead(db: Session, relationship_id: UUID) -> list[Meeting]:
    found = db.scalars(
        select(Meeting)
        .where(
            Meeting.relationship_id == relationship_id,
            Meeting.state.in_([SessionState.SCHEDULED, SessionState.PROPOSED]),
            Meeting.starts_at > clock.now(),
        )
        .order_by(Meeting.wall_time, Meeting.id)
    )
    return list(found)


def take_back(db: Session, actor_id: UUID, *, relationship_id: UUID) -> Pause:
    """Undo a pause within a day, as whoever asked for it."""
    pair = held_live(db, relationship_id, actor_id)
    if pair.state is not RelationshipState.PAUSED:
        raise Refused(_("This pair is not pausing any more. Reload the page."))
    row = _held_pause(db, actor_id, pair)
    if clock.now().date() > row.began_on + UNDONE_WITHIN:
        raise Refused(_("That was too long ago to undo. You can go on now, and plan anew."))
    _resume(db, actor_id, pair)
    return row


def resume(db: Session, actor_id: UUID, *, relationship_id: UUID) -> None:
    """End a pause before its day, as whoever asked for it."""
    pair = held_live(db, relationship_id, actor_id)
    if pair.state is not RelationshipState.PAUSED:
        raise Refused(_("This pair is not pausing any more. Reload the page."))
    _held_pause(db, actor_id, pair)
    _resume(db, actor_id, pair)


def _resume(db: Session, actor_id: UUID | None, pair: Relationship) -> None:
    """Go on; the term is as much longer as the pause was long."""
    row = end_pause(db, pair)
    move(db, actor_id, pair, RelationshipState.ACTIVE)
    if row is not None and row.ended_on is not None and pair.ends_on is not None:
        pair.ends_on += row.ended_on - row.began_on
    pair.paused_until = None
    db.flush()
    tell_all(db, pair, "pair_resumed", but=actor_id, revision=occasion_of(clock.now()))


def resume_due(db: Session) -> int:
    """End the pauses whose last day has come; returns how many."""
    due = db.scalars(
        select(Relationship.id)
        .where(
            Relationship.state == RelationshipState.PAUSED,
            Relationship.paused_until <= clock.now().date(),
        )
        .order_by(Relationship.id)
    ).all()
    for pair_id in due:
        pair = hold(db, Relationship, pair_id)
        if pair is not None and pair.state is RelationshipState.PAUSED:
            _resume(db, None, pair)
    return len(due)
