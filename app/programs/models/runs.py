"""Runs of the matcher, their candidates, and decisions about pairs."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import (
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.database import Base, Identified
from app.programs.rules import (
    CandidateState,
    Decision,
    RunState,
)

if TYPE_CHECKING:
    from app.programs.models.programs import Cohort


class JointRun(Identified, Base):
    """Runs of several cohorts that are solved, published and recalled as one.

    Its state is that of its runs, which move together. The certificate is about all of them.
    """

    __tablename__ = "joint_run"
    __table_args__ = (Index(None, "started_by"),)

    seed: Mapped[int] = mapped_column(default=0)
    input_hash: Mapped[str | None] = mapped_column(String(64))
    metrics: Mapped[dict[str, Any]] = mapped_column(default=dict)
    certificate: Mapped[dict[str, Any]] = mapped_column(default=dict)
    started_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class MatchRun(Identified, Base):
    """One run of the matcher over a cohort, replayable from its record."""

    __tablename__ = "match_run"
    __table_args__ = (Index(None, "cohort_id", "created_at"), Index(None, "state"))

    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id"))
    # Solved together with other cohorts; such a run is not published or put aside alone.
    joint_id: Mapped[UUID | None] = mapped_column(ForeignKey("joint_run.id"), index=True)
    state: Mapped[RunState] = mapped_column(default=RunState.DRAFT)
    # A dry run keeps its figures and no pair, and is over as soon as it is done.
    is_trial: Mapped[bool] = mapped_column(default=False, server_default=false())
    # A rolling wave of an evergreen cohort: nobody reviews it, and it can still be recalled.
    is_wave: Mapped[bool] = mapped_column(default=False, server_default=false())
    seed: Mapped[int] = mapped_column(default=0)
    input_hash: Mapped[str | None] = mapped_column(String(64))
    rule_version: Mapped[int] = mapped_column(default=1)
    rules: Mapped[dict[str, Any]] = mapped_column(default=dict)
    metrics: Mapped[dict[str, Any]] = mapped_column(default=dict)
    certificate: Mapped[dict[str, Any]] = mapped_column(default=dict)
    prices: Mapped[dict[str, Any]] = mapped_column(default=dict)
    unmatched: Mapped[list[Any]] = mapped_column(default=list)
    phase: Mapped[str] = mapped_column(String(20), default="")
    progress: Mapped[int] = mapped_column(default=0)
    problem: Mapped[dict[str, Any] | None]
    replay: Mapped[dict[str, Any] | None]
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    publish_at: Mapped[datetime | None]
    choice_until: Mapped[datetime | None]  # until when mentees rank their shortlists
    started_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    finished_at: Mapped[datetime | None]

    cohort: Mapped[Cohort] = relationship(lazy="joined")


class Candidate(Identified, Base):
    """One pair of a run with the points that sum to its score."""

    __tablename__ = "match_candidate"
    __table_args__ = (
        UniqueConstraint("run_id", "mentee_id", "mentor_id"),
        Index(None, "mentee_id"),
        Index(None, "mentor_id"),
    )

    run_id: Mapped[UUID] = mapped_column(ForeignKey("match_run.id"))
    mentee_id: Mapped[UUID] = mapped_column(ForeignKey("enrollment.id"))
    mentor_id: Mapped[UUID] = mapped_column(ForeignKey("enrollment.id"))
    state: Mapped[CandidateState] = mapped_column(default=CandidateState.PROPOSED)
    score: Mapped[float]
    reasons: Mapped[list[Any]] = mapped_column(default=list)
    group_no: Mapped[int | None]  # which group of the run, in formats that make groups


class PairDecision(Identified, Base):
    """What an organizer decided about a pair, for this cohort's runs to come."""

    __tablename__ = "pair_decision"
    __table_args__ = (
        UniqueConstraint("cohort_id", "mentee_id", "mentor_id"),
        Index(None, "mentee_id"),
        Index(None, "mentor_id"),
    )

    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id"))
    mentee_id: Mapped[UUID] = mapped_column(ForeignKey("enrollment.id"))
    mentor_id: Mapped[UUID] = mapped_column(ForeignKey("enrollment.id"))
    kind: Mapped[Decision]
    is_override: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(String(500), default="")
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime] = mapped_column(default=clock.now)
