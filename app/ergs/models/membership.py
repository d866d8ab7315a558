"""Memberships with history, and the chapters that members chose."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.database import Base, Identified
from app.ergs.rules import (
    MembershipState,
    News,
    Relation,
    Visibility,
)


class Membership(Identified, Base):
    """One stretch of belonging; rows are closed, never overwritten, so history stays."""

    __tablename__ = "membership"
    __table_args__ = (
        Index(
            "uq_membership_open",
            "erg_id",
            "person_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        # Whether somebody is among those seen, from the index alone: asked of thousands at a time.
        Index(
            "ix_membership_open_seen",
            "erg_id",
            "person_id",
            "visibility",
            "state",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(None, "person_id", "ended_at"),
        Index(None, "erg_id", "state", "visibility"),
    )

    erg_id: Mapped[UUID] = mapped_column(ForeignKey("erg.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    state: Mapped[MembershipState]
    relation: Mapped[Relation] = mapped_column(default=Relation.UNDISCLOSED)
    visibility: Mapped[Visibility] = mapped_column(default=Visibility.NOBODY)
    news: Mapped[News] = mapped_column(default=News.DIGEST)
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    began_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)
    # When a lead answered the request; none where nobody had to.
    decided_at: Mapped[datetime | None]


class MembershipChapter(Base):
    """A chapter that a member chose."""

    __tablename__ = "membership_chapter"
    __table_args__ = (Index(None, "chapter_id"),)

    membership_id: Mapped[UUID] = mapped_column(ForeignKey("membership.id"), primary_key=True)
    chapter_id: Mapped[UUID] = mapped_column(ForeignKey("chapter.id"), primary_key=True)
