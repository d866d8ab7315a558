"""Sessions of relationships, and the question behind the link of a mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.accounts.messages import shown_name
from app.accounts.models import Person
from app.core import clock
from app.core.locale import format_list
from app.core.policies import Actor
from app.mentoring import links
from app.mentoring.models import (
    Meeting,
    Member,
    Relationship,
    SessionClaim,
    SessionFeedback,
)
from app.mentoring.rules import (
    HELD,
    UNKNOWN_AFTER,
    Claim,
    SessionState,
)

# Of these whoever has not answered yet is asked, whatever another one said.
ASKED = (
    SessionState.SCHEDULED,
    SessionState.DUE,
    SessionState.CLAIMED,
    SessionState.MISSED,
    SessionState.MOVED,
)
PAIR_WITH_MEMBERS = (
    joinedload(Meeting.pair).joinedload(Relationship.members).joinedload(Member.person)
)


def next_meetings(db: Session, pair_ids: list[UUID]) -> dict[UUID, Meeting]:
    """The next planned session of each relationship."""
    found = db.scalars(
        select(Meeting)
        .where(
            Meeting.relationship_id.in_(pair_ids),
            Meeting.state == SessionState.SCHEDULED,
            Meeting.starts_at > clock.now(),
        )
        .order_by(Meeting.starts_at.desc(), Meeting.id)
    )
    return {meeting.relationship_id: meeting for meeting in found}


def meetings_of(db: Session, relationship_id: UUID, reader_id: UUID | None) -> list[Meeting]:
    """The sessions of a relationship with what people said, and how the reader found them."""
    own = Meeting.feedback.and_(SessionFeedback.person_id == reader_id)
    return list(
        db.scalars(
            select(Meeting)
            .where(Meeting.relationship_id == relationship_id)
            .order_by(Meeting.starts_at, Meeting.id)
            .limit(200)
            .options(joinedload(Meeting.claims), joinedload(Meeting.slots), joinedload(own))
        ).unique()
    )


def session_for(db: Session, actor: Actor, session_id: UUID) -> Meeting | None:
    """A session of one of the actor's relationships."""
    found = (
        db.scalars(select(Meeting).where(Meeting.id == session_id).options(PAIR_WITH_MEMBERS))
        .unique()
        .one_or_none()
    )
    return found if found is not None and found.pair.has(actor.person_id) else None


@dataclass(frozen=True, slots=True)
class Question:
    """What the link of a mail opens: one session, one person, and what they said so far."""

    token: str
    session_id: UUID
    relationship_id: UUID
    person_id: UUID
    revision: int
    starts_at: Any
    partners: str
    said: Any
    is_open: bool
    asked: Person


def question_for(db: Session, _actor: Actor, token: str) -> Question | None:
    """The question behind a signed link; None when forged, moved, or long past."""
    parts = links.opened(token)
    if parts is None:
        return None
    session_id, person_id, revision = parts
    meeting = (
        db.scalars(
            select(Meeting)
            .where(Meeting.id == session_id)
            .options(
                joinedload(Meeting.claims),
                PAIR_WITH_MEMBERS,
            )
        )
        .unique()
        .one_or_none()
    )
    if meeting is None or meeting.revision != revision or not meeting.pair.has(person_id):
        return None
    said = {c.person_id: c.answer for c in meeting.claims if c.revision == revision}
    last = _ends(meeting) + UNKNOWN_AFTER
    names = [shown_name(member.person) for member in meeting.pair.others(person_id)]
    return Question(
        token,
        session_id,
        meeting.relationship_id,
        person_id,
        revision,
        meeting.starts_at,
        format_list(names),
        said.get(person_id),
        is_open=person_id not in said and meeting.starts_at <= clock.now() < last,
        asked=next(m.person for m in meeting.pair.members if m.person_id == person_id),
    )


def has_said(meeting: Meeting, person_id: UUID | None) -> SessionClaim | None:
    """What a person said about a session as it now stands."""
    return next(
        (c for c in meeting.claims if c.person_id == person_id and c.revision == meeting.revision),
        None,
    )


def is_asked_of(meeting: Meeting, pair: Relationship, person_id: UUID | None) -> bool:
    """Whether a session was in a person's time; who joins later is not asked about it."""
    return any(member.person_id == person_id for member in pair.there_at(meeting.starts_at))


def is_unanswered(meeting: Meeting, person_id: UUID | None) -> bool:
    """Whether a person is asked if a session was held: for two weeks, unless they answered."""
    since = clock.now() - _ends(meeting)
    is_due = timedelta() <= since < UNKNOWN_AFTER and meeting.state in ASKED
    return is_due and has_said(meeting, person_id) is None


def _ends(meeting: Meeting) -> datetime:
    return meeting.starts_at + timedelta(minutes=meeting.minutes)


def untold(meetings: list[Meeting], person_id: UUID | None) -> Meeting | None:
    """The last session that a person says was held, for two weeks, unless they said how it was."""
    since = clock.now() - UNKNOWN_AFTER
    met = [m for m in meetings if m.state in HELD and m.starts_at > since and _met(m, person_id)]
    return met[-1] if met and not met[-1].feedback else None


def _met(meeting: Meeting, person_id: UUID | None) -> bool:
    said = has_said(meeting, person_id)
    return said is not None and said.answer is Claim.MET


def shown_state(meeting: Meeting, person_id: UUID | None) -> SessionState:
    """The state as one person sees it: whoever has not answered yet does not see that another did.

    "It did not take place" would tell a partner who said so; until they answer, they are asked.
    """
    is_others_word = meeting.state in (SessionState.MISSED, SessionState.MOVED)
    if is_others_word and has_said(meeting, person_id) is None:
        is_late = clock.now() >= _ends(meeting) + UNKNOWN_AFTER
        return SessionState.UNKNOWN if is_late else SessionState.DUE
    return meeting.state
