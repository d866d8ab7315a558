"""Events with texts and hosts, and their dates."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.database import Base, Identified
from app.ergs.models import Erg
from app.ergs.rules import TextStatus
from app.events.models.planning import EventChapter, EventInvited
from app.events.rules import (
    Access,
    Audience,
    EventKind,
    EventState,
    HostState,
    Mode,
    OccurrenceState,
)

if TYPE_CHECKING:
    from app.events.models.series import SeriesDate


class EventText(Base):
    """An event's words in one language."""

    __tablename__ = "event_text"

    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), primary_key=True)
    locale: Mapped[str] = mapped_column(String(20), primary_key=True)
    status: Mapped[TextStatus] = mapped_column(default=TextStatus.SOURCE)
    title: Mapped[str] = mapped_column(String(160))
    description: Mapped[str] = mapped_column(Text, default="")


class EventHost(Base):
    """A group that hosts an event, or was asked to."""

    __tablename__ = "event_host"
    __table_args__ = (Index(None, "erg_id", "state"),)

    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), primary_key=True)
    erg_id: Mapped[UUID] = mapped_column(ForeignKey("erg.id"), primary_key=True)
    state: Mapped[HostState] = mapped_column(default=HostState.ASKED)
    # Nobody was asked for the group that planned the event.
    asked_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    asked_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]

    erg: Mapped[Erg] = relationship()


class Event(Identified, Base):
    """What is planned: once (one occurrence) or as a series (many)."""

    __tablename__ = "event"
    __table_args__ = (Index(None, "state", "audience"),)

    kind: Mapped[EventKind]
    audience: Mapped[Audience] = mapped_column(default=Audience.COMPANY)
    state: Mapped[EventState] = mapped_column(default=EventState.DRAFT)
    venue: Mapped[str] = mapped_column(String(300), default="")
    online_link: Mapped[str] = mapped_column(String(500), default="")
    guest_limit: Mapped[int] = mapped_column(default=0)
    # How people answer: whether organizers decide, until when, what they are asked (rules.answers).
    needs_approval: Mapped[bool] = mapped_column(default=False, server_default=false())
    closes_minutes: Mapped[int | None]
    questions: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    captions: Mapped[Access | None]
    step_free: Mapped[Access | None]
    access_contact: Mapped[str] = mapped_column(String(200), default="")
    quiet_room: Mapped[Access | None]
    sign_language: Mapped[Access | None]
    materials: Mapped[Access | None]
    has_external_speaker: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Minutes before the start at which those who go are reminded; None is the usual.
    reminder_minutes: Mapped[list[Any] | None]
    # Why it was postponed or canceled, for those who see it.
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    texts: Mapped[list[EventText]] = relationship(order_by=EventText.locale)
    hosts: Mapped[list[EventHost]] = relationship(order_by=EventHost.erg_id)
    invited: Mapped[list[EventInvited]] = relationship(order_by=EventInvited.erg_id)
    chapters: Mapped[list[EventChapter]] = relationship(order_by=EventChapter.chapter_id)

    @property
    def accepted_hosts(self) -> list[Erg]:
        """The groups that agreed to host."""
        return [host.erg for host in self.hosts if host.state is HostState.ACCEPTED]

    @property
    def first_host(self) -> Erg:
        """Who planned it, or the eldest of those who still host; its chain approves the event."""
        accepted = [host for host in self.hosts if host.state is HostState.ACCEPTED]
        eldest = min(accepted, key=lambda h: (h.asked_at is not None, h.asked_at, h.erg_id))
        return eldest.erg

    @property
    def is_hidden(self) -> bool:
        """Whether coming may out a person: nobody is listed or counted, all words stay neutral."""
        return any(erg.is_discreet for erg in self.accepted_hosts)


class Occurrence(Identified, Base):
    """One date of an event: wall time, zone and instant, with the seats of each mode."""

    __tablename__ = "occurrence"
    __table_args__ = (
        UniqueConstraint("event_id", "original_start"),
        Index(None, "starts_at", "id"),
        Index(None, "ends_at"),
    )

    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"))
    state: Mapped[OccurrenceState] = mapped_column(default=OccurrenceState.SCHEDULED)
    wall_start: Mapped[datetime] = mapped_column(DateTime(timezone=False))
    zone: Mapped[str] = mapped_column(String(60))
    fold: Mapped[int] = mapped_column(default=0)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    original_start: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=0)
    # No default: on insert the ORM would put it in the place of None, which means unlimited.
    seats_in_person: Mapped[int | None]
    seats_online: Mapped[int | None]
    # When names of guests and answers to questions were deleted, a month after the end.
    purged_at: Mapped[datetime | None]

    event: Mapped[Event] = relationship()
    place_in_series: Mapped[SeriesDate | None] = relationship(
        "SeriesDate", viewonly=True, uselist=False
    )

    def capacity(self, mode: Mode) -> int | None:
        """Seats of a mode: None is unlimited, 0 is closed."""
        return self.seats_in_person if mode is Mode.IN_PERSON else self.seats_online

    @property
    def modes(self) -> list[Mode]:
        """The modes that are open."""
        return [mode for mode in Mode if self.capacity(mode) != 0]

    @property
    def answers_until(self) -> datetime:
        """Until when new people may ask for a seat; who waits is served after that as well."""
        before = self.event.closes_minutes
        return self.ends_at if before is None else self.starts_at - timedelta(minutes=before)

    @property
    def minutes(self) -> int:
        """How long it lasts."""
        return int((self.ends_at - self.starts_at).total_seconds() // 60)
