"""What the database knows of a file; the content lies under DATA_DIR/files."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.database import Base, Identified


class FileState(StrEnum):
    """The life of a file; only what is clean is ever served."""

    RAW = "raw"
    CLEAN = "clean"
    REFUSED = "refused"


class StoredFile(Identified, Base):
    """One uploaded file; people and groups are named by id, core does not know them."""

    __tablename__ = "stored_file"
    __table_args__ = (
        Index(None, "state", "received_at"),
        Index(None, "group_id"),
        Index(None, "owner_id"),
    )

    owner_id: Mapped[UUID | None]
    group_id: Mapped[UUID | None]
    name: Mapped[str] = mapped_column(String(160))
    media_type: Mapped[str] = mapped_column(String(120))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[FileState] = mapped_column(default=FileState.RAW)
    problem: Mapped[str | None] = mapped_column(String(40))
    received_at: Mapped[datetime] = mapped_column(default=clock.now)

    @property
    def is_clean(self) -> bool:
        """Whether it may be served."""
        return self.state is FileState.CLEAN

    @property
    def is_image(self) -> bool:
        """Whether it is a picture, which we have drawn anew."""
        return self.media_type.startswith("image/")
