"""What a person finds in the inbox, and the devices that ring."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
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


class PushKey(Base):
    """The one pair of keys by which push services know this installation, sealed."""

    __tablename__ = "push_key"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    root_id: Mapped[str] = mapped_column(String(40), index=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    private_key: Mapped[bytes] = mapped_column(LargeBinary)
    public_key: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class PushSubscription(Identified, Base):
    """One device that agreed to be pushed to; it counts while its sign-in is not ended.

    `sealed` holds address and keys, which would let others push to the device.
    """

    __tablename__ = "push_subscription"
    __table_args__ = (Index(None, "person_id"), Index(None, "session_id"))

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    session_id: Mapped[UUID] = mapped_column(ForeignKey("sign_in.id"))
    endpoint_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    last_delivery: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    reached_at: Mapped[datetime | None]


class PushChoice(Base):
    """Whoever wants to read more than neutral words on a locked screen."""

    __tablename__ = "push_choice"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    shows_titles: Mapped[bool] = mapped_column(default=False)
