"""What members write to each other, and up to where each has read."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.database import Base, Identified


class PairMessage(Identified, Base):
    """One message in a relationship; a deleted one stays as a mark, soon without its words."""

    __tablename__ = "pair_message"
    __table_args__ = (
        UniqueConstraint("author_id", "key"),
        Index(None, "relationship_id", "sent_at"),
        Index(None, "deleted_at"),
    )

    relationship_id: Mapped[UUID] = mapped_column(ForeignKey("relationship.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str] = mapped_column(Text)
    # Strictly rising within a relationship, so that "read up to" is one instant.
    sent_at: Mapped[datetime] = mapped_column(default=clock.now)
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    # Drawn with the page's form: the same key twice is the same message.
    key: Mapped[str] = mapped_column(String(40))


class MessageRead(Base):
    """Up to which message a member has read; the others do not see it."""

    __tablename__ = "message_read"
    __table_args__ = (Index(None, "person_id"),)

    relationship_id: Mapped[UUID] = mapped_column(ForeignKey("relationship.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    read_up_to: Mapped[datetime]
