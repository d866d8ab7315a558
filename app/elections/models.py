"""Elections, candidates, the roll, the ballot box, signatures, and handover checklists."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.database import Base, Identified
from app.elections.rules import (
    CandidateState,
    Check,
    ElectionState,
    TieRule,
    first_moment,
    last_moment,
)
from app.ergs.models import Chapter, Erg
from app.ergs.rules import RoleName


class Election(Identified, Base):
    """An election for a role of a group or of one of its chapters.

    Days are those of `zone`; the instants beside them are what sweeps ask for.
    """

    __tablename__ = "election"
    __table_args__ = (
        Index(None, "erg_id", "ends_on"),
        Index(None, "state", "closes_at"),
        Index(None, "chapter_id"),
    )

    erg_id: Mapped[UUID] = mapped_column(ForeignKey("erg.id"))
    chapter_id: Mapped[UUID | None] = mapped_column(ForeignKey("chapter.id"))
    role: Mapped[RoleName]
    seats: Mapped[int] = mapped_column(default=1)
    state: Mapped[ElectionState] = mapped_column(default=ElectionState.DRAFT)
    tie_rule: Mapped[TieRule]
    lot_seed: Mapped[str] = mapped_column(String(64))
    about: Mapped[str] = mapped_column(Text, default="")
    locale: Mapped[str] = mapped_column(String(20), default="en")
    zone: Mapped[str] = mapped_column(String(60), default="UTC")
    nominating_on: Mapped[date]
    voting_on: Mapped[date]
    ends_on: Mapped[date]
    nominating_at: Mapped[datetime]
    voting_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    term_starts_on: Mapped[date]
    term_ends_on: Mapped[date]
    announced_at: Mapped[datetime | None]
    counted_at: Mapped[datetime | None]
    certified_at: Mapped[datetime | None]
    void_reason: Mapped[str | None] = mapped_column(Text)
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    erg: Mapped[Erg] = relationship()
    chapter: Mapped[Chapter | None] = relationship()
    # Named by their classes: other domains have a Candidate and a Signature of their own.
    candidates: Mapped[list[Candidate]] = relationship(
        lambda: Candidate,
        back_populates="election",
        order_by=lambda: (Candidate.number, Candidate.id),
    )
    signatures: Mapped[list[Signature]] = relationship(
        lambda: Signature, order_by=lambda: Signature.signed_at
    )

    def set_days(self, nominating_on: date, voting_on: date, ends_on: date) -> None:
        """The three days, and with them the instants."""
        self.nominating_on, self.voting_on, self.ends_on = nominating_on, voting_on, ends_on
        self.nominating_at = first_moment(nominating_on, self.zone)
        self.voting_at = first_moment(voting_on, self.zone)
        self.closes_at = last_moment(ends_on, self.zone)

    @property
    def standing(self) -> list[Candidate]:
        """Those who accepted."""
        return [c for c in self.candidates if c.state is CandidateState.ACCEPTED]


class Candidate(Identified, Base):
    """Somebody who was nominated; who nominated them is not kept.

    `number` is the place on the ballot, drawn by lot when voting starts.
    """

    __tablename__ = "candidate"
    __table_args__ = (
        Index("uq_candidate_election_person", "election_id", "person_id", unique=True),
        Index(None, "person_id", "state"),
    )

    election_id: Mapped[UUID] = mapped_column(ForeignKey("election.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    state: Mapped[CandidateState]
    number: Mapped[int | None]
    shown_as: Mapped[str] = mapped_column(String(120), default="")
    statement: Mapped[str] = mapped_column(Text, default="")
    locale: Mapped[str] = mapped_column(String(20), default="en")

    election: Mapped[Election] = relationship(back_populates="candidates")


class Voter(Base):
    """A place on the roll; written once when voting starts and never touched again.

    Whether the person has voted is a bit in the one row of `BallotBox`.
    """

    __tablename__ = "election_voter"
    __table_args__ = (Index(None, "person_id"),)

    election_id: Mapped[UUID] = mapped_column(ForeignKey("election.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    place: Mapped[int]


class BallotBox(Base):
    """All ballots of an election as one sorted multiset, rewritten whole with each vote.

    There is no row, time, or order of a single vote anywhere; docs/elections.md says what can
    and what cannot be read from it.
    """

    __tablename__ = "ballot_box"

    election_id: Mapped[UUID] = mapped_column(ForeignKey("election.id"), primary_key=True)
    salt: Mapped[str] = mapped_column(String(64))
    voted: Mapped[bytes] = mapped_column(LargeBinary)
    ballots: Mapped[list[Any]] = mapped_column(default=list)
    result: Mapped[dict[str, Any] | None]
    digest: Mapped[str | None] = mapped_column(String(64))


class Signature(Base):
    """Somebody who is no candidate certifies the count."""

    __tablename__ = "election_signature"
    __table_args__ = (Index(None, "person_id"),)

    election_id: Mapped[UUID] = mapped_column(ForeignKey("election.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    signed_at: Mapped[datetime] = mapped_column(default=clock.now)


class HandoverTick(Base):
    """A step of a handover that somebody has done; `began_on` tells one handover from the next."""

    __tablename__ = "handover_tick"
    __table_args__ = (Index(None, "done_by"),)

    erg_id: Mapped[UUID] = mapped_column(ForeignKey("erg.id"), primary_key=True)
    began_on: Mapped[date] = mapped_column(primary_key=True)
    step: Mapped[Check] = mapped_column(primary_key=True)
    done_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    done_at: Mapped[datetime] = mapped_column(default=clock.now)
