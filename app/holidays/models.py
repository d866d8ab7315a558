"""The calendar of days off."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.database import Base, Identified
from app.holidays.rules import DayOff


class Holiday(Identified, Base):
    """Days off of everybody (no site) or of one site; days, as midnight differs by zone."""

    __tablename__ = "holiday"
    __table_args__ = (
        UniqueConstraint("site", "starts_on", "name"),
        Index(None, "starts_on", "id"),
        Index(None, "created_by"),
    )

    starts_on: Mapped[date]
    ends_on: Mapped[date]
    name: Mapped[str] = mapped_column(String(120))
    site: Mapped[str] = mapped_column(String(200), default="")
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    removed_at: Mapped[datetime | None]

    @property
    def day_off(self) -> DayOff:
        """As the rules read it."""
        return DayOff(self.starts_on, self.ends_on, self.name, self.site)
