"""What is kept of matching: former versions of a cohort's rules, and what a run was given."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.database import Base, Identified


class RulesVersion(Identified, Base):
    """The matching rules of a cohort as they were in one version."""

    __tablename__ = "match_rules_version"
    __table_args__ = (UniqueConstraint("cohort_id", "version"), Index(None, "made_by"))

    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id"))
    version: Mapped[int]
    rules: Mapped[dict[str, Any]]
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime] = mapped_column(default=clock.now)


class RunInput(Base):
    """Everything a run was given, packed, to solve it again. Read by the matcher alone: it holds
    answers that nobody else may see, sealed with a key of its own (rows without one are older), and
    goes after half a year or when one of its people leaves or takes an answer back.
    """

    __tablename__ = "match_run_input"
    __table_args__ = (Index(None, "kept_until"),)

    run_id: Mapped[UUID] = mapped_column(ForeignKey("match_run.id"), primary_key=True)
    packed: Mapped[bytes] = mapped_column(LargeBinary)
    root_id: Mapped[str | None] = mapped_column(String(40), index=True)
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    kept_until: Mapped[datetime]


class WishReport(Identified, Base):
    """How many wishes a matching met, as it may be told: kept, and told again until enough other
    people are in the pool (`people`, which no page reads), so that no two can be subtracted."""

    __tablename__ = "match_wish_report"
    __table_args__ = (Index(None, "cohort_id", "made_at"),)

    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id"))
    share: Mapped[str] = mapped_column(String(10))
    people: Mapped[list[Any]]
    made_at: Mapped[datetime] = mapped_column(default=clock.now)


class ShortlistEntry(Identified, Base):
    """A mentor in a mentee's shortlist; the rank is the mentee's own and for the matcher alone."""

    __tablename__ = "match_shortlist"
    __table_args__ = (
        UniqueConstraint("run_id", "mentee_id", "mentor_id"),
        Index(None, "mentee_id"),
        Index(None, "mentor_id"),
    )

    run_id: Mapped[UUID] = mapped_column(ForeignKey("match_run.id"))
    mentee_id: Mapped[UUID] = mapped_column(ForeignKey("enrollment.id"))
    mentor_id: Mapped[UUID] = mapped_column(ForeignKey("enrollment.id"))
    place: Mapped[int]
    rank: Mapped[int | None]
    reasons: Mapped[list[Any]] = mapped_column(default=list)
