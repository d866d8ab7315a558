"""Circles that are asked whether they become one, or two."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.database import Base, Identified
from app.mentoring.rules.reshaping import Cause, ReshapeKind, ReshapeState


class Reshaping(Identified, Base):
    """A proposal of organizers that the people of one or two circles are asked about."""

    __tablename__ = "reshaping"
    __table_args__ = (
        Index(None, "cohort_id", "state"),
        Index(None, "first_id"),
        Index(None, "second_id"),
        Index(None, "asked_by"),
        Index(None, "state", "closes_at"),
    )

    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id"))
    kind: Mapped[ReshapeKind]
    cause: Mapped[Cause | None]
    state: Mapped[ReshapeState] = mapped_column(default=ReshapeState.ASKED)
    first_id: Mapped[UUID] = mapped_column(ForeignKey("relationship.id"))
    second_id: Mapped[UUID | None] = mapped_column(ForeignKey("relationship.id"))
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    closes_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    # Who would be together, as people in the order of their circles, and the hours they share.
    groups: Mapped[list[Any]] = mapped_column(default=list)
    common: Mapped[list[Any]] = mapped_column(default=list)
    # The groups that came of it.
    made: Mapped[list[Any]] = mapped_column(default=list)

    @property
    def circles(self) -> list[UUID]:
        """The circles that are asked."""
        return [self.first_id] if self.second_id is None else [self.first_id, self.second_id]
