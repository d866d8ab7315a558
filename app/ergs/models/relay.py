"""What leads and members write to each other without learning who the other is."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.database import Base, Identified


class RelayThread(Identified, Base):
    """One member's exchange with the leads of a group; what began under an alias stays there."""

    __tablename__ = "relay_thread"
    __table_args__ = (
        Index("uq_relay_thread_side", "membership_id", "is_alias", unique=True),
        Index(None, "erg_id", "changed_at"),
        Index(None, "person_id"),
    )

    erg_id: Mapped[UUID] = mapped_column(ForeignKey("erg.id"))
    membership_id: Mapped[UUID] = mapped_column(ForeignKey("membership.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    is_alias: Mapped[bool]
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)
    # Whether the last word is the member's, and no lead has answered or laid it aside.
    awaits_leads: Mapped[bool] = mapped_column(default=False)


class RelayMessage(Identified, Base):
    """One message; `lead_id` is none where the member writes."""

    __tablename__ = "relay_message"
    __table_args__ = (Index(None, "thread_id", "sent_at"), Index(None, "lead_id"))

    thread_id: Mapped[UUID] = mapped_column(ForeignKey("relay_thread.id"))
    lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str] = mapped_column(Text)
    sent_at: Mapped[datetime] = mapped_column(default=clock.now)
