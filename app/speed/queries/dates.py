"""Dates of speed mentoring: the session of one, and who comes to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from app.core.policies import Actor
from app.events import queries as events
from app.events.models import Event, Occurrence, Rsvp
from app.events.rules import EventKind, RsvpState
from app.speed.models import SpeedSeat, SpeedSession
from app.speed.rules import SessionState

COMING = (RsvpState.GOING, RsvpState.CHECKED_IN, RsvpState.ATTENDED)


def date_for(db: Session, actor: Actor, occurrence_id: UUID) -> Occurrence | None:
    """A date of speed mentoring that the actor may see."""
    found = events.occurrence_for(db, actor, occurrence_id)
    is_speed = found is not None and found.event.kind is EventKind.SPEED_MENTORING
    return found if is_speed else None


def session_of_date(db: Session, occurrence_id: UUID) -> SpeedSession | None:
    """The session of a date, if the organizers have set one up."""
    return db.scalar(select(SpeedSession).where(SpeedSession.occurrence_id == occurrence_id))


def session_for(db: Session, actor: Actor, occurrence_id: UUID) -> SpeedSession | None:
    """The session of a date that the actor may see, with event and hosts."""
    date = date_for(db, actor, occurrence_id)
    session = session_of_date(db, occurrence_id) if date is not None else None
    if session is not None:
        set_committed_value(
            session, "occurrence", date
        )  # loaded already, with all that hangs on it
    return session


def open_to(
    db: Session, occurrence_id: UUID, person_id: UUID | None
) -> tuple[SpeedSession, SpeedSeat | None] | None:
    """The session of a date whose talks are not over, with a person's seat if they have one."""
    seat = and_(SpeedSeat.session_id == SpeedSession.id, SpeedSeat.person_id == person_id)
    row = db.execute(
        select(SpeedSession, SpeedSeat)
        .outerjoin(SpeedSeat, seat)
        .where(
            SpeedSession.occurrence_id == occurrence_id,
            SpeedSession.state != SessionState.OVER,
        )
    ).first()
    return (row[0], row[1]) if row is not None else None


def is_coming(occurrence_id: Any, person_id: Any) -> ColumnElement[bool]:
    """The condition that a person has a seat at the event."""
    return exists().where(
        Rsvp.occurrence_id == occurrence_id,
        Rsvp.person_id == person_id,
        Rsvp.state.in_(COMING),
    )


def mine_ahead(person: UUID, since: datetime) -> Select[Rsvp, SpeedSession, SpeedSeat]:
    """One's own dates of speed mentoring that are not long over, with one's seat if any."""
    return (
        select(Rsvp, SpeedSession, SpeedSeat)
        .join(SpeedSession, SpeedSession.occurrence_id == Rsvp.occurrence_id)
        .outerjoin(
            SpeedSeat,
            and_(SpeedSeat.session_id == SpeedSession.id, SpeedSeat.person_id == Rsvp.person_id),
        )
        .join(Occurrence, Occurrence.id == Rsvp.occurrence_id)
        .where(Rsvp.person_id == person, Rsvp.state.in_(COMING), Occurrence.ends_at > since)
        .order_by(Occurrence.starts_at, Rsvp.id)
        .limit(10)
        .options(
            joinedload(Rsvp.occurrence).joinedload(Occurrence.event).joinedload(Event.texts),
        )
    )
