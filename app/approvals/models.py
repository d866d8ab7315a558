"""Chains, rules and deputies of a group; rounds of approval with their whole history."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.approvals.rules import ApprovalState, Decider, Stage, StepKind, backup_of
from app.core import clock
from app.core.database import Base, Identified
from app.ergs.models import Erg


class ApprovalStage(Base):
    """One stage of a group's chain for a kind of item."""

    __tablename__ = "approval_stage"

    erg_id: Mapped[UUID] = mapped_column(ForeignKey("erg.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    decider: Mapped[Decider]
    days: Mapped[int]


class ApprovalRule(Identified, Base):
    """When an item needs nobody: all conditions (fact -> value) hold. Ended rows stay."""

    __tablename__ = "approval_rule"
    __table_args__ = (Index(None, "erg_id", "kind", "ended_at"), Index(None, "created_by"))

    erg_id: Mapped[UUID] = mapped_column(ForeignKey("erg.id"))
    kind: Mapped[str] = mapped_column(String(40))
    conditions: Mapped[dict[str, Any]]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    ended_at: Mapped[datetime | None]


class ApprovalDeputy(Identified, Base):
    """Who decides in somebody's place in a group, from a day to a day."""

    __tablename__ = "approval_deputy"
    __table_args__ = (
        Index(None, "erg_id", "person_id"),
        Index(None, "deputy_id", "ends_on"),
        Index(None, "person_id"),
    )

    erg_id: Mapped[UUID] = mapped_column(ForeignKey("erg.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    deputy_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    ended_at: Mapped[datetime | None]


class Approval(Identified, Base):
    """One round: an item on its way through the stages that held when it was asked for."""

    __tablename__ = "approval"
    __table_args__ = (
        Index(
            "uq_approval_waiting",
            "kind",
            "subject_id",
            unique=True,
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index(None, "subject_id"),
        Index(None, "erg_id", "kind", "asked_at"),
        Index(None, "state", "due_at"),
        Index(None, "state", "decider"),
        Index(None, "author_id"),
        Index(None, "asked_by"),
        Index(None, "rule_id"),
    )

    erg_id: Mapped[UUID] = mapped_column(ForeignKey("erg.id"))
    kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[UUID]
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    asked_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    state: Mapped[ApprovalState] = mapped_column(default=ApprovalState.WAITING)
    stages: Mapped[list[Any]]
    stage: Mapped[int] = mapped_column(default=0)
    decider: Mapped[Decider | None]
    facts: Mapped[dict[str, Any]]
    rule_id: Mapped[UUID | None] = mapped_column(ForeignKey("approval_rule.id"))
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    due_at: Mapped[datetime | None]
    late_at: Mapped[datetime | None]

    steps: Mapped[list[ApprovalStep]] = relationship(
        order_by="ApprovalStep.number", back_populates="approval"
    )

    erg: Mapped[Erg] = relationship()

    @property
    def authors(self) -> frozenset[UUID]:
        """Who wrote it and who asked: neither of them decides about it."""
        return frozenset(p for p in (self.author_id, self.asked_by) if p is not None)

    @property
    def chain(self) -> list[Stage]:
        """The stages as they were when it was asked for."""
        return [Stage(Decider(decider), days) for decider, days in self.stages]

    @property
    def current(self) -> Stage | None:
        """The stage at which it waits."""
        is_waiting = self.state is ApprovalState.WAITING and self.stage < len(self.stages)
        return self.chain[self.stage] if is_waiting else None

    @property
    def deciders(self) -> list[Decider]:
        """Whose word counts now."""
        stage = self.current
        if stage is None:
            return []
        return [stage.decider, *([backup_of(stage.decider)] if self.late_at else [])]


class ApprovalStep(Identified, Base):
    """What happened in a round, in order; never changed."""

    __tablename__ = "approval_step"
    __table_args__ = (
        Index(None, "approval_id", "number", unique=True),
        Index(None, "person_id"),
        Index(None, "for_person_id"),
    )

    approval_id: Mapped[UUID] = mapped_column(ForeignKey("approval.id"))
    number: Mapped[int]
    kind: Mapped[StepKind]
    stage: Mapped[int]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    for_person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(default=clock.now)

    approval: Mapped[Approval] = relationship(back_populates="steps")
