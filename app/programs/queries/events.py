"""Events of cohorts, as far as the reader may see them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, joinedload

from app.core import clock, search
from app.core.policies import Actor
from app.ergs.queries import standing
from app.events import queries as events
from app.events.models import Event, Occurrence, Rsvp
from app.events.rules import EventState, OccurrenceState
from app.programs.models import Cohort, CohortEvent, Enrollment, ProgramOrganizer
from app.programs.rules import LIVE_ENROLLMENTS, CohortState

PAGE, MOST = 20, 50
OVER = (CohortState.CLOSED, CohortState.CANCELED, CohortState.ARCHIVED)
GONE = (EventState.CANCELED, EventState.COMPLETED)


def events_of_cohort(db: Session, actor: Actor, cohort_id: UUID) -> list[Occurrence]:
    """The dates of a cohort's events that the reader may see, in order."""
    return list(
        db.scalars(
            events.visible_to(actor, standing(db, actor))
            .join(CohortEvent, CohortEvent.event_id == Event.id)
            .where(CohortEvent.cohort_id == cohort_id)
            .order_by(Occurrence.starts_at, Occurrence.id)
            .limit(60)
            .options(events.WITH_WORDS)
        ).unique()
    )


def cohorts_to_serve(db: Session, actor: Actor) -> list[Cohort]:
    """Cohorts that the actor runs and that are not over, the newest first."""
    query = select(Cohort).where(Cohort.state.not_in(OVER))
    if not actor.has("program_manager"):
        mine = select(ProgramOrganizer.program_id).where(
            ProgramOrganizer.person_id == actor.person_id
        )
        query = query.where(Cohort.program_id.in_(mine))
    return list(db.scalars(query.order_by(Cohort.created_at.desc(), Cohort.id).limit(MOST)))


def events_to_attach(db: Session, actor: Actor, cohort_id: UUID, q: str) -> list[Occurrence]:
    """Events ahead that the reader finds by words and that are not attached yet."""
    found = search.ids("events", q)
    if found is None:
        return []
    attached = select(CohortEvent.event_id).where(CohortEvent.cohort_id == cohort_id)
    return list(
        db.scalars(
            events.visible_to(actor, standing(db, actor))
            .where(
                Event.id.in_(found),
                Event.id.not_in(attached),
                Event.state.not_in(GONE),
                Occurrence.ends_at > clock.now(),
            )
            .order_by(Occurrence.starts_at, Occurrence.id)
            .limit(PAGE)
            .options(events.WITH_WORDS)
        ).unique()
    )


def cohort_dates_for(db: Session, actor: Actor, limit: int = 10) -> list[Occurrence]:
    """Dates ahead of the reader's own cohorts that they have not answered."""
    mine = (
        select(CohortEvent.event_id)
        .join(Cohort, Cohort.id == CohortEvent.cohort_id)
        .join(Enrollment, Enrollment.cohort_id == Cohort.id)
        .where(Enrollment.person_id == actor.person_id, Enrollment.state.in_(LIVE_ENROLLMENTS))
    )
    answered = exists().where(
        Rsvp.occurrence_id == Occurrence.id, Rsvp.person_id == actor.person_id
    )
    return list(
        db.scalars(
            events.visible_to(actor, standing(db, actor))
            .where(
                Event.id.in_(mine),
                Event.state == EventState.PUBLISHED,
                Occurrence.state == OccurrenceState.SCHEDULED,
                Occurrence.starts_at > clock.now(),
                ~answered,
            )
            .order_by(Occurrence.starts_at, Occurrence.id)
            .limit(limit)
            .options(joinedload(Occurrence.event).joinedload(Event.texts))
        ).unique()
    )


def is_visible(db: Session, actor: Actor, event_id: UUID) -> bool:
    """Whether the reader finds any date of an event."""
    seen = events.visible_to(actor, standing(db, actor)).where(Event.id == event_id).limit(1)
    return db.scalars(seen).first() is not None
