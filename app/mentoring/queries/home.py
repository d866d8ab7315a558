"""What home says of relationships, by statements built once."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, Uuid, bindparam, select
from sqlalchemy.orm import Session, joinedload

from app.core import clock
from app.core.policies import Actor
from app.mentoring.models import (
    Goal,
    Meeting,
    Member,
    Relationship,
)
from app.mentoring.queries.relationships import pairs_of
from app.mentoring.queries.sessions import PAIR_WITH_MEMBERS, is_asked_of
from app.mentoring.registry import is_held
from app.mentoring.rules import (
    LIVE,
    UNKNOWN_AFTER,
    GoalState,
    SessionState,
    Sharing,
)

WAITING = (
    SessionState.PROPOSED,
    SessionState.SCHEDULED,
    SessionState.DUE,
    SessionState.CLAIMED,
    SessionState.MISSED,
    SessionState.MOVED,
)


def agenda_meetings(db: Session, actor: Actor) -> list[Meeting]:
    """The actor's sessions of the last two weeks, since they joined, and of the time to come."""
    asked = {"person": actor.person_id, "since": clock.now() - UNKNOWN_AFTER}
    found = db.scalars(_meetings(), asked).unique()
    return [meeting for meeting in found if is_asked_of(meeting, meeting.pair, actor.person_id)]


@cache
def _meetings() -> Select[Any]:
    """Home asks this; building the statement costs more than running it."""
    return (
        select(Meeting)
        .join(Relationship)
        .where(
            pairs_of(bindparam("person", type_=Uuid())),
            Relationship.state.in_(LIVE),
            Meeting.state.in_(WAITING),
            Meeting.starts_at > bindparam("since"),
            ~is_held(Relationship.id, bindparam("person", type_=Uuid())),
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
            pairs_of(person),
            Relationship.state.in_(LIVE),
            Goal.owner_id != person,
            Member.left_at.is_(None),
            Goal.sharing != Sharing.ME,
            Goal.state != GoalState.DRAFT,
            Goal.moved_at > bindparam("since"),
            ~is_held(Relationship.id, person),
        )
        .order_by(Goal.moved_at.desc(), Goal.id)
        .limit(5)
        .options(joinedload(Goal.steps))
    )
