"""Programs, cohorts, forms, enrollments, runs, candidates, decisions, offers, sheets."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.core import clock
from app.core.database import Base, Identified
from app.programs.rules import (
    CandidateState,
    CohortState,
    Decision,
    DeclineReason,
    EnrollmentState,
    Field,
    Format,
    OfferSource,
    OfferState,
    ProgramState,
    Role,
    RunState,
    SheetState,
    enrollment_is_open,
    field_from,
)


class Program(Identified, Base):
    """A mentoring program, made from a template and then its own."""

    __tablename__ = "program"
    __table_args__ = (Index(None, "state", "title", "id"),)

    slug: Mapped[str] = mapped_column(String(80), unique=True)
    template: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(200))
    explicit_title: Mapped[str] = mapped_column(String(200), default="")
    summary: Mapped[str] = mapped_column(Text, default="")
    format: Mapped[Format]
    guide: Mapped[str] = mapped_column(String(40), default="")
    months: Mapped[int] = mapped_column(default=6)
    cadence_days: Mapped[int] = mapped_column(default=14)
    asks_mentor: Mapped[bool] = mapped_column(default=False)
    state: Mapped[ProgramState] = mapped_column(default=ProgramState.DRAFT)
    rules: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    organizers: Mapped[list[ProgramOrganizer]] = relationship()

    def is_run_by(self, person_id: UUID | None) -> bool:
        """Whether the person is one of the program's organizers."""
        return any(organizer.person_id == person_id for organizer in self.organizers)


class ProgramOrganizer(Base):
    """Someone who runs a program without being a program manager of the organization."""

    __tablename__ = "program_organizer"
    __table_args__ = (Index(None, "person_id"),)

    program_id: Mapped[UUID] = mapped_column(ForeignKey("program.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)


class EnrollmentForm(Identified, Base):
    """One version of a program's questions; never changed once someone answered it."""

    __tablename__ = "enrollment_form"
    __table_args__ = (UniqueConstraint("program_id", "version"),)

    program_id: Mapped[UUID] = mapped_column(ForeignKey("program.id"))
    version: Mapped[int]
    questions: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    @property
    def fields(self) -> list[Field]:
        """The questions as the rules know them."""
        return [field_from(stored) for stored in self.questions]


class Cohort(Identified, Base):
    """One run of a program, with its own windows and rules."""

    __tablename__ = "cohort"
    __table_args__ = (Index(None, "program_id", "created_at"), Index(None, "state"))

    program_id: Mapped[UUID] = mapped_column(ForeignKey("program.id"))
    form_id: Mapped[UUID | None] = mapped_column(ForeignKey("enrollment_form.id"))
    title: Mapped[str] = mapped_column(String(200))
    state: Mapped[CohortState] = mapped_column(default=CohortState.DRAFT)
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    enrollment_opens_at: Mapped[datetime | None]
    enrollment_closes_at: Mapped[datetime | None]
    matching_opens_at: Mapped[datetime | None]
    override_reason: Mapped[str | None] = mapped_column(String(500))
    rules: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    program: Mapped[Program] = relationship(lazy="joined")

    @property
    def is_enrolling(self) -> bool:
        """Whether people may enroll right now."""
        window = (self.enrollment_opens_at, self.enrollment_closes_at)
        return enrollment_is_open(self.state, *window, clock.now())


class Enrollment(Identified, Base):
    """A person in one role of one cohort."""

    __tablename__ = "enrollment"
    __table_args__ = (
        UniqueConstraint("cohort_id", "person_id", "role"),
        CheckConstraint("capacity >= 0", name="capacity"),
        Index(None, "person_id"),
        Index(None, "cohort_id", "role", "state"),
    )

    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    role: Mapped[Role]
    state: Mapped[EnrollmentState] = mapped_column(default=EnrollmentState.STARTED)
    capacity: Mapped[int] = mapped_column(default=1)
    form_id: Mapped[UUID | None] = mapped_column(ForeignKey("enrollment_form.id"))
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    preferences: Mapped[dict[str, Any]] = mapped_column(default=dict)
    languages: Mapped[list[Any]] = mapped_column(default=list)
    zone: Mapped[str] = mapped_column(String(60), default="UTC")
    weekly_windows: Mapped[list[Any]] = mapped_column(default=list)
    waiting_since: Mapped[datetime | None]
    missed_rounds: Mapped[int] = mapped_column(default=0)
    paused_until: Mapped[date | None]
    takes_no_more: Mapped[bool] = mapped_column(default=False)
    consented_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    person: Mapped[Person] = relationship(lazy="raise")
    cohort: Mapped[Cohort] = relationship(lazy="raise")


class Exclusion(Base):
    """Someone a person must not be matched with; known to the matcher alone."""

    __tablename__ = "enrollment_exclusion"
    __table_args__ = (Index(None, "person_id"),)

    enrollment_id: Mapped[UUID] = mapped_column(ForeignKey("enrollment.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)


class Baseline(Base):
    """How things were at enrollment, 1 to 5; only ever read as an aggregate."""

    __tablename__ = "enrollment_baseline"

    enrollment_id: Mapped[UUID] = mapped_column(ForeignKey("enrollment.id"), primary_key=True)
    belonging: Mapped[int | None]
    safety: Mapped[int | None]
    growth: Mapped[int | None]
    goals: Mapped[int | None]
    answered_at: Mapped[datetime] = mapped_column(default=clock.now)


class MatchRun(Identified, Base):
    """One run of the matcher over a cohort, replayable from its record."""

    __tablename__ = "match_run"
    __table_args__ = (Index(None, "cohort_id", "created_at"), Index(None, "state"))

    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id"))
    state: Mapped[RunState] = mapped_column(default=RunState.DRAFT)
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
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    publish_at: Mapped[datetime | None]
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


class Offer(Identified, Base):
    """The offer of one relationship to a mentee and a mentor; open ones hold a place."""

    __tablename__ = "offer"
    __table_args__ = (
        UniqueConstraint("run_id", "mentee_id", "mentor_id"),
        Index(None, "mentee_id", "state"),
        Index(None, "mentor_id", "state"),
        Index(None, "cohort_id", "state"),
        Index(None, "state", "expires_at"),
    )

    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id"))
    run_id: Mapped[UUID | None] = mapped_column(ForeignKey("match_run.id"))
    mentee_id: Mapped[UUID] = mapped_column(ForeignKey("enrollment.id"))
    mentor_id: Mapped[UUID] = mapped_column(ForeignKey("enrollment.id"))
    source: Mapped[OfferSource]
    state: Mapped[OfferState] = mapped_column(default=OfferState.DRAFT)
    score: Mapped[float | None]
    reasons: Mapped[list[Any]] = mapped_column(default=list)
    offered_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    mentor_accepted_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    on_behalf: Mapped[bool] = mapped_column(default=False)
    decline_reason: Mapped[DeclineReason | None]
    decline_note: Mapped[str] = mapped_column(Text, default="")
    released_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    mentee: Mapped[Enrollment] = relationship(foreign_keys=[mentee_id], lazy="raise")
    mentor: Mapped[Enrollment] = relationship(foreign_keys=[mentor_id], lazy="raise")
    cohort: Mapped[Cohort] = relationship(lazy="raise")


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
