"""Sessions of a relationship and what its members said about them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.database import Base, Identified
from app.mentoring.models.scheduling import SessionFeedback, SessionReply, SessionSlot
from app.mentoring.rules import (
    Claim,
    SessionState,
)

if TYPE_CHECKING:
    from app.mentoring.models.relationships import Relationship


class Meeting(Identified, Base):
    """A session of a relationship: wall time and zone as planned, and the instant they mean."""

    __tablename__ = "mentoring_session"
    __table_args__ = (
        Index(None, "relationship_id", "starts_at"),
        Index(None, "state", "starts_at"),
        Index(None, "guide_session_id"),
        Index(None, "series_id"),
    )

    relationship_id: Mapped[UUID] = mapped_column(ForeignKey("relationship.id"))
    guide_session_id: Mapped[UUID | None] = mapped_column(ForeignKey("guide_session.id"))
    state: Mapped[SessionState] = mapped_column(default=SessionState.SCHEDULED)
    wall_time: Mapped[datetime] = mapped_column(DateTime(timezone=False))
    zone: Mapped[str] = mapped_column(String(60))
    starts_at: Mapped[datetime]
    minutes: Mapped[int] = mapped_column(default=60)
    place: Mapped[str] = mapped_column(String(300), default="")
    # What a group has voted to talk about.
    topic: Mapped[str] = mapped_column(String(160), default="", server_default="")
    revision: Mapped[int] = mapped_column(default=1)
    planned_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    changed_at: Mapped[datetime | None]
    # Sessions planned in one go share this, so that they can be taken back in one go.
    series_id: Mapped[UUID | None]
    # Until when one of the proposed times can be chosen.
    expires_at: Mapped[datetime | None]
    # Time and place before the last move, for its Undo.
    earlier: Mapped[dict[str, Any] | None]
    # It was canceled because its pair ended, and comes back when the pair does.
    ended_with_pair: Mapped[bool] = mapped_column(default=False, server_default=false())

    pair: Mapped[Relationship] = relationship(lazy="raise")
    claims: Mapped[list[SessionClaim]] = relationship()
    slots: Mapped[list[SessionSlot]] = relationship(
        lambda: SessionSlot, order_by="SessionSlot.starts_at", lazy="raise"
    )
    # Each one's own; nobody's is loaded but the reader's.
    feedback: Mapped[list[SessionFeedback]] = relationship(lambda: SessionFeedback, lazy="raise")
    replies: Mapped[list[SessionReply]] = relationship(lambda: SessionReply, lazy="raise")


class SessionClaim(Base):
    """What one member said about a session."""

    __tablename__ = "session_claim"
    __table_args__ = (Index(None, "person_id"),)

    session_id: Mapped[UUID] = mapped_column(ForeignKey("mentoring_session.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    answer: Mapped[Claim]
    answered_at: Mapped[datetime] = mapped_column(default=clock.now)
