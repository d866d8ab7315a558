"""Roles with terms, and proposals to take one away."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.database import Base, Identified
from app.ergs.rules import RoleName, RoleState
from app.ergs.rules.terms import RemovalState, RoleEnd


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
    # When it was proposed and until when the person may answer; none when given outright.
    proposed_at: Mapped[datetime | None]
    answer_by: Mapped[date | None]
    ended_why: Mapped[RoleEnd | None]


class RoleRemoval(Identified, Base):
    """One lead's proposal to take a role away, which a second person has to confirm."""

    __tablename__ = "role_removal"
    __table_args__ = (
        Index(
            "uq_role_removal_open",
            "grant_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index(None, "erg_id", "state"),
    )

    erg_id: Mapped[UUID] = mapped_column(ForeignKey("erg.id"))
    grant_id: Mapped[UUID] = mapped_column(ForeignKey("role_grant.id"))
    state: Mapped[RemovalState] = mapped_column(default=RemovalState.OPEN)
    reason: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_on: Mapped[date]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
