"""What a person finds in the inbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.database import Base, Identified


class Notification(Identified, Base):
    """One message as it was shown, in the language of that day; one per delivery at most."""

    __tablename__ = "notification"
    __table_args__ = (
        Index("ix_notification_inbox", "person_id", "created_at"),
        Index("ix_notification_unread", "person_id", "read_at"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    delivery_id: Mapped[UUID] = mapped_column(unique=True)
    subject: Mapped[str] = mapped_column(String(200))
    lines: Mapped[list[Any]]
    language: Mapped[str] = mapped_column(String(20))
    found_by: Mapped[str] = mapped_column(Text)
    link: Mapped[str | None] = mapped_column(String(500))
    link_text: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    read_at: Mapped[datetime | None]
