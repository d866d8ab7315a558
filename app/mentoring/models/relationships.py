"""Relationships, their members, and what the members agreed."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.core import clock
from app.core.database import Base, Identified
from app.mentoring.rules import (
    AgreementState,
    ClosingReason,
    EndingCode,
    RelationshipState,
)
from app.programs.models import Cohort
from app.programs.rules import Format, Role


class Relationship(Identified, Base):
    """People who meet in a cohort: a pair, or a group with more members."""

    __tablename__ = "relationship"
    __table_args__ = (
        Index(None, "cohort_id", "state"),
        Index(None, "guide_id"),
        Index(None, "state"),
        Index(None, "closed_by"),
    )

    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id"))
    offer_id: Mapped[UUID | None] = mapped_column(ForeignKey("offer.id"), unique=True)
    group_id: Mapped[UUID | None] = mapped_column(unique=True)
    # Some have said yes, and not yet enough of them to begin.
    is_gathering: Mapped[bool] = mapped_column(default=False, server_default=false())
    # How many of a group must come; None is more than half of them.
    quorum: Mapped[int | None]
    format: Mapped[Format]
    state: Mapped[RelationshipState] = mapped_column(default=RelationshipState.TRIAL)
    guide_id: Mapped[UUID | None] = mapped_column(ForeignKey("guide.id"))
    cadence_days: Mapped[int] = mapped_column(default=14)
    started_at: Mapped[datetime] = mapped_column(default=clock.now)
    paused_until: Mapped[date | None]
    closed_at: Mapped[datetime | None]
    closing_reason: Mapped[ClosingReason | None]
    closing_code: Mapped[EndingCode | None]
    closed_from: Mapped[RelationshipState | None]
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    # A trial: since when its people are asked, and the instant that settles it.
    trial_asked_at: Mapped[datetime | None]
    settles_at: Mapped[datetime | None]
    # A term: which one this is, its last day, and since when people are asked for another.
    term: Mapped[int] = mapped_column(default=1, server_default="1")
    ends_on: Mapped[date | None]
    renewal_asked_at: Mapped[datetime | None]
    # When a second term began, for good: from then on the pair counts in the totals of a cohort.
    renewed_at: Mapped[datetime | None]
    looks_back_until: Mapped[date | None]
    # Sponsorship: since when the two are asked for it, and since when they keep a ledger.
    sponsorship_asked_at: Mapped[datetime | None]
    sponsorship_opened_at: Mapped[datetime | None]

    members: Mapped[list[Member]] = relationship(order_by="Member.role, Member.person_id")
    cohort: Mapped[Cohort] = relationship(lazy="joined")

    def has(self, person_id: UUID | None) -> bool:
        """Whether the person is a member today."""
        return any(m.person_id == person_id and m.left_at is None for m in self.members)

    def has_had(self, person_id: UUID | None) -> bool:
        """Whether the person is a member, or was one until they left."""
        return any(m.person_id == person_id for m in self.members)

    def there_at(self, instant: datetime) -> list[Member]:
        """Members of today who had joined by an instant; all of them where nobody had."""
        here = [m for m in self.members if m.left_at is None]
        return [m for m in here if m.joined_at <= instant] or here

    def others(self, person_id: UUID | None) -> list[Member]:
        """Everybody else who is here."""
        return [m for m in self.members if m.person_id != person_id and m.left_at is None]

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
    offer_id: Mapped[UUID | None] = mapped_column(ForeignKey("offer.id"), index=True)
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
