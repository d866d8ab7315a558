"""Roles with terms."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, Identified
from app.ergs.rules import (
    RoleName,
    RoleState,
)


class RoleGrant(Identified, Base):
    """A role in a group, or in one of its chapters, with its term."""

    __tablename__ = "role_grant"
    __table_args__ = (
        Index(None, "erg_id", "role", "state"),
        Index(None, "person_id", "state"),
        Index(None, "chapter_id"),
    )

    erg_id: Mapped[UUID] = mapped_column(ForeignKey("erg.id"))
    chapter_id: Mapped[UUID | None] = mapped_column(ForeignKey("chapter.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    role: Mapped[RoleName]
    state: Mapped[RoleState] = mapped_column(default=RoleState.ACTIVE)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    granted_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
