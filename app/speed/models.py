"""Sessions, seats, tables of rounds, wishes until the window closes, and who both want."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.core import clock
from app.core.database import Base, Identified
from app.events.models import Occurrence
from app.speed.pairing import Odd, Side
from app.speed.rules import Clock, OwnPrompts, Phase, PromptSet, SeatState, SessionState
from app.speed.rules import at as clock_at


class SpeedSession(Identified, Base):
    """Speed mentoring at one date of an event.

    `round`, `phase` and `until` are where the clock once stood; `clock_now` is where it stands.
    """

    __tablename__ = "speed_session"
    __table_args__ = (
        Index(None, "state", "until"),
        Index(None, "state", "wishes_until"),
    )

    occurrence_id: Mapped[UUID] = mapped_column(ForeignKey("occurrence.id"), unique=True)
    state: Mapped[SessionState] = mapped_column(default=SessionState.DRAFT)
    rounds: Mapped[int] = mapped_column(default=6)
    round_minutes: Mapped[int] = mapped_column(default=8)
    break_minutes: Mapped[int] = mapped_column(default=2)
    tables: Mapped[int | None]
    odd: Mapped[Odd] = mapped_column(default=Odd.BENCH)
    prompt_set: Mapped[PromptSet] = mapped_column(default=PromptSet.FIRST_TALK)
    own_prompts: Mapped[list[Any]] = mapped_column(default=list)
    # The language they were written in, and by language what each line means there.
    prompt_locale: Mapped[str] = mapped_column(String(35), default="en", server_default="en")
    prompt_texts: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    round: Mapped[int] = mapped_column(default=0)
    phase: Mapped[Phase] = mapped_column(default=Phase.BEFORE)
    until: Mapped[datetime | None]
    seconds_left: Mapped[int | None]
    report: Mapped[dict[str, Any] | None]
    before: Mapped[dict[str, Any] | None]
    wishes_until: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=0)
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    occurrence: Mapped[Occurrence] = relationship()

    @property
    def prompts(self) -> OwnPrompts:
        """The organizers' own lines with their translations."""
        return OwnPrompts(tuple(self.own_prompts), self.prompt_locale, self.prompt_texts)

    @property
    def clock_then(self) -> Clock:
        """The clock as it is written down."""
        return Clock(self.round, self.phase, self.until)

    @property
    def clock_now(self) -> Clock:
        """The clock as it stands at this instant."""
        if self.state is not SessionState.RUNNING:
            return self.clock_then
        lengths = (self.rounds, self.round_minutes, self.break_minutes)
        return clock_at(self.clock_then, clock.now(), *lengths)


class SpeedSeat(Identified, Base):
    """Somebody who takes part, on the side they chose."""

    __tablename__ = "speed_seat"
    __table_args__ = (
        UniqueConstraint("session_id", "person_id"),
        Index(None, "person_id"),
        Index(None, "session_id", "state"),
    )

    session_id: Mapped[UUID] = mapped_column(ForeignKey("speed_session.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    side: Mapped[Side]
    state: Mapped[SeatState] = mapped_column(default=SeatState.HERE)
    topics: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    session: Mapped[SpeedSession] = relationship(lazy="raise")
    person: Mapped[Person] = relationship(lazy="raise")


class SpeedTable(Identified, Base):
    """A table of one round with the two or three who sit there."""

    __tablename__ = "speed_table"
    __table_args__ = (
        UniqueConstraint("session_id", "round", "number"),
        Index(None, "mentor_id"),
        Index(None, "mentee_id"),
        Index(None, "third_id"),
    )

    session_id: Mapped[UUID] = mapped_column(ForeignKey("speed_session.id"))
    round: Mapped[int]
    number: Mapped[int]
    mentor_id: Mapped[UUID] = mapped_column(ForeignKey("speed_seat.id"))
    mentee_id: Mapped[UUID] = mapped_column(ForeignKey("speed_seat.id"))
    third_id: Mapped[UUID | None] = mapped_column(ForeignKey("speed_seat.id"))

    @property
    def seat_ids(self) -> tuple[UUID, ...]:
        """The seats at this table."""
        return tuple(one for one in (self.mentor_id, self.mentee_id, self.third_id) if one)


class SpeedWish(Identified, Base):
    """That somebody wants to go on with somebody; a no is no row, like no answer.

    Rows live until the window closes; what was not mutual is deleted then.
    """

    __tablename__ = "speed_wish"
    __table_args__ = (UniqueConstraint("seat_id", "partner_id"), Index(None, "partner_id"))

    seat_id: Mapped[UUID] = mapped_column(ForeignKey("speed_seat.id"))
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("speed_seat.id"))


class SpeedMatch(Identified, Base):
    """Two who both want to go on; made when the window closes, never before."""

    __tablename__ = "speed_match"
    __table_args__ = (
        UniqueConstraint("mentor_id", "mentee_id"),
        Index(None, "session_id"),
        Index(None, "mentee_id"),
    )

    session_id: Mapped[UUID] = mapped_column(ForeignKey("speed_session.id"))
    mentor_id: Mapped[UUID] = mapped_column(ForeignKey("speed_seat.id"))
    mentee_id: Mapped[UUID] = mapped_column(ForeignKey("speed_seat.id"))
    is_followed: Mapped[bool] = mapped_column(default=False)
