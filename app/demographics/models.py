"""Encrypted self-identification and the wrapped keys that open it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.database import Base, Identified
from app.demographics.rules import Attribute, Source


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
