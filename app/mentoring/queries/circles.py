"""Groups found through the actor, whose turn it is in them, and how many of them come."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, joinedload

from app.core import clock
from app.core.policies import Actor
from app.mentoring.models import (
    ClosedWish,
    FacilitatorTurn,
    GroupWait,
    Meeting,
    Member,
    Relationship,
)
from app.mentoring.queries.relationships import relationship_for
from app.mentoring.rules import HELD, SessionState
from app.mentoring.rules.circles import WaitState, closed_until, quorum, turn
from app.programs.rules import SHAPES, Role


def is_group(pair: Relationship) -> bool:
    """Whether a relationship is one of several people by its format, and has begun."""
    return SHAPES[pair.format].is_shared and not pair.is_gathering


def is_circle(pair: Relationship) -> bool:
    """Whether everybody facilitates in turn."""
    return SHAPES[pair.format].kind == "circles"


def group_for(db: Session, actor: Actor, relationship_id: UUID) -> Relationship | None:
    """A group of the actor's that has begun; a pair has none of this."""
    pair = relationship_for(db, actor, relationship_id)
    return pair if pair is not None and is_group(pair) else None


def circle_for(db: Session, actor: Actor, relationship_id: UUID) -> Relationship | None:
    """A circle of the actor's that has begun."""
    pair = group_for(db, actor, relationship_id)
    return pair if pair is not None and is_circle(pair) else None


def in_turn(pair: Relationship) -> list[Member]:
    """The people of today, in the order in which they joined."""
    here = [member for member in pair.members if member.left_at is None]
    return sorted(here, key=lambda member: (member.joined_at, str(member.person_id)))


def turns_of(db: Session, pair: Relationship) -> tuple[int, list[FacilitatorTurn]]:
    """The number of the next session, counted from 0, and what was agreed about turns from it on;
    in one statement."""
    held = (
        select(func.count().label("number"))
        .select_from(Meeting)
        .where(Meeting.relationship_id == pair.id, Meeting.state.in_(HELD))
        .subquery()
    )
    rows = db.execute(
        select(held.c.number, FacilitatorTurn).outerjoin(
            FacilitatorTurn,
            and_(
                FacilitatorTurn.relationship_id == pair.id,
                FacilitatorTurn.number >= held.c.number,
            ),
        )
    ).all()
    return rows[0][0], [row for _number, row in rows if row is not None]


def facilitator_of(db: Session, pair: Relationship) -> Member | None:
    """Who facilitates the next session of a circle."""
    if not is_circle(pair):
        return None
    number, agreed = turns_of(db, pair)
    return whose_turn(pair, number, agreed)


def whose_turn(pair: Relationship, number: int, agreed: list[FacilitatorTurn]) -> Member | None:
    """Who facilitates the session of that number."""
    here = {member.person_id: member for member in in_turn(pair)}
    found = turn(list(here), number, {row.number: row.person_id for row in agreed})
    return here[found] if found is not None else None


def hosts_of(db: Session, pair: Relationship) -> frozenset[UUID]:
    """Who looks after a group now: its mentor, the facilitator of a circle; among peers all."""
    if is_circle(pair):
        now = facilitator_of(db, pair)
        return frozenset({now.person_id} if now else ())
    here = in_turn(pair)
    if SHAPES[pair.format].kind == "groups":
        here = [member for member in here if member.role is Role.MENTOR]
    return frozenset(member.person_id for member in here)


def quorum_of(pair: Relationship) -> int:
    """How many of a group must come."""
    return quorum(len(in_turn(pair)), pair.quorum)


def coming(meeting: Meeting, pair: Relationship) -> int:
    """How many of today's people say that they come."""
    return sum(reply.is_coming and pair.has(reply.person_id) for reply in meeting.replies)


def needs_of(pair: Relationship) -> tuple[int, frozenset[UUID]]:
    """How many must be able to come, and who always: everybody of a pair, of a group its quorum
    and the mentor."""
    here = in_turn(pair)
    if len(here) <= 2 or not is_group(pair):
        return len(here), frozenset()
    mentors = frozenset(member.person_id for member in here if member.role is Role.MENTOR)
    return quorum_of(pair), mentors


def closed_wishes(db: Session, relationship_id: UUID) -> dict[UUID, date]:
    """Until when each member wants nobody new; only days to come."""
    rows = db.execute(
        select(ClosedWish.person_id, ClosedWish.until).where(
            ClosedWish.relationship_id == relationship_id, ClosedWish.until > clock.now().date()
        )
    )
    return dict(rows.tuples().all())


def closed_day(db: Session, group: Relationship) -> date | None:
    """The last day on which more than half of a group want nobody new."""
    here = {member.person_id for member in in_turn(group)}
    wishes = closed_wishes(db, group.id)
    return closed_until(len(here), [day for person, day in wishes.items() if person in here])


def waiting_in(db: Session, relationship_id: UUID) -> int:
    """How many wait for a seat."""
    found = select(func.count(GroupWait.id)).where(
        GroupWait.relationship_id == relationship_id,
        GroupWait.state.in_((WaitState.WAITING, WaitState.OFFERED)),
    )
    return db.scalar(found) or 0


def next_meeting(db: Session, relationship_id: UUID) -> Meeting | None:
    """The next session that has a time, with who comes."""
    return (
        db.scalars(
            select(Meeting)
            .where(
                Meeting.relationship_id == relationship_id,
                Meeting.state == SessionState.SCHEDULED,
                Meeting.starts_at > clock.now(),
            )
            .order_by(Meeting.starts_at, Meeting.id)
            .limit(1)
            .options(joinedload(Meeting.replies))
        )
        .unique()
        .first()
    )
