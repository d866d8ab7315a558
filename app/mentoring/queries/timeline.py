"""What happened in a relationship, from the rows that are there and the log, in one statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Select,
    String,
    Uuid,
    case,
    cast,
    false,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from app.accounts.queries.directory import existing
from app.audit.models import AuditEvent
from app.core import clock
from app.core.database import UTCDateTime
from app.core.policies import Actor
from app.mentoring.models import (
    Agreement,
    Goal,
    Meeting,
    Member,
    Note,
    Relationship,
    Signature,
)
from app.mentoring.rules import ClosingReason, GoalState, NoteScope, SessionState, Sharing
from app.mentoring.rules import RelationshipState as State
from app.mentoring.rules.timeline import PAGE, Happened, Part

NOBODY, NEVER = cast(null(), Uuid()), cast(null(), UTCDateTime())
OF_PAIR = AuditEvent.subject_type == Relationship.__tablename__
OF_SESSION = AuditEvent.subject_type == Meeting.__tablename__


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: what, when, by or about whom; `text` is somebody's own words."""

    kind: Happened
    at: datetime
    row_id: UUID | None
    person_id: UUID | None
    text: str
    instant: datetime | None
    number: int
    is_own: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """One page of what happened, the latest first."""

    entries: list[Entry]
    total: int
    number: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // PAGE))


def _line(kind: Any, at: Any, **more: Any) -> Select[Any]:
    """One kind of line; every part of the union has the same columns in the same order."""
    return select(
        (literal(kind.value, String(20)) if isinstance(kind, Happened) else kind).label("kind"),
        at.label("at"),
        more.get("row_id", NOBODY).label("row_id"),
        more.get("person_id", NOBODY).label("person_id"),
        more.get("text", literal("", String(300))).label("text"),
        more.get("instant", NEVER).label("instant"),
        more.get("number", literal(1)).label("number"),
        more.get("is_own", false()).label("is_own"),
    )


def _together(pair: Relationship) -> list[Select[Any]]:
    """Beginning, people, signatures, pauses, terms, the end."""
    here = Relationship.id == pair.id
    ending = case(
        (Relationship.closing_reason == ClosingReason.COMPLETED, Happened.COMPLETED.value),
        else_=Happened.ENDED.value,
    )
    signed = (
        _line(Happened.SIGNED, Signature.signed_at, person_id=Signature.person_id)
        .join(Agreement, Agreement.id == Signature.agreement_id)
        .where(Agreement.relationship_id == pair.id)
    )
    of_pair = Member.relationship_id == pair.id
    joined = _line(Happened.JOINED, Member.joined_at, person_id=Member.person_id).where(
        of_pair, Member.joined_at > (pair.started_at if pair.group_id else clock.now())
    )
    left = _line(Happened.LEFT, Member.left_at, person_id=Member.person_id).where(
        of_pair, Member.left_at.is_not(None)
    )
    return [
        _line(Happened.BEGUN, Relationship.started_at).where(here),
        _line(ending, Relationship.closed_at).where(here, Relationship.state == State.CLOSED),
        signed,
        joined,
        left,
        _turns(pair),
    ]


def _turns(pair: Relationship) -> Select[Any]:
    """How it went on, out of the log: by nobody's name and without a reason."""
    verb, before = AuditEvent.verb, AuditEvent.before
    goes_on = verb == f"relationship_{State.ACTIVE.value}"
    began = func.coalesce(AuditEvent.reason, "") == "enough"
    turns = [
        (verb == f"relationship_{State.PAUSED.value}", Happened.PAUSED),
        (goes_on & (before == State.PAUSED.value), Happened.RESUMED),
        (goes_on & (before == State.CLOSED.value), Happened.REOPENED),
        (goes_on & (before == State.TRIAL.value) & ~began, Happened.SETTLED),
        (verb == "relationship_renewed", Happened.RENEWED),
        (verb == f"relationship_{State.CONCLUDING.value}", Happened.CONCLUDING),
    ]
    kind = case(*((when, happened.value) for when, happened in turns), else_="")
    return _line(kind, AuditEvent.at).where(
        OF_PAIR, AuditEvent.subject_id == pair.id, or_(*(when for when, _happened in turns))
    )


