"""What is left of a date for those who missed it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.attendance.rules import MaterialKind
from app.core import clock
from app.core.database import Base, Identified


class EventMaterial(Identified, Base):
    """A link, a recording, notes, or a resource of a hosting group."""

    __tablename__ = "event_material"
    __table_args__ = (
        Index(None, "occurrence_id", "added_at"),
        Index(None, "resource_id"),
        Index(None, "added_by"),
    )

    occurrence_id: Mapped[UUID] = mapped_column(ForeignKey("occurrence.id"))
    kind: Mapped[MaterialKind]
    title: Mapped[str] = mapped_column(String(160))
    url: Mapped[str] = mapped_column(String(500), default="")
    notes: Mapped[str] = mapped_column(Text, default="")
    locale: Mapped[str] = mapped_column(String(20), default="en")
    resource_id: Mapped[UUID | None] = mapped_column(ForeignKey("resource.id"))
    added_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    added_at: Mapped[datetime] = mapped_column(default=clock.now)
    withdrawn_at: Mapped[datetime | None]
