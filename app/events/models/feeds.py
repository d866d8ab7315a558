"""A person's calendar address, choices about entries, and answers that calendars send."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.database import Base


class CalendarFeed(Base):
    """A person's own calendar address; the table holds only the hash of its token."""

    __tablename__ = "calendar_feed"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class CalendarChoice(Base):
    """What a person wants of all their entries and reminders."""

    __tablename__ = "calendar_choice"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    is_discreet: Mapped[bool] = mapped_column(default=False)
    wants_summary: Mapped[bool] = mapped_column(default=False)


class EntryChoice(Base):
    """What a person wants of one entry: None leaves it to `CalendarChoice`."""

    __tablename__ = "entry_choice"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    occurrence_id: Mapped[UUID] = mapped_column(
        ForeignKey("occurrence.id"), primary_key=True, index=True
    )
    is_discreet: Mapped[bool | None]
    is_silent: Mapped[bool] = mapped_column(default=False)


class ReplyRead(Base):
    """A mail from a calendar that was read, so that it counts once; nothing of what it said."""

    __tablename__ = "reply_read"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(40))
    read_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
