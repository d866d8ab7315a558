"""Annual plans with initiatives and key results; what a group recommends, and the answers."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.budgets.rules import Purpose
from app.core import clock
from app.core.database import Base, Identified
from app.plans.rules import InitiativeState, PlanState, RecommendationState


class Plan(Identified, Base):
    """What a group wants to reach in a year."""

    __tablename__ = "plan"
    __table_args__ = (UniqueConstraint("erg_id", "year"),)

    erg_id: Mapped[UUID] = mapped_column(ForeignKey("erg.id"))
    year: Mapped[int]
    summary: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[PlanState] = mapped_column(default=PlanState.DRAFT)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class KeyResultUpdate(Identified, Base):
    """How a key result stood on a day; rows stay as history."""

    __tablename__ = "key_result_update"
    __table_args__ = (Index(None, "key_result_id", "day"),)

    key_result_id: Mapped[UUID] = mapped_column(ForeignKey("key_result.id"))
    day: Mapped[date]
    value: Mapped[float]
    note: Mapped[str] = mapped_column(String(300), default="")
    at: Mapped[datetime] = mapped_column(default=clock.now)


class KeyResult(Identified, Base):
    """What tells that an initiative succeeded: from a start to a target, in a unit."""

    __tablename__ = "key_result"
    __table_args__ = (Index(None, "initiative_id", "position"),)

    initiative_id: Mapped[UUID] = mapped_column(ForeignKey("initiative.id"))
    position: Mapped[int] = mapped_column(default=0)
    text: Mapped[str] = mapped_column(String(200))
    unit: Mapped[str] = mapped_column(String(40), default="")
    start: Mapped[float] = mapped_column(default=0.0)
    target: Mapped[float]

    updates: Mapped[list[KeyResultUpdate]] = relationship(
        order_by=(KeyResultUpdate.day.desc(), KeyResultUpdate.at.desc())
    )

    @property
    def current(self) -> float:
        """What the newest update says, before the first one the start."""
        return self.updates[0].value if self.updates else self.start


class InitiativeEvent(Base):
    """An event that serves an initiative."""

    __tablename__ = "initiative_event"
    __table_args__ = (Index(None, "event_id"),)

    initiative_id: Mapped[UUID] = mapped_column(ForeignKey("initiative.id"), primary_key=True)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), primary_key=True)


class InitiativeRequest(Base):
    """Money that serves an initiative."""

    __tablename__ = "initiative_request"
    __table_args__ = (Index(None, "request_id"),)

    initiative_id: Mapped[UUID] = mapped_column(ForeignKey("initiative.id"), primary_key=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("budget_request.id"), primary_key=True)


class Initiative(Identified, Base):
    """Something a group sets out to do, with a purpose, an owner and a day."""

    __tablename__ = "initiative"
    __table_args__ = (Index(None, "plan_id", "state", "due_on"), Index(None, "owner_id"))

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"))
    title: Mapped[str] = mapped_column(String(160))
    about: Mapped[str] = mapped_column(Text, default="")
    purpose: Mapped[Purpose]
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    due_on: Mapped[date | None]
    state: Mapped[InitiativeState] = mapped_column(default=InitiativeState.OPEN)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    plan: Mapped[Plan] = relationship()
    results: Mapped[list[KeyResult]] = relationship(order_by=(KeyResult.position, KeyResult.id))
    event_links: Mapped[list[InitiativeEvent]] = relationship(viewonly=True)
    request_links: Mapped[list[InitiativeRequest]] = relationship(viewonly=True)


class RecommendationAnswer(Identified, Base):
    """One public answer; taken back it is shown no more."""

    __tablename__ = "recommendation_answer"
    __table_args__ = (Index(None, "recommendation_id", "at"),)

    recommendation_id: Mapped[UUID] = mapped_column(ForeignKey("recommendation.id"))
    state: Mapped[RecommendationState]
    text: Mapped[str] = mapped_column(Text)
    by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(default=clock.now)
    taken_back_at: Mapped[datetime | None]


class Recommendation(Identified, Base):
    """What a group asks of the company: to whom, until when.

    `revision` rises whenever the person or the day changes, so that reminders follow.
    """

    __tablename__ = "recommendation"
    __table_args__ = (Index(None, "erg_id", "state", "due_on"), Index(None, "owner_id", "state"))

    erg_id: Mapped[UUID] = mapped_column(ForeignKey("erg.id"))
    title: Mapped[str] = mapped_column(String(160))
    why: Mapped[str] = mapped_column(Text, default="")
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    due_on: Mapped[date]
    state: Mapped[RecommendationState] = mapped_column(default=RecommendationState.OPEN)
    revision: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)

    answers: Mapped[list[RecommendationAnswer]] = relationship(
        order_by=(RecommendationAnswer.at, RecommendationAnswer.id)
    )

    @property
    def said(self) -> list[RecommendationAnswer]:
        """The answers that hold, the oldest first."""
        return [answer for answer in self.answers if answer.taken_back_at is None]
