"""Goals in steps."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.database import Base, Identified
from app.mentoring.rules import GoalState, Sharing


class Goal(Identified, Base):
    """What a member wants to reach, in steps."""

    __tablename__ = "goal"
    __table_args__ = (
        Index(None, "relationship_id", "created_at"),
        Index(None, "owner_id"),
        Index(None, "carried_from"),
    )

    relationship_id: Mapped[UUID] = mapped_column(ForeignKey("relationship.id"))
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    # Of a group: everybody's goal, ticked by anyone of them; the owner is who wrote it down.
    is_shared_by_all: Mapped[bool] = mapped_column(default=False, server_default=false())
    state: Mapped[GoalState] = mapped_column(default=GoalState.ACTIVE)
    text: Mapped[str] = mapped_column(String(300))
    measure: Mapped[str] = mapped_column(String(300), default="")
    target_on: Mapped[date | None]
    sharing: Mapped[Sharing] = mapped_column(default=Sharing.PAIR)
    baseline: Mapped[int | None]
    result: Mapped[int | None]
    # The goal of an earlier term or relationship that goes on here.
    carried_from: Mapped[UUID | None] = mapped_column(ForeignKey("goal.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    moved_at: Mapped[datetime] = mapped_column(default=clock.now)

    steps: Mapped[list[GoalStep]] = relationship(
        order_by="GoalStep.position", back_populates="goal"
    )

    def is_of(self, person_id: UUID | None) -> bool:
        """Whether it is this member's to work at: their own, or everybody's."""
        return self.is_shared_by_all or self.owner_id == person_id

    @property
    def done(self) -> int:
        """Steps ticked."""
        return sum(step.done_at is not None for step in self.steps)


class GoalStep(Identified, Base):
    """One of one to six steps to a goal."""

    __tablename__ = "goal_step"
    __table_args__ = (UniqueConstraint("goal_id", "position"),)

    goal_id: Mapped[UUID] = mapped_column(ForeignKey("goal.id"))
    position: Mapped[int]
    text: Mapped[str] = mapped_column(String(200))
    done_at: Mapped[datetime | None]

    goal: Mapped[Goal] = relationship(back_populates="steps", lazy="raise")
