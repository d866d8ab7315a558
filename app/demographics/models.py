"""Encrypted self-identification, what is kept of it for matching, consents, and wrapped keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.database import Base, Identified
from app.demographics.rules import Attribute, Purpose, Source


class SelfIdentification(Identified, Base):
    """One attribute of one person from one source; the value is readable only with its key."""

    __tablename__ = "self_identification"
    __table_args__ = (UniqueConstraint("person_id", "attribute", "source"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    attribute: Mapped[Attribute]
    source: Mapped[Source]
    value: Mapped[bytes] = mapped_column(LargeBinary)
    purposes: Mapped[list[Any]] = mapped_column(default=list)
    notice_version: Mapped[str] = mapped_column(String(40))
    locale: Mapped[str] = mapped_column(String(20))
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)


class PersonKey(Base):
    """A person's data key, wrapped by a root key of KEY_FILE; without the row nothing opens."""

    __tablename__ = "person_key"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    root_id: Mapped[str] = mapped_column(String(40), index=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


class MatchWish(Identified, Base):
    """Whom somebody would like to be matched with, as to one attribute; for the matcher alone."""

    __tablename__ = "match_wish"
    __table_args__ = (UniqueConstraint("person_id", "attribute"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    attribute: Mapped[Attribute]
    value: Mapped[bytes] = mapped_column(LargeBinary)
    notice_version: Mapped[str] = mapped_column(String(40))
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)


class MatchDraw(Identified, Base):
    """The one draw of a deniable answer: by how much the matcher sees it shifted."""

    __tablename__ = "match_draw"
    __table_args__ = (UniqueConstraint("person_id", "attribute"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    attribute: Mapped[Attribute]
    value: Mapped[bytes] = mapped_column(LargeBinary)


class ConsentEntry(Identified, Base):
    """A consent given or taken back, without the value; append-only, and it outlives the person."""

    __tablename__ = "identity_consent"
    __table_args__ = (Index(None, "person_id", "at"),)

    person_id: Mapped[UUID]
    attribute: Mapped[Attribute]
    purpose: Mapped[Purpose]
    is_given: Mapped[bool]
    notice_version: Mapped[str] = mapped_column(String(40))
    locale: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(default=clock.now)


@event.listens_for(ConsentEntry, "before_update")
@event.listens_for(ConsentEntry, "before_delete")
def _is_appended_only(*_args: Any) -> None:
    raise TypeError("Consents are appended, never changed.")
