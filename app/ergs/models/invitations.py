"""Invitations to a group."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.database import Base, Identified
from app.ergs.rules.invitations import InvitationState


class Invitation(Identified, Base):
    """One lead's invitation to one person; it says nothing about whether the person belongs."""

    __tablename__ = "erg_invitation"
    __table_args__ = (
        Index(
            "uq_erg_invitation_open",
            "erg_id",
            "person_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index(None, "person_id", "state"),
        Index(None, "erg_id", "state", "answer_by"),
    )

    erg_id: Mapped[UUID] = mapped_column(ForeignKey("erg.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    invited_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    state: Mapped[InvitationState] = mapped_column(default=InvitationState.OPEN)
    invited_at: Mapped[datetime] = mapped_column(default=clock.now)
    answer_by: Mapped[datetime]
    ended_at: Mapped[datetime | None]
