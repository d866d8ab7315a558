"""Relationships and what is in them, found through the actor: members only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, Uuid, bindparam, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.accounts.messages import shown_name
from app.accounts.queries.directory import Page, paged
from app.core import clock
from app.core.locale import format_list
from app.core.policies import Actor
from app.health.queries import counted_at
from app.health.registry import Window
from app.mentoring import links
from app.mentoring.models import (
    Agreement,
    Goal,
    GoalStep,
    GuideSession,
    Meeting,
    Member,
    Note,
    Relationship,
    SessionClaim,
)
from app.mentoring.rules import (
    HELD,
    LIVE,
    UNKNOWN_AFTER,
    GoalState,
    NoteScope,
    SessionState,
    Sharing,
)
from app.programs.models import Cohort
from app.programs.queries.scope import is_manager

WAITING = (SessionState.SCHEDULED, SessionState.DUE, SessionState.CLAIMED)


WITH_MEMBERS = joinedload(Relationship.members).joinedload(Member.person)
PAIR_WITH_MEMBERS = (
    joinedload(Meeting.pair).joinedload(Relationship.members).joinedload(Member.person)
)


def relationship_for(db: Session, actor: Actor, relationship_id: UUID) -> Relationship | None:
    """A relationship of which the actor is a member; for anybody else it does not exist."""
    found = (
        db.scalars(
            select(Relationship).where(Relationship.id == relationship_id).options(WITH_MEMBERS)
        )
        .unique()
        .one_or_none()
    )
    return found if found is not None and found.has(actor.person_id) else None


def _is_mine(actor: Actor) -> Any:
    return _pairs_of(actor.person_id)


def _pairs_of(person: Any) -> Any:
    mine = select(Member.relationship_id).where(
        Member.person_id == person, Member.left_at.is_(None)
    )
    return Relationship.id.in_(mine)


def mine(db: Session, actor: Actor) -> list[Relationship]:
    """The actor's relationships, live ones first, the newest first."""
    return list(
        db.scalars(
            select(Relationship)
            .where(_is_mine(actor))
            .order_by(
                Relationship.state.in_(LIVE).desc(), Relationship.started_at.desc(), Relationship.id
            )
            .limit(100)
            .options(WITH_MEMBERS)
        ).unique()
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


def meetings_of(db: Session, relationship_id: UUID) -> list[Meeting]:
    """The sessions of a relationship with what people said, in order of time."""
    return list(
        db.scalars(
            select(Meeting)
            .where(Meeting.relationship_id == relationship_id)
            .order_by(Meeting.starts_at, Meeting.id)
            .limit(200)
            .options(joinedload(Meeting.claims))
        ).unique()
    )


def guide_sessions(db: Session, guide_id: UUID | None) -> list[GuideSession]:
    """The sessions of a guide with their prompts, in order."""
    return list(
        db.scalars(
            select(GuideSession)
            .where(GuideSession.guide_id == guide_id)
            .order_by(GuideSession.position)
            .options(joinedload(GuideSession.prompts))
        ).unique()
    )


def agreement_of(db: Session, relationship_id: UUID) -> Agreement | None:
    """The agreement with its signatures."""
    return (
        db.scalars(
            select(Agreement)
            .where(Agreement.relationship_id == relationship_id)
            .options(joinedload(Agreement.signatures))
        )
        .unique()
        .one_or_none()
    )


def goals_of(db: Session, actor: Actor, relationship_id: UUID) -> list[Goal]:
    """The goals the actor may see: their own, and what the others share."""
    return list(
        db.scalars(
            select(Goal)
            .where(
                Goal.relationship_id == relationship_id,
                or_(Goal.owner_id == actor.person_id, Goal.sharing != Sharing.ME),
            )
            .order_by(Goal.state != GoalState.ACTIVE, Goal.created_at, Goal.id)
            .limit(50)
            .options(joinedload(Goal.steps))
        ).unique()
    )


def notes_of(db: Session, actor: Actor, relationship_id: UUID) -> list[Note]:
    """One's own notes and what the others share, the newest first."""
    return list(
        db.scalars(
            select(Note)
            .where(
                Note.relationship_id == relationship_id,
                or_(Note.author_id == actor.person_id, Note.scope == NoteScope.SHARED),
            )
            .order_by(Note.created_at.desc(), Note.id)
            .limit(50)
        )
    )


def _in_my_pair(db: Session, actor: Actor, model: Any, row_id: UUID) -> Any:
    row = db.get(model, row_id)
    if row is None:
        return None
    return row if relationship_for(db, actor, row.relationship_id) is not None else None


def session_for(db: Session, actor: Actor, session_id: UUID) -> Meeting | None:
    """A session of one of the actor's relationships."""
    found = (
        db.scalars(select(Meeting).where(Meeting.id == session_id).options(PAIR_WITH_MEMBERS))
        .unique()
        .one_or_none()
    )
    return found if found is not None and found.pair.has(actor.person_id) else None


def goal_for(db: Session, actor: Actor, goal_id: UUID) -> Goal | None:
    """A goal the actor may see."""
    found: Goal | None = _in_my_pair(db, actor, Goal, goal_id)
    if found is None or (found.sharing is Sharing.ME and found.owner_id != actor.person_id):
        return None
    return found


def step_for(db: Session, actor: Actor, goal_id: UUID, step_id: UUID) -> GoalStep | None:
    """A step of a goal the actor may see."""
    step = db.scalar(
        select(GoalStep)
        .where(GoalStep.id == step_id, GoalStep.goal_id == goal_id)
        .options(joinedload(GoalStep.goal))
    )
    if step is None:
        return None
    return step if goal_for(db, actor, goal_id) is not None else None


def note_for(db: Session, actor: Actor, note_id: UUID) -> Note | None:
    """A note the actor may read; there is no other way to a note."""
    found: Note | None = _in_my_pair(db, actor, Note, note_id)
    if found is None or (found.scope is NoteScope.OWN and found.author_id != actor.person_id):
        return None
    return found


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
    last = meeting.starts_at + timedelta(minutes=meeting.minutes) + UNKNOWN_AFTER
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
    )


