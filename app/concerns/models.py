"""Concerns, sealed words, who may read them and did; handlers; what the organization set."""

from __future__ import annotations

from datetime import date, datetime
from typing import cast
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.concerns.rules import ConcernState, EntryKind, HandlerState, Outcome
from app.core import clock
from app.core.database import Base, Identified
from app.mentoring.models import Relationship
from app.programs.models import Cohort


class Concern(Identified, Base):
    """That somebody says something is wrong; what they say stands sealed in its entries.

    `wrapped` is the data key of its words, wrapped by a root key of KEY_FILE: without the row
    nothing opens. A second key holds what handlers write among themselves, so that the person's
    words can be destroyed alone.
    """

    __tablename__ = "concern"
    __table_args__ = (
        Index(None, "raised_by", "raised_at"),
        Index(None, "about_person_id"),
        Index(None, "relationship_id"),
        Index(None, "cohort_id"),
        Index(None, "taken_by"),
        Index(None, "state", "triage_by"),
        Index(None, "purge_on"),
        Index(None, "root_id"),
    )

    raised_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    about_person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    relationship_id: Mapped[UUID | None] = mapped_column(ForeignKey("relationship.id"))
    cohort_id: Mapped[UUID | None] = mapped_column(ForeignKey("cohort.id"))
    state: Mapped[ConcernState] = mapped_column(default=ConcernState.RAISED)
    outcome: Mapped[Outcome | None]
    root_id: Mapped[str] = mapped_column(String(40))
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    wrapped_notes: Mapped[bytes] = mapped_column(LargeBinary)
    raised_at: Mapped[datetime] = mapped_column(default=clock.now)
    triage_by: Mapped[date]
    taken_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    moved_at: Mapped[datetime] = mapped_column(default=clock.now)
    # The pair rests for this until somebody decides; in a trial what arrives waits for the person.
    keeps_rest: Mapped[bool] = mapped_column(default=False)
    purge_on: Mapped[date | None]

    raiser: Mapped[Person] = relationship(foreign_keys=[raised_by], lazy="raise")
    about: Mapped[Person | None] = relationship(foreign_keys=[about_person_id], lazy="raise")
    pair: Mapped[Relationship | None] = relationship(lazy="raise")
    cohort: Mapped[Cohort | None] = relationship(lazy="raise")
    readers: Mapped[list[ConcernReader]] = relationship(
        order_by="ConcernReader.added_at, ConcernReader.person_id", lazy="raise"
    )

    # The handlers who are far enough from it, once a page or verb has asked.
    free = cast("tuple[Person, ...] | None", None)

    @property
    def waits(self) -> bool:
        """Whether nobody looks after it, yet or any more."""
        left = self.state is ConcernState.TRIAGED and self.taken_by is None
        return left or self.state is ConcernState.RAISED

    def is_read_by(self, person_id: UUID | None) -> bool:
        """Whether the person is one of those who may read it today."""
        return any(r.person_id == person_id and r.ended_at is None for r in self.readers)


class ConcernEntry(Identified, Base):
    """One sealed text of a concern."""

    __tablename__ = "concern_entry"
    __table_args__ = (Index(None, "concern_id", "written_at"), Index(None, "author_id"))

    concern_id: Mapped[UUID] = mapped_column(ForeignKey("concern.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[EntryKind]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    written_at: Mapped[datetime] = mapped_column(default=clock.now)

    author: Mapped[Person] = relationship(lazy="raise")


class ConcernReader(Base):
    """A handler who may read one concern, named to the person before they wrote or since."""

    __tablename__ = "concern_reader"
    __table_args__ = (Index(None, "person_id"), Index(None, "added_by"))

    concern_id: Mapped[UUID] = mapped_column(ForeignKey("concern.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    added_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    added_at: Mapped[datetime] = mapped_column(default=clock.now)
    ended_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(foreign_keys=[person_id], lazy="raise")


class ConcernRead(Identified, Base):
    """That a handler opened the words, and when; the person sees it."""

    __tablename__ = "concern_read"
    __table_args__ = (Index(None, "concern_id", "read_at"), Index(None, "person_id"))

    concern_id: Mapped[UUID] = mapped_column(ForeignKey("concern.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    read_at: Mapped[datetime] = mapped_column(default=clock.now)

    person: Mapped[Person] = relationship(lazy="raise")


class ConcernHandler(Identified, Base):
    """A handler's role: one administrator proposes, another confirms, and then it holds."""

    __tablename__ = "concern_handler"
    __table_args__ = (
        Index(None, "person_id"),
        Index(None, "proposed_by"),
        Index(None, "confirmed_by"),
        Index(None, "role_id"),
        Index(None, "state"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    state: Mapped[HandlerState] = mapped_column(default=HandlerState.PROPOSED)
    proposed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime] = mapped_column(default=clock.now)
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    role_id: Mapped[UUID | None] = mapped_column(ForeignKey("org_role.id"))
    ended_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(foreign_keys=[person_id], lazy="raise")


class ConcernSetting(Base):
    """What the organization set: whom to turn to outside, and how long closed concerns are kept."""

    __tablename__ = "concern_setting"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    outside: Mapped[str] = mapped_column(String(500), default="")
    kept_months: Mapped[int] = mapped_column(default=12)
