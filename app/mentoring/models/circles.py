"""What groups live with: a board, a vote on topics, a quorum, turns, and a line for seats."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.database import Base, Identified
from app.mentoring.rules.circles import PostKind, RoundState, WaitState
from app.programs.models import Enrollment


class BoardPost(Identified, Base):
    """Something on a group's board, or a reply to it; what is gone leaves a tombstone."""

    __tablename__ = "board_post"
    __table_args__ = (
        Index(None, "relationship_id", "parent_id", "created_at"),
        Index(None, "parent_id", "created_at"),
        Index(None, "author_id"),
        Index(None, "deleted_at"),
    )

    relationship_id: Mapped[UUID] = mapped_column(ForeignKey("relationship.id"))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("board_post.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[PostKind] = mapped_column(default=PostKind.QUESTION)
    body: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    pinned_at: Mapped[datetime | None]
    # The words before the last change, for its Undo.
    former: Mapped[dict[str, Any] | None]


class BoardReading(Base):
    """Up to when a member has read the board; one notice is pending for each reading."""

    __tablename__ = "board_reading"
    __table_args__ = (Index(None, "person_id"),)

    relationship_id: Mapped[UUID] = mapped_column(ForeignKey("relationship.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    number: Mapped[int] = mapped_column(default=0)
    read_at: Mapped[datetime] = mapped_column(default=clock.now)


class TopicRound(Identified, Base):
    """A vote on the topic of the next session; a later one has the next number."""

    __tablename__ = "topic_round"
    __table_args__ = (
        UniqueConstraint("relationship_id", "number"),
        Index(None, "state", "closes_at"),
        Index(None, "opened_by"),
        Index(None, "session_id"),
    )

    relationship_id: Mapped[UUID] = mapped_column(ForeignKey("relationship.id"))
    number: Mapped[int]
    state: Mapped[RoundState] = mapped_column(default=RoundState.OPEN)
    opened_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    opened_at: Mapped[datetime] = mapped_column(default=clock.now)
    closes_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    # The session that carries the winner; None as long as none is planned.
    session_id: Mapped[UUID | None] = mapped_column(ForeignKey("mentoring_session.id"))

    topics: Mapped[list[Topic]] = relationship(
        lambda: Topic, order_by="Topic.proposed_at, Topic.id", lazy="raise"
    )


class Topic(Identified, Base):
    """What a member proposes to talk about; it keeps its age when a later round takes it along."""

    __tablename__ = "topic"
    __table_args__ = (Index(None, "round_id", "proposed_at", "id"), Index(None, "proposer_id"))

    round_id: Mapped[UUID] = mapped_column(ForeignKey("topic_round.id"))
    proposer_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str] = mapped_column(String(160))
    proposed_at: Mapped[datetime] = mapped_column(default=clock.now)
    is_winner: Mapped[bool] = mapped_column(default=False)
    withdrawn_at: Mapped[datetime | None]


class TopicBallot(Base):
    """Which topics one member ticked; nobody else reads it, and it goes when the round closes."""

    __tablename__ = "topic_ballot"
    __table_args__ = (Index(None, "person_id"),)

    round_id: Mapped[UUID] = mapped_column(ForeignKey("topic_round.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    topics: Mapped[list[Any]] = mapped_column(default=list)


class ClosedWish(Base):
    """Until when a member wants nobody new in the group."""

    __tablename__ = "group_closed_wish"
    __table_args__ = (Index(None, "person_id"),)

    relationship_id: Mapped[UUID] = mapped_column(ForeignKey("relationship.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    until: Mapped[date]


class FacilitatorTurn(Base):
    """Who takes the turn of a session, counted from 0, and whom they ask to take it instead."""

    __tablename__ = "facilitator_turn"
    __table_args__ = (Index(None, "person_id"), Index(None, "asked_id"))

    relationship_id: Mapped[UUID] = mapped_column(ForeignKey("relationship.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    asked_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))


class GroupWait(Identified, Base):
    """Somebody's place in the line for a seat of a group that is under way."""

    __tablename__ = "group_wait"
    __table_args__ = (
        UniqueConstraint("relationship_id", "enrollment_id"),
        Index(None, "enrollment_id"),
        Index(None, "state", "since"),
        Index(None, "offer_id"),
    )

    relationship_id: Mapped[UUID] = mapped_column(ForeignKey("relationship.id"))
    enrollment_id: Mapped[UUID] = mapped_column(ForeignKey("enrollment.id"))
    state: Mapped[WaitState] = mapped_column(default=WaitState.WAITING)
    since: Mapped[datetime] = mapped_column(default=clock.now)
    offer_id: Mapped[UUID | None] = mapped_column(ForeignKey("offer.id"))

    enrollment: Mapped[Enrollment] = relationship(lazy="raise")
