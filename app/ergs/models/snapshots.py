"""How large groups were on a day, roughly."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, Identified


class ErgSnapshot(Identified, Base):
    """The band in which the number of all members lay on a day; the number is not kept."""

    __tablename__ = "erg_snapshot"
    __table_args__ = (Index("uq_erg_snapshot_day", "erg_id", "taken_on", unique=True),)

    erg_id: Mapped[UUID] = mapped_column(ForeignKey("erg.id"))
    taken_on: Mapped[date]
    low: Mapped[int]
    high: Mapped[int | None]
