"""What executive sponsors promised, and whether they kept it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.database import Base, Identified
from app.ergs.rules.sponsor import CommitmentKind, CommitmentState


class SponsorCommitment(Identified, Base):
    """A dated promise: the sponsor says whether it was kept, a lead confirms it."""

    __tablename__ = "sponsor_commitment"
    __table_args__ = (Index(None, "erg_id", "due_on"), Index(None, "person_id", "state"))

    erg_id: Mapped[UUID] = mapped_column(ForeignKey("erg.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[CommitmentKind]
    hours: Mapped[int | None]
    text: Mapped[str] = mapped_column(Text, default="")
    due_on: Mapped[date]
    state: Mapped[CommitmentState] = mapped_column(default=CommitmentState.OPEN)
    note: Mapped[str] = mapped_column(Text, default="")
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    marked_at: Mapped[datetime | None]
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    confirmed_at: Mapped[datetime | None]
