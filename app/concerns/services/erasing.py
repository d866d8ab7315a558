"""Erasure of somebody who raised concerns: what is settled is destroyed, the rest is finished."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from app.accounts.models import Erasure
from app.concerns.models import Concern, ConcernEntry, ConcernHandler
from app.concerns.rules import FOR_RAISER, ConcernState


def erase(db: Session, person_id: UUID) -> None:
    """Words of concerns that are closed go with their key. Open ones stay sealed until handled."""
    _destroy(db, Concern.raised_by == person_id)
    theirs = update(ConcernHandler).where(ConcernHandler.person_id == person_id)
    db.execute(theirs.values(role_id=None).execution_options(synchronize_session="fetch"))
    db.flush()


def destroy_orphaned(db: Session) -> int:
    """The same for those of erased people that were closed since; returns how many."""
    erased = select(Erasure.person_id).where(Erasure.done_at.is_not(None))
    return _destroy(db, Concern.raised_by.in_(erased))


def _destroy(db: Session, whose: ColumnElement[bool]) -> int:
    closed = select(Concern.id).where(
        whose, Concern.state == ConcernState.CLOSED, Concern.wrapped.is_not(None)
    )
    found = db.scalars(closed).all()
    of_raiser = ConcernEntry.concern_id.in_(found) & ConcernEntry.kind.in_(FOR_RAISER)
    for statement in (
        delete(ConcernEntry).where(of_raiser),
        update(Concern).where(Concern.id.in_(found)).values(wrapped=None),
    ):
        db.execute(statement.execution_options(synchronize_session="fetch"))
    return len(found)
