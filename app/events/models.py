"""Events with texts and hosts, their occurrences, people's answers, calendar feeds."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock, ids
from app.core.database import Base, Identified
from app.ergs.models import Erg
from app.ergs.rules import TextStatus, Visibility
from app.events.rules import (
    Access,
    Audience,
    EventKind,
    EventState,
    HostState,
    Mode,
    OccurrenceState,
    RsvpState,
)


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
    captions: Mapped[Access | None]
    step_free: Mapped[Access | None]
    access_contact: Mapped[str] = mapped_column(String(200), default="")
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    texts: Mapped[list[EventText]] = relationship(order_by=EventText.locale)
    hosts: Mapped[list[EventHost]] = relationship(order_by=EventHost.erg_id)

    @property
    def accepted_hosts(self) -> list[Erg]:
        """The groups that agreed to host."""
        return [host.erg for host in self.hosts if host.state is HostState.ACCEPTED]

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

    event: Mapped[Event] = relationship()

    def capacity(self, mode: Mode) -> int | None:
        """Seats of a mode: None is unlimited, 0 is closed."""
        return self.seats_in_person if mode is Mode.IN_PERSON else self.seats_online

    @property
    def modes(self) -> list[Mode]:
        """The modes that are open."""
        return [mode for mode in Mode if self.capacity(mode) != 0]

    @property
    def minutes(self) -> int:
        """How long it lasts."""
        return int((self.ends_at - self.starts_at).total_seconds() // 60)


class Rsvp(Identified, Base):
    """One person's answer to one occurrence.

    `sequence` rises with each change of this person's calendar entry; `entry_id` names the entry
    in calendars and says nothing about person or event.
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
    entry_id: Mapped[UUID] = mapped_column(default=lambda: ids.new_id("entry"))
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)

    occurrence: Mapped[Occurrence] = relationship()

    @property
    def seats(self) -> int:
        """The person and their guests."""
        return 1 + self.guests


class CalendarFeed(Base):
    """A person's own calendar address; the table holds only the hash of its token."""

    __tablename__ = "calendar_feed"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
