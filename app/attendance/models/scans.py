"""Who was checked in, how often, and how."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.attendance.rules import Method
from app.core import clock
from app.core.database import Base, Identified


class DoorScan(Identified, Base):
    """One scan of one place; its id is the device's, so that sending it twice changes nothing.

    Of several scans of a place the first by time counts, the others are duplicates: nothing about
    that is stored, because an earlier scan may arrive later.
    """

    __tablename__ = "door_scan"
    __table_args__ = (
        Index(None, "rsvp_id", "scanned_at"),
        Index(None, "occurrence_id", "scanned_at"),
        Index(None, "by_id"),
    )

    occurrence_id: Mapped[UUID] = mapped_column(ForeignKey("occurrence.id"))
    rsvp_id: Mapped[UUID] = mapped_column(ForeignKey("rsvp.id"))
    method: Mapped[Method]
    # Who stood at the door; none where the person did it on their own phone.
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    device: Mapped[str] = mapped_column(String(36), default="")
    guests: Mapped[int] = mapped_column(default=0)
    scanned_at: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(default=clock.now)
    undone_at: Mapped[datetime | None]


class RoomTry(Identified, Base):
    """A wrong room code; kept for minutes, so that nobody can try them all."""

    __tablename__ = "room_try"
    __table_args__ = (
        Index(None, "occurrence_id", "person_id", "tried_at"),
        Index(None, "person_id"),
    )

    occurrence_id: Mapped[UUID] = mapped_column(ForeignKey("occurrence.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    tried_at: Mapped[datetime] = mapped_column(default=clock.now)
