"""What ties cohorts to sheets, events and speed mentoring."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import (
    ForeignKey,
    Index,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.database import Base, Identified
from app.programs.rules import (
    SheetState,
)

if TYPE_CHECKING:
    from app.programs.models.programs import Cohort


class SignUpSheet(Identified, Base):
    """An uploaded sheet of sign-ups, from upload over mapping to enrollments."""

    __tablename__ = "sign_up_sheet"
    __table_args__ = (Index(None, "cohort_id"),)

    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id"))
    file_name: Mapped[str] = mapped_column(String(200))
    state: Mapped[SheetState] = mapped_column(default=SheetState.UPLOADED)
    headers: Mapped[list[Any]] = mapped_column(default=list)
    rows: Mapped[list[Any]] = mapped_column(default=list)
    mapping: Mapped[dict[str, Any]] = mapped_column(default=dict)
    report: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    cohort: Mapped[Cohort] = relationship(lazy="joined")


class CohortTalks(Base):
    """Speed mentoring whose mutual wishes become offers in a cohort."""

    __tablename__ = "cohort_talks"
    __table_args__ = (Index(None, "cohort_id"),)

    session_id: Mapped[UUID] = mapped_column(ForeignKey("speed_session.id"), primary_key=True)
    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id"))
    chosen_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)


class CohortEvent(Base):
    """An event that belongs to a cohort, such as its kickoff; who may come is the event's rule."""

    __tablename__ = "cohort_event"
    __table_args__ = (Index(None, "event_id"),)

    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id"), primary_key=True)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), primary_key=True)
    added_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    added_at: Mapped[datetime] = mapped_column(default=clock.now)

    cohort: Mapped[Cohort] = relationship()
