"""That a list was taken away as a file."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from app.audit import services as audit


def note_export(db: Session, actor_id: UUID | None, *, occurrence_id: UUID, ending: str) -> None:
    """One audit row a file."""
    audit.record(db, actor_id, "export", ("occurrence", occurrence_id), after=ending)
