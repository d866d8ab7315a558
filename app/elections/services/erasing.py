"""Erasure: a candidate's words and name go; ballots name nobody, and what was counted stays."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.elections.models import Candidate


def erase(db: Session, person_id: UUID) -> None:
    """Somebody stood, and how many votes they had, is the group's; who it was is not shown."""
    theirs = update(Candidate).where(Candidate.person_id == person_id)
    nameless = theirs.values(shown_as="", statement="")
    db.execute(nameless.execution_options(synchronize_session="fetch"))
    db.flush()
