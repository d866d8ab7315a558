"""Mentors from outside, partner organizations, and one number of places over all programs."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.core import clock
from app.core.database import Base, Identified
from app.programs.rules.outside import InvitationState, is_in_force

if TYPE_CHECKING:
    from app.programs.models.programs import Cohort


class Partner(Identified, Base):
    """An organization with which mentors are exchanged, and what was agreed."""

    __tablename__ = "partner_organization"
    __table_args__ = (
        CheckConstraint("seats_lent >= 0 AND seats_borrowed >= 0", name="seats"),
        Index(None, "name", "id"),
        Index(None, "created_by"),
    )

    name: Mapped[str] = mapped_column(String(200))
    agreement: Mapped[str] = mapped_column(Text, default="")
    agreed_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    contact_name: Mapped[str] = mapped_column(String(200), default="")
    contact_email: Mapped[str] = mapped_column(String(254), default="")
    seats_lent: Mapped[int] = mapped_column(default=0)
    seats_borrowed: Mapped[int] = mapped_column(default=0)
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    @property
    def is_in_force(self) -> bool:
        """Whether the agreement holds today."""
        return is_in_force(self.agreed_on, self.ends_on, clock.now().date())


class OutsideInvitation(Identified, Base):
    """An invitation by mail to somebody who need not be known: a mentor for one cohort."""

    __tablename__ = "outside_invitation"
    __table_args__ = (
        Index(None, "cohort_id", "state"),
        Index(None, "email"),
        Index(None, "state", "expires_at"),
        Index(None, "partner_id"),
        Index(None, "person_id"),
        Index(None, "invited_by"),
    )

    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id"))
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(200), default="")
    words: Mapped[str] = mapped_column(Text, default="")
    locale: Mapped[str] = mapped_column(String(20), default="en")
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("partner_organization.id"))
    state: Mapped[InvitationState] = mapped_column(default=InvitationState.INVITED)
    expires_at: Mapped[datetime]
    # How often it was sent anew: a mail that was sent again is another message.
    round: Mapped[int] = mapped_column(default=0, server_default="0")
    invited_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    answered_at: Mapped[datetime | None]

    cohort: Mapped[Cohort] = relationship(lazy="joined")
    partner: Mapped[Partner | None] = relationship(lazy="joined")
    inviter: Mapped[Person | None] = relationship(foreign_keys=[invited_by], lazy="raise")

    @property
    def is_open(self) -> bool:
        """Whether it still waits for an answer."""
        return self.state is InvitationState.INVITED and self.expires_at > clock.now()

    @property
    def may_be_accepted(self) -> bool:
        """Open, or declined while there is still time to think again."""
        answers = (InvitationState.INVITED, InvitationState.DECLINED)
        return self.state in answers and self.expires_at > clock.now()


class OutsideAccount(Base):
    """The narrow account of a guest, and when it ends because nothing is left to do with it."""

    __tablename__ = "outside_account"
    __table_args__ = (Index(None, "closed_at", "closes_at"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    closes_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class LentSeat(Identified, Base):
    """One of our mentors agreed to keep a place for somebody of a partner organization."""

    __tablename__ = "lent_seat"
    __table_args__ = (Index(None, "partner_id", "ended_at"), Index(None, "person_id", "ended_at"))

    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partner_organization.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    agreed_at: Mapped[datetime] = mapped_column(default=clock.now)
    ended_at: Mapped[datetime | None]

    partner: Mapped[Partner] = relationship(lazy="joined")
    person: Mapped[Person] = relationship(lazy="raise")


class PersonPlaces(Base):
    """How many people somebody meets at a time, over all programs; without a row no limit."""

    __tablename__ = "person_places"
    __table_args__ = (CheckConstraint("at_most >= 0", name="at_most"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    at_most: Mapped[int]
    chosen_at: Mapped[datetime] = mapped_column(default=clock.now)