def _sessions(pair: Relationship) -> list[Select[Any]]:
    """Planned, moved, called off, held; nothing of what did not take place and who said so."""
    here = (Meeting.relationship_id == pair.id) & Meeting.expires_at.is_(None)
    row = {"row_id": Meeting.id, "instant": Meeting.starts_at}
    in_one_go = func.coalesce(Meeting.series_id, Meeting.id)
    planned = (
        _line(
            Happened.PLANNED,
            func.min(Meeting.created_at),
            instant=func.min(Meeting.starts_at),
            number=func.count(Meeting.id),
        )
        .where(here, Meeting.state.not_in((SessionState.PLANNED, SessionState.PROPOSED)))
        .group_by(in_one_go)
    )
    logged = (OF_SESSION, AuditEvent.subject_id == Meeting.id, here)
    moved = _line(Happened.MOVED, AuditEvent.at, **row).where(
        *logged,
        AuditEvent.verb == f"mentoring_session_{SessionState.SCHEDULED.value}",
        AuditEvent.before == SessionState.MOVED.value,
    )
    canceled = _line(Happened.CANCELED, AuditEvent.at, **row).where(
        *logged,
        AuditEvent.verb == f"mentoring_session_{SessionState.CANCELED.value}",
        Meeting.state == SessionState.CANCELED,
        Meeting.ended_with_pair.is_(False),
    )
    held = case(
        (Meeting.state == SessionState.CONFIRMED, Happened.HELD.value),
        else_=Happened.CLAIMED.value,
    )
    took_place = _line(held, Meeting.starts_at, **row).where(
        here, Meeting.state.in_((SessionState.CLAIMED, SessionState.CONFIRMED))
    )
    return [planned, moved, canceled, took_place]


def _goals(pair: Relationship, actor: Actor) -> list[Select[Any]]:
    """Goals the reader may see; one's private ones are marked."""
    mine = (Goal.owner_id == actor.person_id) | (Goal.sharing != Sharing.ME)
    row = {
        "person_id": Goal.owner_id,
        "text": Goal.text,
        "is_own": Goal.sharing == Sharing.ME,
    }
    here = (Goal.relationship_id == pair.id) & mine & (Goal.state != GoalState.DRAFT)
    return [
        _line(Happened.GOAL_SET, Goal.created_at, **row).where(here),
        _line(Happened.GOAL_REACHED, Goal.moved_at, **row).where(
            here, Goal.state == GoalState.ACHIEVED
        ),
    ]


def _notes(pair: Relationship) -> list[Select[Any]]:
    """That a note was shared, and by whom; own ones are in no list but their owner's."""
    return [
        _line(Happened.NOTE_SHARED, Note.created_at, person_id=Note.author_id).where(
            Note.relationship_id == pair.id,
            Note.scope == NoteScope.SHARED,
            Note.deleted_at.is_(None),
        )
    ]


def timeline_of(
    db: Session, actor: Actor, pair: Relationship, *, part: Part | None = None, number: int = 1
) -> Timeline:
    """A page of what happened, as this member may know it."""
    parts = {
        Part.TOGETHER: _together(pair),
        Part.SESSIONS: _sessions(pair),
        Part.GOALS: _goals(pair, actor),
        Part.NOTES: _notes(pair),
    }
    chosen = parts[part] if part else [line for lines in parts.values() for line in lines]
    happened = union_all(*chosen).subquery()
    told = select(happened).where(happened.c.at <= clock.now())
    number = existing(db, told, number, PAGE)
    rows = db.execute(
        told.add_columns(func.count().over())
        .order_by(happened.c.at.desc(), happened.c.kind, happened.c.row_id, happened.c.person_id)
        .limit(PAGE)
        .offset((number - 1) * PAGE)
    ).all()
    entries = [Entry(Happened(row[0]), *row[1:8]) for row in rows]
    return Timeline(entries, rows[0][8] if rows else 0, number)
