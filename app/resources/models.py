"""Resources of groups, their words, tags, and versions by language."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.database import Base, Identified
from app.core.files import StoredFile
from app.resources.rules import Access, ResourceKind


class ResourceText(Base):
    """The words about a resource in one language."""

    __tablename__ = "resource_text"

    resource_id: Mapped[UUID] = mapped_column(ForeignKey("resource.id"), primary_key=True)
    locale: Mapped[str] = mapped_column(String(20), primary_key=True)
    title: Mapped[str] = mapped_column(String(160))
    description: Mapped[str] = mapped_column(Text, default="")


class ResourceTag(Base):
    """A word under which a resource is kept."""

    __tablename__ = "resource_tag"
    __table_args__ = (Index(None, "tag"),)

    resource_id: Mapped[UUID] = mapped_column(ForeignKey("resource.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(40), primary_key=True)


class ResourceVersion(Identified, Base):
    """One state of a resource in one language; `number` counts within the language."""

    __tablename__ = "resource_version"
    __table_args__ = (
        UniqueConstraint("resource_id", "locale", "number"),
        Index(None, "file_id"),
        Index(None, "added_by"),
    )

    resource_id: Mapped[UUID] = mapped_column(ForeignKey("resource.id"))
    locale: Mapped[str] = mapped_column(String(20))
    number: Mapped[int]
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    url: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str] = mapped_column(String(300), default="")
    restored_from: Mapped[int | None]
    added_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    added_at: Mapped[datetime] = mapped_column(default=clock.now)
    withdrawn_at: Mapped[datetime | None]

    file: Mapped[StoredFile | None] = relationship(StoredFile)

    @property
    def is_ready(self) -> bool:
        """Whether it can be opened: a link always, a file once it is clean."""
        return self.withdrawn_at is None and (self.file is None or self.file.is_clean)


class Resource(Identified, Base):
    """Something a group keeps for its members: a file or a link."""

    __tablename__ = "resource"
    __table_args__ = (
        Index(None, "erg_id", "changed_at", "id"),
        Index(None, "owner_id"),
        Index(None, "review_on"),
    )

    erg_id: Mapped[UUID] = mapped_column(ForeignKey("erg.id"))
    kind: Mapped[ResourceKind]
    access: Mapped[Access] = mapped_column(default=Access.GROUP)
    source: Mapped[str] = mapped_column(String(20), default="en")
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    review_on: Mapped[date | None]
    retired_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)

    texts: Mapped[list[ResourceText]] = relationship(ResourceText, order_by=ResourceText.locale)
    tags: Mapped[list[ResourceTag]] = relationship(ResourceTag, order_by=ResourceTag.tag)
    versions: Mapped[list[ResourceVersion]] = relationship(
        ResourceVersion, order_by=(ResourceVersion.locale, ResourceVersion.number.desc())
    )

    def current(self, locale: str) -> ResourceVersion | None:
        """The newest version in a language that can be opened."""
        return next((v for v in self.versions if v.locale == locale and v.is_ready), None)

    @property
    def locales(self) -> list[str]:
        """The languages in which it can be opened."""
        return sorted({v.locale for v in self.versions if v.is_ready})
