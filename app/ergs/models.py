"""Groups, their texts and chapters; memberships with history; roles with terms."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.database import Base, Identified
from app.ergs.rules import (
    Admission,
    ChapterAxis,
    Discovery,
    ErgState,
    MembershipState,
    Region,
    Relation,
    RoleName,
    RoleState,
    TextStatus,
    Visibility,
    is_shielded,
)


class ErgText(Base):
    """A group's words in one language."""

    __tablename__ = "erg_text"
    __table_args__ = (Index(None, "sort_key"),)

    erg_id: Mapped[UUID] = mapped_column(ForeignKey("erg.id"), primary_key=True)
    locale: Mapped[str] = mapped_column(String(20), primary_key=True)
    status: Mapped[TextStatus] = mapped_column(default=TextStatus.SOURCE)
    name: Mapped[str] = mapped_column(String(120))
    sort_key: Mapped[str] = mapped_column(
        String(120).with_variant(String(120, collation="C"), "postgresql")
    )
    mission: Mapped[str] = mapped_column(Text, default="")
    charter: Mapped[str] = mapped_column(Text, default="")


class Chapter(Identified, Base):
    """A part of a group by region or interest; one level."""

    __tablename__ = "chapter"
    __table_args__ = (
        Index("uq_chapter_erg_slug", "erg_id", "slug", unique=True),
        Index(None, "region", "erg_id"),
    )

    erg_id: Mapped[UUID] = mapped_column(ForeignKey("erg.id"))
    axis: Mapped[ChapterAxis]
    region: Mapped[Region | None]
    slug: Mapped[str] = mapped_column(String(60))
    names: Mapped[dict[str, Any]]
    zone: Mapped[str | None] = mapped_column(String(60))


class Erg(Identified, Base):
    """An employee resource group with its four switches (the fourth is each member's own)."""

    __tablename__ = "erg"
    __table_args__ = (Index(None, "state", "discovery"),)

    slug: Mapped[str] = mapped_column(String(80), unique=True)
    state: Mapped[ErgState] = mapped_column(default=ErgState.DRAFT)
    zone: Mapped[str] = mapped_column(String(60), default="UTC")
    color: Mapped[str] = mapped_column(String(30), default="green")
    discovery: Mapped[Discovery] = mapped_column(default=Discovery.LISTED)
    admission: Mapped[Admission] = mapped_column(default=Admission.OPEN)
    roster: Mapped[Visibility] = mapped_column(default=Visibility.MEMBERS)
    says_sensitive: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    texts: Mapped[list[ErgText]] = relationship(order_by=ErgText.locale)
    chapters: Mapped[list[Chapter]] = relationship(order_by=(Chapter.axis.desc(), Chapter.slug))

    @property
    def is_sensitive(self) -> bool:
        """Whether belonging may out a person: no counts, no rosters, discreet entries."""
        return is_shielded(self.roster, says_so=self.says_sensitive)

    @property
    def is_discreet(self) -> bool:
        """Whether even what the group does must stay unsaid outside of it."""
        return self.is_sensitive or self.discovery is Discovery.HIDDEN


class Membership(Identified, Base):
    """One stretch of belonging; rows are closed, never overwritten, so history stays."""

    __tablename__ = "membership"
    __table_args__ = (
        Index(
            "uq_membership_open",
            "erg_id",
            "person_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(None, "person_id", "ended_at"),
        Index(None, "erg_id", "state", "visibility"),
    )

    erg_id: Mapped[UUID] = mapped_column(ForeignKey("erg.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    state: Mapped[MembershipState]
    relation: Mapped[Relation] = mapped_column(default=Relation.UNDISCLOSED)
    visibility: Mapped[Visibility] = mapped_column(default=Visibility.NOBODY)
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    began_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)


class MembershipChapter(Base):
    """A chapter that a member chose."""

    __tablename__ = "membership_chapter"
    __table_args__ = (Index(None, "chapter_id"),)

    membership_id: Mapped[UUID] = mapped_column(ForeignKey("membership.id"), primary_key=True)
    chapter_id: Mapped[UUID] = mapped_column(ForeignKey("chapter.id"), primary_key=True)


class RoleGrant(Identified, Base):
    """A role in a group, or in one of its chapters, with its term."""

    __tablename__ = "role_grant"
    __table_args__ = (
        Index(None, "erg_id", "role", "state"),
        Index(None, "person_id", "state"),
        Index(None, "chapter_id"),
    )

    erg_id: Mapped[UUID] = mapped_column(ForeignKey("erg.id"))
    chapter_id: Mapped[UUID | None] = mapped_column(ForeignKey("chapter.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    role: Mapped[RoleName]
    state: Mapped[RoleState] = mapped_column(default=RoleState.ACTIVE)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    granted_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
