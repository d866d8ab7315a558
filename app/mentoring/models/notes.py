"""Notes, and every text that was ever saved in them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.database import Base, Identified
from app.mentoring.rules import NoteScope


class Note(Identified, Base):
    """A note of one member, for themselves or for all members; organizers have no way to it."""

    __tablename__ = "note"
    __table_args__ = (
        Index(None, "relationship_id", "changed_at"),
        Index(None, "author_id"),
        Index(None, "changed_by"),
        Index(None, "deleted_at"),
    )

    relationship_id: Mapped[UUID] = mapped_column(ForeignKey("relationship.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    scope: Mapped[NoteScope] = mapped_column(default=NoteScope.OWN)
    text: Mapped[str] = mapped_column(Text)
    # Rises with every save; a save says from which one it started.
    revision: Mapped[int] = mapped_column(default=1)
    changed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)
    deleted_at: Mapped[datetime | None]

    def is_read_by(self, person_id: UUID | None) -> bool:
        """Whether a member of its relationship may read it."""
        return self.scope is NoteScope.SHARED or self.author_id == person_id


class NoteVersion(Identified, Base):
    """A text as somebody saved it; without a number it waits beside the note for its writer.

    It stands aside when somebody else had saved first, until the writer has decided.
    """

    __tablename__ = "note_version"
    __table_args__ = (
        UniqueConstraint("note_id", "number"),
        UniqueConstraint("author_id", "key", "turn"),
    )

    note_id: Mapped[UUID] = mapped_column(ForeignKey("note.id"))
    number: Mapped[int | None]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    # Who could read the note when this was written; sharing a note later shares no earlier text.
    scope: Mapped[NoteScope]
    text: Mapped[str] = mapped_column(Text)
    # One opening of the page draws a key, and each change on it the next turn: sent twice is once.
    key: Mapped[str] = mapped_column(String(64))
    turn: Mapped[int]
    # Characters of this version that were typed away while it grew.
    lost: Mapped[int] = mapped_column(default=0)
    began_at: Mapped[datetime] = mapped_column(default=clock.now)
    written_at: Mapped[datetime] = mapped_column(default=clock.now)
    settled_at: Mapped[datetime | None]

    note: Mapped[Note] = relationship(lazy="joined", innerjoin=True)

    def is_read_by(self, person_id: UUID | None) -> bool:
        """What stands aside and what was written alone is its writer's."""
        is_shared = self.number is not None and self.scope is NoteScope.SHARED
        return self.author_id == person_id or is_shared
