"""What a sponsor did for somebody, dated; for the two alone."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.database import Base, Identified
from app.mentoring.models.relationships import Relationship
from app.mentoring.rules.sponsorship import SponsorAct


class SponsorAction(Identified, Base):
    """One line of a ledger; a removed one can come back for a day, then it is deleted."""

    __tablename__ = "sponsor_action"
    __table_args__ = (
        Index(None, "relationship_id", "acted_on"),
        Index(None, "author_id"),
        Index(None, "removed_at"),
    )

    relationship_id: Mapped[UUID] = mapped_column(ForeignKey("relationship.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    act: Mapped[SponsorAct]
    acted_on: Mapped[date]
    whom: Mapped[str] = mapped_column(String(200), default="")
    result: Mapped[str] = mapped_column(String(500), default="")
    written_at: Mapped[datetime] = mapped_column(default=clock.now)
    removed_at: Mapped[datetime | None]

    pair: Mapped[Relationship] = relationship(lazy="raise")