def agenda_meetings(db: Session, actor: Actor) -> list[Meeting]:
    """The actor's sessions of the last two weeks and of the time to come."""
    asked = {"person": actor.person_id, "since": clock.now() - UNKNOWN_AFTER}
    return list(db.scalars(_meetings(), asked).unique())


@cache
def _meetings() -> Select[Any]:
    """Home asks this; building the statement costs more than running it."""
    return (
        select(Meeting)
        .join(Relationship)
        .where(
            _pairs_of(bindparam("person", type_=Uuid())),
            Relationship.state.in_(LIVE),
            Meeting.state.in_(WAITING),
            Meeting.starts_at > bindparam("since"),
        )
        .order_by(Meeting.starts_at, Meeting.id)
        .limit(20)
        .options(joinedload(Meeting.claims), PAIR_WITH_MEMBERS)
    )


def moved_goals(db: Session, actor: Actor) -> list[tuple[Goal, Member]]:
    """Goals of partners, shared with the actor, that moved in the last week."""
    asked = {"person": actor.person_id, "since": clock.now() - timedelta(days=7)}
    return [(goal, member) for goal, member in db.execute(_moved(), asked).unique()]


@cache
def _moved() -> Select[Any]:
    """Home asks this; building the statement costs more than running it."""
    person = bindparam("person", type_=Uuid())
    return (
        select(Goal, Member)
        .join(Relationship, Relationship.id == Goal.relationship_id)
        .join(
            Member,
            (Member.relationship_id == Relationship.id) & (Member.person_id == Goal.owner_id),
        )
        .where(
            _pairs_of(person),
            Relationship.state.in_(LIVE),
            Goal.owner_id != person,
            Goal.sharing != Sharing.ME,
            Goal.moved_at > bindparam("since"),
        )
        .order_by(Goal.moved_at.desc(), Goal.id)
        .limit(5)
        .options(joinedload(Goal.steps))
    )


def managed_cohort(db: Session, actor: Actor, cohort_id: UUID) -> Cohort | None:
    """A cohort whose pairs the actor may see the state of."""
    cohort = db.get(Cohort, cohort_id)
    return cohort if cohort is not None and is_manager(actor, cohort) else None


def pairs_page(db: Session, actor: Actor, cohort_id: UUID, number: int) -> Page:
    """The pairs of a cohort, without the actor's own: people and state, nothing of their work."""
    query = (
        select(Relationship)
        .where(Relationship.cohort_id == cohort_id, ~_is_mine(actor))
        .order_by(Relationship.started_at.desc(), Relationship.id)
    )
    found = paged(db, query.with_only_columns(Relationship.id), number)
    rows = db.scalars(
        select(Relationship)
        .where(Relationship.id.in_(found.rows))
        .order_by(Relationship.started_at.desc(), Relationship.id)
        .options(WITH_MEMBERS)
    ).unique()
    return Page(list(rows), found.number, found.last, found.total)


def held_counts(db: Session, pair_ids: list[UUID]) -> dict[UUID, int]:
    """Sessions that people say were held, by relationship."""
    rows = db.execute(
        select(Meeting.relationship_id, func.count())
        .where(Meeting.relationship_id.in_(pair_ids), Meeting.state.in_(HELD))
        .group_by(Meeting.relationship_id)
    )
    return dict(rows.tuples().all())


def has_said(meeting: Meeting, person_id: UUID | None) -> SessionClaim | None:
    """What a person said about a session as it now stands."""
    return next(
        (c for c in meeting.claims if c.person_id == person_id and c.revision == meeting.revision),
        None,
    )


def uptake(db: Session, window: Window) -> Sequence[Row[Any]]:
    """(group, how many of its counted members are in a relationship that lives at the end)."""
    members = counted_at(window.until).subquery()
    paired = (
        select(Member.person_id)
        .join(Relationship, Relationship.id == Member.relationship_id)
        .where(
            Member.joined_at < window.until,
            or_(Member.left_at.is_(None), Member.left_at >= window.until),
            or_(Relationship.closed_at.is_(None), Relationship.closed_at >= window.until),
        )
        .distinct()
        .subquery()
    )
    return db.execute(
        select(members.c.erg_id, func.count(paired.c.person_id))
        .outerjoin(paired, paired.c.person_id == members.c.person_id)
        .group_by(members.c.erg_id)
    ).all()
