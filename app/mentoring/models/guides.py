"""Versions of session guides with their sessions and prompts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.database import Base, Identified
from app.mentoring.rules import (
    GuideState,
)
from app.programs.rules import Role


class Guide(Identified, Base):
    """One version of a session guide."""

    __tablename__ = "guide"
    __table_args__ = (UniqueConstraint("key", "version"),)

    key: Mapped[str] = mapped_column(String(40))
    version: Mapped[int] = mapped_column(default=1)
    state: Mapped[GuideState] = mapped_column(default=GuideState.DRAFT)
    title: Mapped[dict[str, Any]] = mapped_column(default=dict)

    sessions: Mapped[list[GuideSession]] = relationship(
        order_by="GuideSession.position", lazy="raise"
    )


class GuideSession(Identified, Base):
    """One session of a guide; texts by language tag."""

    __tablename__ = "guide_session"
    __table_args__ = (UniqueConstraint("guide_id", "position"),)

    guide_id: Mapped[UUID] = mapped_column(ForeignKey("guide.id"))
    position: Mapped[int]
    minutes: Mapped[int] = mapped_column(default=60)
    title: Mapped[dict[str, Any]] = mapped_column(default=dict)
    preparation: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # Keys of our own short readings (app/mentoring/library.toml).
    reading: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")

    prompts: Mapped[list[Prompt]] = relationship(order_by="Prompt.position", lazy="raise")


class Prompt(Identified, Base):
    """One prompt of a guide's session, with a key that outlives rewording."""

    __tablename__ = "guide_prompt"
    __table_args__ = (
        UniqueConstraint("guide_session_id", "key"),
        Index(None, "guide_session_id", "position"),
    )

    guide_session_id: Mapped[UUID] = mapped_column(ForeignKey("guide_session.id"))
    key: Mapped[str] = mapped_column(String(60))
    position: Mapped[int]
    role: Mapped[Role | None]
    # A note for whoever facilitates; the others need not read it.
    is_for_host: Mapped[bool] = mapped_column(default=False, server_default=false())
    text: Mapped[dict[str, Any]] = mapped_column(default=dict)
