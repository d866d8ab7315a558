"""Votes on topics as a member sees them: what is proposed, what one ticked, how many voted."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from app.core.policies import Actor
from app.mentoring.models import Topic, TopicBallot, TopicRound
from app.mentoring.queries.circles import group_for

FORMER = 10


@dataclass(frozen=True, slots=True)
class Vote:
    """A round with the reader's own ticks and how many have voted; nobody else's ticks."""

    round: TopicRound
    topics: list[Topic]
    mine: frozenset[str] | None
    voted: int


def latest_round(db: Session, relationship_id: UUID) -> TopicRound | None:
    """The newest round of a group with its topics."""
    return (
        db.scalars(
            select(TopicRound)
            .where(TopicRound.relationship_id == relationship_id)
            .order_by(TopicRound.number.desc())
            .limit(1)
            .options(joinedload(TopicRound.topics))
        )
        .unique()
        .first()
    )


def vote_of(db: Session, relationship_id: UUID, person_id: UUID | None) -> Vote | None:
    """The newest round as one member sees it; three statements."""
    found = latest_round(db, relationship_id)
    if found is None:
        return None
    own = db.get(TopicBallot, (found.id, person_id))
    voted = db.scalar(select(func.count()).where(TopicBallot.round_id == found.id)) or 0
    standing = [topic for topic in found.topics if topic.withdrawn_at is None]
    return Vote(found, standing, frozenset(own.topics) if own else None, voted)


def former_topics(db: Session, relationship_id: UUID, but: UUID | None) -> list[Topic]:
    """What earlier votes chose, the latest first."""
    chosen = (
        select(Topic)
        .join(TopicRound, TopicRound.id == Topic.round_id)
        .where(TopicRound.relationship_id == relationship_id, Topic.is_winner.is_(True))
        .order_by(TopicRound.number.desc())
        .limit(FORMER)
    )
    if but is not None:
        chosen = chosen.where(TopicRound.id != but)
    return list(db.scalars(chosen))


def round_for(db: Session, actor: Actor, round_id: UUID) -> TopicRound | None:
    """A round of a group of the actor's."""
    found = db.get(TopicRound, round_id)
    if found is None or group_for(db, actor, found.relationship_id) is None:
        return None
    return found


def topic_for(db: Session, actor: Actor, topic_id: UUID) -> Topic | None:
    """A topic of the actor's own in a group of theirs."""
    found = db.get(Topic, topic_id)
    if found is None or found.proposer_id != actor.person_id:
        return None
    return found if round_for(db, actor, found.round_id) is not None else None
