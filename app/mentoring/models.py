"""Relationships, agreements, guides, sessions, goals and notes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.core import clock
from app.core.database import Base, Identified
from app.mentoring.rules import (
    AgreementState,
    Claim,
    ClosingReason,
    GoalState,
    GuideState,
    NoteScope,
    RelationshipState,
    SessionState,
    Sharing,
)
from app.programs.models import Cohort
from app.programs.rules import Format, Role


class Guide(Identified, Base):
    """One version of a session guide."""

    __tablename__ = "guide"
    __table_args__ = (UniqueConstraint("key", "version"),)

    key: Mapped[str] = mapped_column(String(40))
    version: Mapped[int] = mapped_column(default=1)
    state: Mapped[GuideState] = mapped_column(default=GuideState.DRAFT)
    title: Mapped[dict[str, Any]] = mapped_column(default=dict)

    sessions: Mapped[list[GuideSession]] = relationship(
        order_by="GuideSession.position", lazy="raise"
    )


class GuideSession(Identified, Base):
    """One session of a guide; texts by language tag."""

    __tablename__ = "guide_session"
    __table_args__ = (UniqueConstraint("guide_id", "position"),)

    guide_id: Mapped[UUID] = mapped_column(ForeignKey("guide.id"))
    position: Mapped[int]
    minutes: Mapped[int] = mapped_column(default=60)
    title: Mapped[dict[str, Any]] = mapped_column(default=dict)
    preparation: Mapped[dict[str, Any]] = mapped_column(default=dict)

    prompts: Mapped[list[Prompt]] = relationship(order_by="Prompt.position", lazy="raise")


class Prompt(Identified, Base):
    """One prompt of a guide's session, with a key that outlives rewording."""

    __tablename__ = "guide_prompt"
    __table_args__ = (
        UniqueConstraint("guide_session_id", "key"),
        Index(None, "guide_session_id", "position"),
    )

    guide_session_id: Mapped[UUID] = mapped_column(ForeignKey("guide_session.id"))
    key: Mapped[str] = mapped_column(String(60))
    position: Mapped[int]
    role: Mapped[Role | None]
    text: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Relationship(Identified, Base):
    """People who meet in a cohort: a pair, or a group with more members."""

    __tablename__ = "relationship"
    __table_args__ = (
        Index(None, "cohort_id", "state"),
        Index(None, "guide_id"),
        Index(None, "state"),
    )

    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id"))
    offer_id: Mapped[UUID | None] = mapped_column(ForeignKey("offer.id"), unique=True)
    format: Mapped[Format]
    state: Mapped[RelationshipState] = mapped_column(default=RelationshipState.TRIAL)
    guide_id: Mapped[UUID | None] = mapped_column(ForeignKey("guide.id"))
    cadence_days: Mapped[int] = mapped_column(default=14)
    started_at: Mapped[datetime] = mapped_column(default=clock.now)
    paused_until: Mapped[date | None]
    closed_at: Mapped[datetime | None]
    closing_reason: Mapped[ClosingReason | None]

    members: Mapped[list[Member]] = relationship(order_by="Member.role, Member.person_id")
    cohort: Mapped[Cohort] = relationship(lazy="joined")

    def has(self, person_id: UUID | None) -> bool:
        """Whether the person is a member today."""
        return any(m.person_id == person_id and m.left_at is None for m in self.members)

    def others(self, person_id: UUID | None) -> list[Member]:
        """Everybody else."""
        return [member for member in self.members if member.person_id != person_id]

    def role_of(self, person_id: UUID | None) -> Role | None:
        """The side on which a person is."""
        return next((m.role for m in self.members if m.person_id == person_id), None)


