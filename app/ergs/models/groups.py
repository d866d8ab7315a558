"""Groups, their texts and chapters."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, and_
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.database import Base, Identified
from app.ergs.models.images import ErgImage
from app.ergs.rules import (
    Admission,
    ChapterAxis,
    Discovery,
    ErgState,
    ImageState,
    Region,
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
    """A part of a group by region or interest; one level. A closed one stays for its history."""

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
    archived_at: Mapped[datetime | None]


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
    # In mails of the group's news; empty: the service's own.
    sender_name: Mapped[str] = mapped_column(String(60), default="", server_default="")
    reply_to: Mapped[str] = mapped_column(String(254), default="", server_default="")
    # The day from which the group is no longer confidential, while all members agree.
    opens_on: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    texts: Mapped[list[ErgText]] = relationship(order_by=ErgText.locale)
    chapters: Mapped[list[Chapter]] = relationship(
        primaryjoin=lambda: and_(Chapter.erg_id == Erg.id, Chapter.archived_at.is_(None)),
        order_by=(Chapter.axis.desc(), Chapter.slug),
        viewonly=True,
    )
    pictures: Mapped[list[ErgImage]] = relationship(
        primaryjoin=lambda: and_(
            ErgImage.erg_id == Erg.id,
            ErgImage.removed_at.is_(None),
            ErgImage.state == ImageState.READY,
        ),
        order_by=(ErgImage.created_at.desc(), ErgImage.id),
        viewonly=True,
    )

    @property
    def is_sensitive(self) -> bool:
        """Whether belonging may out a person: no counts, no rosters, discreet entries."""
        return is_shielded(self.roster, says_so=self.says_sensitive)

    @property
    def is_discreet(self) -> bool:
        """Whether even what the group does must stay unsaid outside of it."""
        return self.is_sensitive or self.discovery is Discovery.HIDDEN

    @property
    def picture(self) -> ErgImage | None:
        """The picture that stands for the group."""
        return self.pictures[0] if self.pictures else None
