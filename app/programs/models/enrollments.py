"""People in a role of a cohort, whom they exclude, and how things were at enrollment."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.core import clock
from app.core.database import Base, Identified
from app.programs.rules import (
    EnrollmentState,
    Role,
)

if TYPE_CHECKING:
    from app.programs.models.programs import Cohort


class Enrollment(Identified, Base):
    """A person in one role of one cohort."""

    __tablename__ = "enrollment"
    __table_args__ = (
        UniqueConstraint("cohort_id", "person_id", "role"),
        CheckConstraint("capacity >= 0", name="capacity"),
        Index(None, "person_id"),
        Index(None, "cohort_id", "role", "state"),
    )

    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    role: Mapped[Role]
    state: Mapped[EnrollmentState] = mapped_column(default=EnrollmentState.STARTED)
    capacity: Mapped[int] = mapped_column(default=1)
    form_id: Mapped[UUID | None] = mapped_column(ForeignKey("enrollment_form.id"))
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    preferences: Mapped[dict[str, Any]] = mapped_column(default=dict)
    languages: Mapped[list[Any]] = mapped_column(default=list)
    zone: Mapped[str] = mapped_column(String(60), default="UTC")
    weekly_windows: Mapped[list[Any]] = mapped_column(default=list)
    waiting_since: Mapped[datetime | None]
    missed_rounds: Mapped[int] = mapped_column(default=0)
    paused_until: Mapped[date | None]
    # The last pause: its first day, and the day on which it was over.
    paused_from: Mapped[date | None]
    resumed_on: Mapped[date | None]
    takes_no_more: Mapped[bool] = mapped_column(default=False)
    # The organizers talk to this person before the next offer goes out by itself.
    talks_first: Mapped[bool] = mapped_column(default=False, server_default=false())
    consented_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    person: Mapped[Person] = relationship(lazy="raise")
    cohort: Mapped[Cohort] = relationship(lazy="raise")


class Exclusion(Base):
    """Someone a person must not be matched with; known to the matcher alone."""

    __tablename__ = "enrollment_exclusion"
    __table_args__ = (Index(None, "person_id"),)

    enrollment_id: Mapped[UUID] = mapped_column(ForeignKey("enrollment.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)


class Baseline(Base):
    """How things were at enrollment, 1 to 5; only ever read as an aggregate."""

    __tablename__ = "enrollment_baseline"

    enrollment_id: Mapped[UUID] = mapped_column(ForeignKey("enrollment.id"), primary_key=True)
    belonging: Mapped[int | None]
    safety: Mapped[int | None]
    growth: Mapped[int | None]
    goals: Mapped[int | None]
    answered_at: Mapped[datetime] = mapped_column(default=clock.now)