class Member(Base):
    """One person of a relationship."""

    __tablename__ = "relationship_member"
    __table_args__ = (Index(None, "person_id"), Index(None, "enrollment_id"))

    relationship_id: Mapped[UUID] = mapped_column(ForeignKey("relationship.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    role: Mapped[Role]
    enrollment_id: Mapped[UUID | None] = mapped_column(ForeignKey("enrollment.id"))
    joined_at: Mapped[datetime] = mapped_column(default=clock.now)
    left_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="joined")


class Agreement(Identified, Base):
    """What the members expect of each other; an edit asks everybody to sign again."""

    __tablename__ = "agreement"

    relationship_id: Mapped[UUID] = mapped_column(ForeignKey("relationship.id"), unique=True)
    state: Mapped[AgreementState] = mapped_column(default=AgreementState.DRAFT)
    revision: Mapped[int] = mapped_column(default=1)
    text: Mapped[str] = mapped_column(Text, default="")

    signatures: Mapped[list[Signature]] = relationship(lambda: Signature)


class Signature(Base):
    """Who signed which revision of an agreement."""

    __tablename__ = "agreement_signature"
    __table_args__ = (Index(None, "person_id"),)

    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("agreement.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    signed_at: Mapped[datetime] = mapped_column(default=clock.now)


class Meeting(Identified, Base):
    """A session of a relationship: wall time and zone as planned, and the instant they mean."""

    __tablename__ = "mentoring_session"
    __table_args__ = (
        Index(None, "relationship_id", "starts_at"),
        Index(None, "state", "starts_at"),
        Index(None, "guide_session_id"),
    )

    relationship_id: Mapped[UUID] = mapped_column(ForeignKey("relationship.id"))
    guide_session_id: Mapped[UUID | None] = mapped_column(ForeignKey("guide_session.id"))
    state: Mapped[SessionState] = mapped_column(default=SessionState.SCHEDULED)
    wall_time: Mapped[datetime] = mapped_column(DateTime(timezone=False))
    zone: Mapped[str] = mapped_column(String(60))
    starts_at: Mapped[datetime]
    minutes: Mapped[int] = mapped_column(default=60)
    place: Mapped[str] = mapped_column(String(300), default="")
    revision: Mapped[int] = mapped_column(default=1)
    planned_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    pair: Mapped[Relationship] = relationship(lazy="raise")
    claims: Mapped[list[SessionClaim]] = relationship()


class SessionClaim(Base):
    """What one member said about a session."""

    __tablename__ = "session_claim"
    __table_args__ = (Index(None, "person_id"),)

    session_id: Mapped[UUID] = mapped_column(ForeignKey("mentoring_session.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    answer: Mapped[Claim]
    answered_at: Mapped[datetime] = mapped_column(default=clock.now)


class Goal(Identified, Base):
    """What a member wants to reach, in steps."""

    __tablename__ = "goal"
    __table_args__ = (Index(None, "relationship_id", "created_at"), Index(None, "owner_id"))

    relationship_id: Mapped[UUID] = mapped_column(ForeignKey("relationship.id"))
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    state: Mapped[GoalState] = mapped_column(default=GoalState.ACTIVE)
    text: Mapped[str] = mapped_column(String(300))
    measure: Mapped[str] = mapped_column(String(300), default="")
    target_on: Mapped[date | None]
    sharing: Mapped[Sharing] = mapped_column(default=Sharing.PAIR)
    baseline: Mapped[int | None]
    result: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    moved_at: Mapped[datetime] = mapped_column(default=clock.now)

    steps: Mapped[list[GoalStep]] = relationship(
        order_by="GoalStep.position", back_populates="goal"
    )

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


class Note(Identified, Base):
    """A note of one member, for themselves or for all members; organizers have no way to it."""

    __tablename__ = "note"
    __table_args__ = (Index(None, "relationship_id", "created_at"), Index(None, "author_id"))

    relationship_id: Mapped[UUID] = mapped_column(ForeignKey("relationship.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    scope: Mapped[NoteScope] = mapped_column(default=NoteScope.OWN)
    text: Mapped[str] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)
