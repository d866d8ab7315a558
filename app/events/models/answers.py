"""What people answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock, ids
from app.core.database import Base, Identified
from app.ergs.rules import Visibility
from app.events.models.base import Occurrence
from app.events.rules import (
    Mode,
    RsvpState,
)


class Rsvp(Identified, Base):
    """One person's answer to one occurrence.

    `sequence` rises with each change of this person's calendar entry; `entry_id` names the entry
    in calendars and says nothing about person or event. `answered` counts the person's own answers;
    `presses` are the client keys that led to them (`rules.answers`), so that none counts twice.
    """

    __tablename__ = "rsvp"
    __table_args__ = (
        UniqueConstraint("occurrence_id", "person_id"),
        Index(None, "occurrence_id", "state", "mode"),
        Index(None, "person_id", "state"),
        Index(None, "state", "offer_until"),
    )

    occurrence_id: Mapped[UUID] = mapped_column(ForeignKey("occurrence.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    state: Mapped[RsvpState]
    mode: Mapped[Mode]
    guests: Mapped[int] = mapped_column(default=0)
    visibility: Mapped[Visibility] = mapped_column(default=Visibility.NOBODY)
    priority: Mapped[int] = mapped_column(default=0)
    queued_at: Mapped[datetime] = mapped_column(default=clock.now)
    called_at: Mapped[datetime | None]
    offer_until: Mapped[datetime | None]
    sequence: Mapped[int] = mapped_column(default=0)
    entry_id: Mapped[UUID] = mapped_column(default=lambda: ids.new_id("entry"), index=True)
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)
    # When the organizers said yes, at an event that asks them.
    approved_at: Mapped[datetime | None]
    # Why the organizers said no, in their words.
    reason: Mapped[str] = mapped_column(String(500), default="", server_default="")
    # Names of guests and answers to questions go when the person does not come any more, and with
    # the event (`services.forgetting`).
    guest_names: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    told: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    answered: Mapped[int] = mapped_column(default=0, server_default="0")
    presses: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")

    occurrence: Mapped[Occurrence] = relationship()

    @property
    def seats(self) -> int:
        """The person and their guests."""
        return 1 + self.guests
