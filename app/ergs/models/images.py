"""The picture of a group."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.database import Base, Identified
from app.ergs.rules import ImageState


class ErgImage(Identified, Base):
    """A picture that a lead gave; the newest that is ready and not removed is shown.

    What was uploaded is kept until a worker has drawn it anew; `digest` names the result, `sizes`
    holds its (width, height), the smallest first.
    """

    __tablename__ = "erg_image"
    __table_args__ = (
        Index(None, "erg_id", "removed_at"),
        Index(None, "state", "created_at"),
        Index(None, "uploaded_by"),
        Index(None, "file_id"),
        Index(None, "digest"),
    )

    erg_id: Mapped[UUID] = mapped_column(ForeignKey("erg.id"))
    state: Mapped[ImageState] = mapped_column(default=ImageState.WAITING)
    alt: Mapped[str] = mapped_column(String(300))
    alt_locale: Mapped[str] = mapped_column(String(20))
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    problem: Mapped[str | None] = mapped_column(String(40))
    digest: Mapped[str | None] = mapped_column(String(64))
    sizes: Mapped[list[Any]] = mapped_column(default=list)
    uploaded_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    removed_at: Mapped[datetime | None]
