"""What is published about a group's health, frozen month by month."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.database import Base, Identified


class HealthSnapshot(Identified, Base):
    """One month of a group: `figures` holds cells as they are shown, shielded once and for all.

    Months are pooled from `since` on until a period may be closed; only closed ones are shown. Of
    a sensitive or hidden group bands alone are published, and `members` is not kept.
    """

    __tablename__ = "health_snapshot"
    __table_args__ = (
        Index("uq_health_snapshot_month", "erg_id", "month", unique=True),
        Index(None, "month", "is_closed"),
    )

    erg_id: Mapped[UUID] = mapped_column(ForeignKey("erg.id"))
    month: Mapped[date]
    since: Mapped[date]
    is_closed: Mapped[bool]
    is_sensitive: Mapped[bool]
    members: Mapped[int] = mapped_column(default=0)
    figures: Mapped[dict[str, Any]] = mapped_column(default=dict)
    frozen_at: Mapped[datetime] = mapped_column(default=clock.now)
