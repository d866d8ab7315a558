"""Private answers, pauses, look backs, handovers, and who needs a new partner."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.database import Base, Identified
from app.mentoring.rules import AskedQuestion, RematchCause
from app.programs.models import Enrollment


class PrivateAnswer(Base):
    """What one person answered for themselves; deleted when all answers are taken together.

    There is no page on which it is shown, not even to the person, and no time of answering.
    """

    __tablename__ = "private_answer"
    __table_args__ = (Index(None, "person_id"),)

    relationship_id: Mapped[UUID] = mapped_column(ForeignKey("relationship.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    question: Mapped[AskedQuestion] = mapped_column(primary_key=True)
    says_yes: Mapped[bool]


class TrialEnding(Base):
    """This trial ends at its instant, whatever its people answer; deleted with the answers."""

    __tablename__ = "trial_ending"

    relationship_id: Mapped[UUID] = mapped_column(ForeignKey("relationship.id"), primary_key=True)


class Pause(Identified, Base):
    """A time in which a relationship rests and its timers stand still."""

    __tablename__ = "relationship_pause"
    __table_args__ = (Index(None, "relationship_id", "began_on"), Index(None, "asked_by"))

    relationship_id: Mapped[UUID] = mapped_column(ForeignKey("relationship.id"))
    asked_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    began_on: Mapped[date]
    until: Mapped[date]
    ended_on: Mapped[date | None]


class LookBack(Base):
    """What one member says at the end: some for themselves, some for the partner."""

    __tablename__ = "look_back"
    __table_args__ = (Index(None, "person_id"),)

    relationship_id: Mapped[UUID] = mapped_column(ForeignKey("relationship.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    own_text: Mapped[str] = mapped_column(Text, default="")
    thanks: Mapped[str] = mapped_column(Text, default="")
    written_at: Mapped[datetime] = mapped_column(default=clock.now)


class Handover(Base):
    """What a mentor writes for the next one; it goes on only if the mentee agrees."""

    __tablename__ = "handover_note"
    __table_args__ = (Index(None, "author_id"),)

    relationship_id: Mapped[UUID] = mapped_column(ForeignKey("relationship.id"), primary_key=True)
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime] = mapped_column(default=clock.now)
    consented_at: Mapped[datetime | None]


class Rematch(Identified, Base):
    """Somebody whose relationship ended needs a new partner by a day."""

    __tablename__ = "rematch"
    __table_args__ = (
        Index(None, "cohort_id", "due_on"),
        Index(None, "enrollment_id"),
        Index(None, "relationship_id"),
    )

    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id"))
    enrollment_id: Mapped[UUID] = mapped_column(ForeignKey("enrollment.id"))
    relationship_id: Mapped[UUID] = mapped_column(ForeignKey("relationship.id"))
    cause: Mapped[RematchCause]
    due_on: Mapped[date]
    opened_at: Mapped[datetime] = mapped_column(default=clock.now)

    enrollment: Mapped[Enrollment] = relationship(lazy="raise")
