"""Sessions with all that their pages show, lists of them, and what stands in calendars."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.accounts.queries.directory import Page, paged
from app.core import clock
from app.core.policies import Actor
from app.mentoring.models import (
    GuideSession,
    Meeting,
    Relationship,
    SessionFeedback,
)
from app.mentoring.queries.relationships import pairs_of
from app.mentoring.queries.sessions import PAIR_WITH_MEMBERS
from app.mentoring.registry import is_held
from app.mentoring.rules import SessionState

IN_CALENDAR = tuple(
    state
    for state in SessionState
    if state not in (SessionState.PLANNED, SessionState.PROPOSED, SessionState.CANCELED)
)


def guide_session_of(db: Session, meeting: Meeting) -> GuideSession | None:
    """The guide's session that a session follows, with its prompts."""
    if meeting.guide_session_id is None:
        return None
    return (
        db.scalars(
            select(GuideSession)
            .where(GuideSession.id == meeting.guide_session_id)
            .options(joinedload(GuideSession.prompts))
        )
        .unique()
        .one_or_none()
    )


def meeting_in_full(db: Session, actor: Actor, session_id: UUID) -> Meeting | None:
    """A session of the actor's with what people said of it and who comes."""
    found = (
        db.scalars(
            select(Meeting)
            .where(Meeting.id == session_id)
            .options(PAIR_WITH_MEMBERS, selectinload(Meeting.replies), selectinload(Meeting.claims))
        )
        .unique()
        .one_or_none()
    )
    return found if found is not None and found.pair.has(actor.person_id) else None


def own_feedback(
    db: Session, person_id: UUID | None, relationship_id: UUID
) -> dict[UUID, SessionFeedback]:
    """What a person themself wrote of the sessions of a pair; nobody else's is read here."""
    rows = db.scalars(
        select(SessionFeedback)
        .join(Meeting, Meeting.id == SessionFeedback.session_id)
        .where(SessionFeedback.person_id == person_id, Meeting.relationship_id == relationship_id)
    )
    return {row.session_id: row for row in rows}


def has_series(db: Session, relationship_id: UUID, series_id: UUID) -> bool:
    """Whether sessions of a pair were planned in one go under this number."""
    found = select(Meeting.id).where(
        Meeting.relationship_id == relationship_id, Meeting.series_id == series_id
    )
    return db.scalar(found.limit(1)) is not None


def sessions_page(db: Session, relationship_id: UUID, *, past: bool, number: int) -> Page:
    """The sessions of a pair that lie ahead, the next first, or behind, the latest first."""
    now = clock.now()
    order = (Meeting.starts_at.desc() if past else Meeting.starts_at, Meeting.id)
    query = (
        select(Meeting)
        .where(
            Meeting.relationship_id == relationship_id,
            Meeting.state.not_in((SessionState.PROPOSED, SessionState.PLANNED)),
            Meeting.starts_at <= now if past else Meeting.starts_at > now,
        )
        .order_by(*order)
        .options(selectinload(Meeting.claims))
    )
    return paged(db, query, number)


def calendar_meetings(db: Session, person_id: UUID, since: datetime) -> list[Meeting]:
    """What stands in a person's calendar, by statements that do not grow with it."""
    return list(
        db.scalars(
            select(Meeting)
            .join(Relationship)
            .where(
                pairs_of(person_id),
                Meeting.state.in_(IN_CALENDAR),
                Meeting.starts_at > since,
                ~is_held(Relationship.id, person_id),
            )
            .order_by(Meeting.starts_at, Meeting.id)
            .limit(300)
            .options(PAIR_WITH_MEMBERS)
        ).unique()
    )
