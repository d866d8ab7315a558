"""Series: a rule with its template event, its dates, and who comes to every date."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.database import Base, Identified
from app.ergs.rules import Visibility
from app.events.models.base import Event, Occurrence
from app.events.rules import Mode
from app.events.rules.series import Recurrence, parse


class Series(Identified, Base):
    """How an event repeats. The event is the template of its dates.

    Wall time and zone hold for every date; each becomes an instant with the offset of its own day.
    """

    __tablename__ = "series"
    __table_args__ = (Index(None, "ended_at"), Index(None, "follows_id"), Index(None, "created_by"))

    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), unique=True)
    rule: Mapped[str] = mapped_column(String(200))
    first_day: Mapped[date]
    wall_time: Mapped[time]
    zone: Mapped[str] = mapped_column(String(60))
    minutes: Mapped[int]
    # No default: on insert the ORM would put it in the place of None, which means unlimited.
    seats_in_person: Mapped[int | None]
    seats_online: Mapped[int | None]
    skips_holidays: Mapped[bool] = mapped_column(default=False)
    holiday_site: Mapped[str] = mapped_column(String(200), default="")
    left_out: Mapped[list[Any]] = mapped_column(default=list)
    follows_id: Mapped[UUID | None] = mapped_column(ForeignKey("series.id"))
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    ended_at: Mapped[datetime | None]

    event: Mapped[Event] = relationship()

    @property
    def recurrence(self) -> Recurrence:
        """The rule, read."""
        return parse(self.rule)

    @property
    def exceptions(self) -> set[date]:
        """Days that leads left out."""
        return {date.fromisoformat(day) for day in self.left_out}


class SeriesDate(Identified, Base):
    """One day of a series and what takes place on it. The day is that of the rule and stays.

    A date that was edited alone has an event of its own, a copy of the template.
    """

    __tablename__ = "series_date"
    __table_args__ = (UniqueConstraint("series_id", "day"),)

    series_id: Mapped[UUID] = mapped_column(ForeignKey("series.id"))
    day: Mapped[date]
    occurrence_id: Mapped[UUID] = mapped_column(ForeignKey("occurrence.id"), unique=True)

    series: Mapped[Series] = relationship()
    occurrence: Mapped[Occurrence] = relationship()

    @property
    def is_edited(self) -> bool:
        """Whether it no longer follows the template."""
        return self.occurrence.event_id != self.series.event_id


class SeriesSubscription(Base):
    """Somebody's answer for every date; each date still has an answer of its own."""

    __tablename__ = "series_subscription"
    __table_args__ = (Index(None, "person_id"),)

    series_id: Mapped[UUID] = mapped_column(ForeignKey("series.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    mode: Mapped[Mode]
    guests: Mapped[int] = mapped_column(default=0)
    visibility: Mapped[Visibility] = mapped_column(default=Visibility.NOBODY)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
