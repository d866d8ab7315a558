"""Times that were proposed, who says they come, and what each thought of a session."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.database import Base, Identified


class SessionSlot(Identified, Base):
    """One proposed time of a session; it goes when one is chosen, or others are proposed."""

    __tablename__ = "session_slot"
    __table_args__ = (UniqueConstraint("session_id", "starts_at"),)

    session_id: Mapped[UUID] = mapped_column(ForeignKey("mentoring_session.id"))
    wall_time: Mapped[datetime] = mapped_column(DateTime(timezone=False))
    zone: Mapped[str] = mapped_column(String(60))
    starts_at: Mapped[datetime]


class SessionReply(Base):
    """Whether a member of a group comes to a session as it now stands."""

    __tablename__ = "session_reply"
    __table_args__ = (Index(None, "person_id"),)

    session_id: Mapped[UUID] = mapped_column(ForeignKey("mentoring_session.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    is_coming: Mapped[bool]
    answered_at: Mapped[datetime] = mapped_column(default=clock.now)


class SessionFeedback(Base):
    """What one person thought of a session; nobody else reads it, person by person."""

    __tablename__ = "session_feedback"
    __table_args__ = (
        Index(None, "person_id"),
        CheckConstraint("rating BETWEEN 1 AND 5", name="rating"),
    )

    session_id: Mapped[UUID] = mapped_column(ForeignKey("mentoring_session.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    rating: Mapped[int | None]
    line: Mapped[str] = mapped_column(String(300), default="")
    # Reverse mentoring: whether what was promised at the last session was kept.
    is_kept: Mapped[bool | None]
    given_at: Mapped[datetime] = mapped_column(default=clock.now)
