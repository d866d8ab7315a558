"""What people need to take part, readable only with their key."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.attendance.rules import NeedState
from app.core import clock
from app.core.database import Base, Identified


class AccessNeed(Identified, Base):
    """The needs of one person at one date; content and answer are sealed, gone a week after."""

    __tablename__ = "access_need"
    __table_args__ = (
        UniqueConstraint("occurrence_id", "person_id"),
        Index(None, "person_id"),
        Index(None, "state", "occurrence_id"),
    )

    occurrence_id: Mapped[UUID] = mapped_column(ForeignKey("occurrence.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    state: Mapped[NeedState] = mapped_column(default=NeedState.OPEN)
    # The row's own data key, wrapped by a root key: who deletes the row deletes the key with it.
    root_id: Mapped[str] = mapped_column(String(40), index=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    answer: Mapped[bytes | None] = mapped_column(LargeBinary)
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    # Rises with each answer, so that a message about an older one is never sent.
    revision: Mapped[int] = mapped_column(default=0)
