"""Feedback: who is asked, and what hosts may read."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, joinedload

from app.attendance.models import FeedbackBox, FeedbackPlace
from app.attendance.rules import ASK_AFTER
from app.core import clock
from app.core.policies import Actor
from app.elections.rules import has_mark
from app.events import queries as events
from app.events.models import Event, Occurrence
from app.events.rules import EventState, OccurrenceState

LOOK_BACK = timedelta(days=7)


def box_of(db: Session, occurrence_id: UUID) -> FeedbackBox | None:
    """The answers about a date."""
    return db.get(FeedbackBox, occurrence_id)


def place_of(db: Session, occurrence_id: UUID, person_id: UUID | None) -> FeedbackPlace | None:
    """Whether somebody is asked."""
    return db.get(FeedbackPlace, (occurrence_id, person_id)) if person_id else None


def has_answered(box: FeedbackBox, place: FeedbackPlace) -> bool:
    """Whether the person at a place has answered."""
    return has_mark(box.answered, place.place)


def waits_for(db: Session, occurrence_id: UUID, person_id: UUID | None) -> bool:
    """Whether a person is asked about a date now and has said nothing yet."""
    row = db.execute(
        select(FeedbackBox.answered, FeedbackPlace.place)
        .join(FeedbackPlace, FeedbackPlace.occurrence_id == FeedbackBox.occurrence_id)
        .where(
            FeedbackBox.occurrence_id == occurrence_id,
            FeedbackBox.closes_at > clock.now(),
            FeedbackPlace.person_id == person_id,
        )
    ).one_or_none()
    return row is not None and not has_mark(row[0], row[1])


def asked_for(db: Session, actor: Actor, occurrence_id: UUID) -> Occurrence | None:
    """A date about which the actor is asked."""
    occurrence = events.occurrence_for(db, actor, occurrence_id)
    is_asked = occurrence is not None and place_of(db, occurrence_id, actor.person_id)
    return occurrence if is_asked else None


def feedback_for(db: Session, actor: Actor, occurrence_id: UUID) -> Occurrence | None:
    """A date of the past, for those who run it."""
    occurrence = events.occurrence_for(db, actor, occurrence_id)
    return occurrence if occurrence and clock.now() >= occurrence.ends_at else None


def open_feedback(db: Session, person_id: UUID, limit: int = 5) -> list[Occurrence]:
    """Dates about which a person is asked and has said nothing yet, the latest first."""
    rows = db.execute(
        select(Occurrence, FeedbackPlace.place, FeedbackBox.answered)
        .join(FeedbackPlace, FeedbackPlace.occurrence_id == Occurrence.id)
        .join(FeedbackBox, FeedbackBox.occurrence_id == Occurrence.id)
        .where(FeedbackPlace.person_id == person_id, FeedbackBox.closes_at > clock.now())
        .order_by(Occurrence.ends_at.desc(), Occurrence.id)
        .options(joinedload(Occurrence.event).joinedload(Event.texts))
    ).unique()
    waiting = [row[0] for row in rows if not has_mark(row[2], row[1])]
    return waiting[:limit]


def due_for_feedback(db: Session) -> list[UUID]:
    """Dates that ended a day ago and about which nobody was asked yet."""
    now = clock.now()
    return list(
        db.scalars(
            select(Occurrence.id)
            .join(Event, Event.id == Occurrence.event_id)
            .where(
                Occurrence.ends_at <= now - ASK_AFTER,
                Occurrence.ends_at > now - ASK_AFTER - LOOK_BACK,
                Occurrence.state == OccurrenceState.SCHEDULED,
                Event.state.in_((EventState.PUBLISHED, EventState.COMPLETED)),
                ~exists().where(FeedbackBox.occurrence_id == Occurrence.id),
            )
            .order_by(Occurrence.id)
        )
    )
