"""Whom an event is for, besides everyone or the members of its hosts."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.database import Base
from app.ergs.models import Chapter, Erg


class EventInvited(Base):
    """A group whose members may come as well, though it does not host."""

    __tablename__ = "event_invited"
    __table_args__ = (Index(None, "erg_id"),)

    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), primary_key=True)
    erg_id: Mapped[UUID] = mapped_column(ForeignKey("erg.id"), primary_key=True)

    erg: Mapped[Erg] = relationship()


class EventChapter(Base):
    """Of a host that has chapters chosen, only their members may come."""

    __tablename__ = "event_chapter"
    __table_args__ = (Index(None, "chapter_id"),)

    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), primary_key=True)
    chapter_id: Mapped[UUID] = mapped_column(ForeignKey("chapter.id"), primary_key=True)

    chapter: Mapped[Chapter] = relationship()
