"""How things are at the end, beside how they were at enrollment."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.database import Base, Identified
from app.mentoring.rules.surveys import Reached


class FinalSurvey(Base):
    """What one person says at the end of a cohort, 1 to 5; for others only ever an aggregate.

    In a cohort without end people are asked at the end of later relationships too: a row for each.
    """

    __tablename__ = "enrollment_final"

    enrollment_id: Mapped[UUID] = mapped_column(ForeignKey("enrollment.id"), primary_key=True)
    # The first answer: from then on it can be changed for three weeks.
    begun_at: Mapped[datetime] = mapped_column(primary_key=True, default=clock.now)
    belonging: Mapped[int | None]
    safety: Mapped[int | None]
    growth: Mapped[int | None]
    goals: Mapped[int | None]
    reached: Mapped[Reached | None]
    # What was said at enrollment, as it stood with the answers: a share once shown rests on it.
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)


class KeptOutcome(Identified, Base):
    """What an erased person's answers add to the shares of a cohort, with nothing that leads to
    them: so that no share moves by one person. What they said is not kept, only whether it rose.
    """

    __tablename__ = "kept_outcome"
    __table_args__ = (Index(None, "cohort_id"),)

    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id"))
    # The same for all answers of one person, and of nothing else.
    key: Mapped[UUID]
    month: Mapped[datetime]
    counts: Mapped[dict[str, Any]]
