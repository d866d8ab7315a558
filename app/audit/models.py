"""The append-only log of state changes and of reads of sensitive data."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.database import Base, Identified


class AuditEvent(Identified, Base):
    """One act: who, what, on which subject, from which state to which, and why.

    Rows are appended unchained; the sweep `seal_audit` numbers and chains them, so that writers
    share no lock. No sensitive value ever stands in a row.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        Index(None, "subject_type", "subject_id", "at"),
        Index(None, "actor_id", "at"),
        Index("ix_audit_event_sealed", "position", unique=True),
    )

    at: Mapped[datetime] = mapped_column(default=clock.now)
    actor_id: Mapped[UUID | None]
    verb: Mapped[str] = mapped_column(String(60))
    subject_type: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[UUID | None]
    before: Mapped[str | None] = mapped_column(String(40))
    after: Mapped[str | None] = mapped_column(String(40))
    reason: Mapped[str | None] = mapped_column(String(500))
    position: Mapped[int | None]
    seal: Mapped[bytes | None] = mapped_column(LargeBinary(32))
