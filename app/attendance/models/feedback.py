"""What people thought of a date, without a trace of who thought what."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.database import Base


class FeedbackPlace(Base):
    """Somebody who is asked; written once, when all are asked, and never touched again."""

    __tablename__ = "feedback_place"
    __table_args__ = (Index(None, "person_id"),)

    occurrence_id: Mapped[UUID] = mapped_column(ForeignKey("occurrence.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    place: Mapped[int]


class FeedbackBox(Base):
    """All answers about a date as one sorted list, rewritten whole with each answer.

    `answered` is a bit for each place; `shown` is the copy that hosts read. There is no row, time
    or order of a single answer anywhere.
    """

    __tablename__ = "feedback_box"

    occurrence_id: Mapped[UUID] = mapped_column(ForeignKey("occurrence.id"), primary_key=True)
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    closes_at: Mapped[datetime] = mapped_column(index=True)
    answered: Mapped[bytes] = mapped_column(LargeBinary)
    answers: Mapped[list[Any]] = mapped_column(default=list)
    shown: Mapped[list[Any]] = mapped_column(default=list)
