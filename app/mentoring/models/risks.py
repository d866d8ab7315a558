"""Risk flags with their evidence, nudges that were sent, and what members say of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.core import clock
from app.core.database import Base, Identified
from app.mentoring.models.relationships import Relationship
from app.mentoring.rules import FlagState
from app.mentoring.rules.risks import Outcome, Play, Risk

_LIVE = text("state <> 'resolved'")


class RiskFlag(Identified, Base):
    """One rule that held for one relationship; the evidence is days and counts, nothing else."""

    __tablename__ = "risk_flag"
    __table_args__ = (
        Index(
            "uq_risk_flag_live",
            "relationship_id",
            "rule",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index(None, "relationship_id", "rule", "since"),
        Index(None, "state", "opened_at"),
        Index(None, "owner_id"),
        Index(None, "batch_id"),
    )

    relationship_id: Mapped[UUID] = mapped_column(ForeignKey("relationship.id"))
    rule: Mapped[Risk]
    state: Mapped[FlagState] = mapped_column(default=FlagState.OPEN)
    since: Mapped[date]
    evidence: Mapped[dict[str, Any]] = mapped_column(default=dict)
    opened_at: Mapped[datetime] = mapped_column(default=clock.now)
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    play: Mapped[Play | None]
    acted_at: Mapped[datetime | None]
    outcome: Mapped[Outcome | None]
    resolved_at: Mapped[datetime | None]
    snoozed_until: Mapped[date | None]
    # Flags that were acknowledged in one go share this, so that one Undo takes it back.
    batch_id: Mapped[UUID | None]

    pair: Mapped[Relationship] = relationship(lazy="raise")
    owner: Mapped[Person | None] = relationship(lazy="raise")


class Nudge(Identified, Base):
    """One word to one person about one rule: the proof that the daily cap holds."""

    __tablename__ = "nudge"
    __table_args__ = (
        UniqueConstraint("person_id", "day"),
        UniqueConstraint("relationship_id", "person_id", "rule", "since"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    relationship_id: Mapped[UUID] = mapped_column(ForeignKey("relationship.id"))
    rule: Mapped[Risk]
    since: Mapped[date]
    # The day in the person's own zone.
    day: Mapped[date]
    written_at: Mapped[datetime] = mapped_column(default=clock.now)
    done_at: Mapped[datetime | None]


class Reassurance(Base):
    """A member says that all is well until a day: nothing is asked and no flag opens before it."""

    __tablename__ = "reassurance"
    __table_args__ = (Index(None, "said_by"),)

    relationship_id: Mapped[UUID] = mapped_column(ForeignKey("relationship.id"), primary_key=True)
    said_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    said_on: Mapped[date]
    until: Mapped[date]


class ClosingNotice(Base):
    """A relationship was silent for so long that it ends on a day, unless somebody says a word."""

    __tablename__ = "closing_notice"
    __table_args__ = (Index(None, "closes_on"),)

    relationship_id: Mapped[UUID] = mapped_column(ForeignKey("relationship.id"), primary_key=True)
    since: Mapped[date]
    noticed_on: Mapped[date]
    closes_on: Mapped[date]
