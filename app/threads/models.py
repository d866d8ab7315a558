"""Discussions, posts, codes of participants, what members follow, reports."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.database import Base, Identified
from app.threads.rules import AppealState, PostState, ReportState, Stance


class Thread(Identified, Base):
    """A discussion in a group; its first post opens it."""

    __tablename__ = "thread"
    __table_args__ = (Index(None, "erg_id", "moved_at", "id"),)

    erg_id: Mapped[UUID] = mapped_column(ForeignKey("erg.id"))
    title: Mapped[str] = mapped_column(String(160))
    is_pseudonymous: Mapped[bool] = mapped_column(default=False)
    locked_at: Mapped[datetime | None]
    moved_at: Mapped[datetime] = mapped_column(default=clock.now)

    @property
    def is_locked(self) -> bool:
        """Whether nothing can be added."""
        return self.locked_at is not None


class Post(Identified, Base):
    """What somebody said; `number` is its place in the discussion, from 1."""

    __tablename__ = "thread_post"
    __table_args__ = (
        UniqueConstraint("thread_id", "number"),
        Index(None, "author_id", "thread_id"),
        Index(None, "removed_by"),
        Index(None, "state", "removed_at"),
    )

    thread_id: Mapped[UUID] = mapped_column(ForeignKey("thread.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    number: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    is_veiled: Mapped[bool] = mapped_column(default=False)
    state: Mapped[PostState] = mapped_column(default=PostState.SHOWN)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    edited_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str | None] = mapped_column(Text)


class ThreadCode(Base):
    """The code under which somebody writes in one discussion; drawn, linked to nothing."""

    __tablename__ = "thread_code"
    __table_args__ = (UniqueConstraint("thread_id", "code"), Index(None, "person_id"))

    thread_id: Mapped[UUID] = mapped_column(ForeignKey("thread.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(8))


class Mention(Base):
    """A member whom a post speaks to."""

    __tablename__ = "thread_mention"
    __table_args__ = (Index(None, "person_id"),)

    post_id: Mapped[UUID] = mapped_column(ForeignKey("thread_post.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)


class Following(Base):
    """What a member wants to hear of a discussion, and up to where they read; theirs alone."""

    __tablename__ = "thread_following"
    __table_args__ = (Index(None, "person_id", "stance"),)

    thread_id: Mapped[UUID] = mapped_column(ForeignKey("thread.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    stance: Mapped[Stance] = mapped_column(default=Stance.USUAL)
    seen: Mapped[int] = mapped_column(default=0)


class Report(Identified, Base):
    """Somebody asks a moderator to look at a post."""

    __tablename__ = "thread_report"
    __table_args__ = (
        UniqueConstraint("post_id", "reporter_id"),
        Index(None, "reporter_id"),
        Index(None, "decided_by", "decided_at"),
        Index(None, "state", "created_at"),
    )

    post_id: Mapped[UUID] = mapped_column(ForeignKey("thread_post.id"))
    reporter_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[ReportState] = mapped_column(default=ReportState.OPEN)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))


class ThreadAppeal(Identified, Base):
    """An author asks for a second look at a removal: once each, which `removed_at` tells apart."""

    __tablename__ = "thread_appeal"
    __table_args__ = (
        UniqueConstraint("post_id", "removed_at"),
        Index(None, "state", "created_at"),
        Index(None, "decided_by", "decided_at"),
        Index(None, "removed_by"),
    )

    post_id: Mapped[UUID] = mapped_column(ForeignKey("thread_post.id"))
    removed_at: Mapped[datetime]
    removed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    removal_reason: Mapped[str | None] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)
    state: Mapped[AppealState] = mapped_column(default=AppealState.WAITING)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    answer: Mapped[str] = mapped_column(Text, default="")
