"""All sessions of a guide in one go, and the one Undo that takes them back."""

from __future__ import annotations

from datetime import datetime
from itertools import zip_longest
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, ids, outbox
from app.core.database import hold
from app.core.errors import Refused
from app.mentoring.models import Meeting, Relationship
from app.mentoring.queries.slots import days_off_of, pauses_of
from app.mentoring.rules import SessionState
from app.mentoring.rules.series import MOST_SESSIONS, Planned, series_of
from app.mentoring.services.announcing import announce, reachable
from app.mentoring.services.sessions import (
    call_off,
    coming,
    held_planning,
    open_guide_sessions,
)


def days_of(
    db: Session, pair: Relationship, *, first: datetime, zone: str, count: int
) -> list[Planned]:
    """When the sessions of a series would be: around everybody's holidays and pauses."""
    return series_of(
        first,
        zone,
        count=count,
        cadence_days=pair.cadence_days,
        off=days_off_of(db, pair),
        pauses=pauses_of(db, pair),
    )


def plan_series(
    db: Session,
    actor_id: UUID,
    *,
    relationship_id: UUID,
    first: datetime,
    zone: str,
    count: int,
    minutes: int = 60,
    place: str = "",
) -> UUID:
    """Schedule the sessions of the guide that are left, and free ones after them up to `count`."""
    pair = held_planning(db, relationship_id, actor_id)
    if not 1 <= count <= MOST_SESSIONS:
        raise Refused(_("Plan one to 26 sessions at a time."), 422)
    coming(first, zone)
    series_id, guide = ids.new_id(), open_guide_sessions(db, pair)[:count]
    for planned, part in zip_longest(days_of(db, pair, first=first, zone=zone, count=count), guide):
        if planned is None:
            break
        meeting = Meeting(
            relationship_id=pair.id,
            wall_time=planned.at.wall,
            zone=zone,
            starts_at=planned.at.instant,
            minutes=minutes,
            place=place,
            planned_by=actor_id,
            series_id=series_id,
            state=SessionState.SCHEDULED,
            guide_session_id=part,
        )
        db.add(meeting)
        db.flush()
        audit.record(db, actor_id, "session_planned", meeting, after=meeting.state.value)
        announce(db, pair, meeting, "session_entry")
    for person_id in reachable(pair):
        outbox.put(db, "series_planned", subject=pair.id, person=person_id, occasion=series_id.hex)
    return series_id


def take_back_series(db: Session, actor_id: UUID, *, relationship_id: UUID, series_id: UUID) -> int:
    """Undo a series: what of it still lies ahead is canceled."""
    pair = held_planning(db, relationship_id, actor_id)
    found = db.scalars(
        select(Meeting.id)
        .where(
            Meeting.relationship_id == pair.id,
            Meeting.series_id == series_id,
            Meeting.state == SessionState.SCHEDULED,
            Meeting.starts_at > clock.now(),
        )
        .order_by(Meeting.id)
    ).all()
    for session_id in found:
        meeting = hold(db, Meeting, session_id)
        if meeting is not None:
            call_off(db, actor_id, pair, meeting)
    outbox.withdraw(db, "series_planned", subject=pair.id, occasion=series_id.hex)
    db.flush()
    return len(found)
