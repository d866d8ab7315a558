"""Programs, their organizers and forms, and cohorts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.database import Base, Identified
from app.programs.rules import (
    CohortState,
    Field,
    Format,
    ProgramState,
    enrollment_is_open,
    field_from,
)


class Program(Identified, Base):
    """A mentoring program, made from a template and then its own."""

    __tablename__ = "program"
    __table_args__ = (Index(None, "state", "title", "id"),)

    slug: Mapped[str] = mapped_column(String(80), unique=True)
    template: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(200))
    explicit_title: Mapped[str] = mapped_column(String(200), default="")
    summary: Mapped[str] = mapped_column(Text, default="")
    format: Mapped[Format]
    guide: Mapped[str] = mapped_column(String(40), default="")
    months: Mapped[int] = mapped_column(default=6)
    cadence_days: Mapped[int] = mapped_column(default=14)
    asks_mentor: Mapped[bool] = mapped_column(default=False)
    follows_up: Mapped[bool] = mapped_column(default=True, server_default=true())
    state: Mapped[ProgramState] = mapped_column(default=ProgramState.DRAFT)
    rules: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    organizers: Mapped[list[ProgramOrganizer]] = relationship()

    def is_run_by(self, person_id: UUID | None) -> bool:
        """Whether the person is one of the program's organizers."""
        return any(organizer.person_id == person_id for organizer in self.organizers)


class ProgramOrganizer(Base):
    """Someone who runs a program without being a program manager of the organization."""

    __tablename__ = "program_organizer"
    __table_args__ = (Index(None, "person_id"),)

    program_id: Mapped[UUID] = mapped_column(ForeignKey("program.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)


class EnrollmentForm(Identified, Base):
    """One version of a program's questions; never changed once someone answered it."""

    __tablename__ = "enrollment_form"
    __table_args__ = (UniqueConstraint("program_id", "version"),)

    program_id: Mapped[UUID] = mapped_column(ForeignKey("program.id"))
    version: Mapped[int]
    questions: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    @property
    def fields(self) -> list[Field]:
        """The questions as the rules know them."""
        return [field_from(stored) for stored in self.questions]


class Cohort(Identified, Base):
    """One run of a program, with its own windows and rules."""

    __tablename__ = "cohort"
    __table_args__ = (Index(None, "program_id", "created_at"), Index(None, "state"))

    program_id: Mapped[UUID] = mapped_column(ForeignKey("program.id"))
    form_id: Mapped[UUID | None] = mapped_column(ForeignKey("enrollment_form.id"))
    title: Mapped[str] = mapped_column(String(200))
    state: Mapped[CohortState] = mapped_column(default=CohortState.DRAFT)
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    enrollment_opens_at: Mapped[datetime | None]
    enrollment_closes_at: Mapped[datetime | None]
    matching_opens_at: Mapped[datetime | None]
    # Days between two rolling waves; such a cohort is evergreen: it has no end.
    wave_days: Mapped[int | None]
    waved_at: Mapped[datetime | None]
    override_reason: Mapped[str | None] = mapped_column(String(500))
    rules: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # What the last search for further candidates saw; nothing new, nothing to search.
    follow_key: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    program: Mapped[Program] = relationship(lazy="joined")

    @property
    def is_enrolling(self) -> bool:
        """Whether people may enroll right now."""
        window = (self.enrollment_opens_at, self.enrollment_closes_at)
        return enrollment_is_open(self.state, *window, clock.now())
