"""Posts with their words, whom they were sent to, and each person's digest."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.database import Base, Identified
from app.ergs.models import Erg
from app.ergs.rules import TextStatus
from app.posts.rules import MAX_TITLE, USUAL_HOUR, PostKind, PostState, Rhythm


class PostText(Base):
    """A post's words in one language; the body is Markdown."""

    __tablename__ = "post_text"

    post_id: Mapped[UUID] = mapped_column(ForeignKey("post.id"), primary_key=True)
    locale: Mapped[str] = mapped_column(String(20), primary_key=True)
    status: Mapped[TextStatus] = mapped_column(default=TextStatus.SOURCE)
    title: Mapped[str] = mapped_column(String(MAX_TITLE), default="")
    body: Mapped[str] = mapped_column(Text, default="")


class Post(Identified, Base):
    """Something a group says to its members, or to those of one chapter.

    `sent_at` is when its audience was frozen; nobody reads it before `leaves_at`.
    """

    __tablename__ = "post"
    __table_args__ = (
        Index(None, "erg_id", "state", "leaves_at"),
        Index(None, "state", "send_at"),
        Index(None, "state", "leaves_at"),
        Index(None, "chapter_id"),
        Index(None, "author_id"),
    )

    erg_id: Mapped[UUID] = mapped_column(ForeignKey("erg.id"))
    chapter_id: Mapped[UUID | None] = mapped_column(ForeignKey("chapter.id"))
    kind: Mapped[PostKind] = mapped_column(default=PostKind.ANNOUNCEMENT)
    state: Mapped[PostState] = mapped_column(default=PostState.DRAFT)
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)
    wall_send: Mapped[datetime | None] = mapped_column(DateTime(timezone=False))
    zone: Mapped[str | None] = mapped_column(String(60))
    send_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    leaves_at: Mapped[datetime | None]

    texts: Mapped[list[PostText]] = relationship(order_by=PostText.locale)
    erg: Mapped[Erg] = relationship()


class PostRecipient(Base):
    """Whom a post was sent to, frozen then; for sending only, never shown or counted."""

    __tablename__ = "post_recipient"
    __table_args__ = (Index(None, "person_id", "post_id"),)

    post_id: Mapped[UUID] = mapped_column(ForeignKey("post.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)


class DigestChoice(Base):
    """When somebody wants their digest, where it differs from the usual."""

    __tablename__ = "digest_choice"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    rhythm: Mapped[Rhythm] = mapped_column(default=Rhythm.DAILY)
    hour: Mapped[int] = mapped_column(default=USUAL_HOUR)
    weekday: Mapped[int] = mapped_column(default=0)
    # What held before the last unsubscribing, so that it can be taken back.
    former: Mapped[Rhythm | None]


class Digest(Identified, Base):
    """One person's digest of one day: what left after `since_at`, up to `until_at`."""

    __tablename__ = "digest"
    __table_args__ = (
        UniqueConstraint("person_id", "day"),
        Index(None, "person_id", "until_at"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    day: Mapped[date]
    since_at: Mapped[datetime]
    until_at: Mapped[datetime]
