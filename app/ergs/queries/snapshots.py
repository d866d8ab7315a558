"""The newest snapshot of each group's size."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from app.ergs.models import Erg, ErgSnapshot
from app.ergs.rules import ErgState
from app.ergs.rules.snapshots import Band


def bands(db: Session, erg_ids: Iterable[UUID], *, until: date | None = None) -> dict[UUID, Band]:
    """How large groups were at their newest snapshot, one statement for all."""
    wanted = list(erg_ids)
    newest = select(ErgSnapshot.erg_id, func.max(ErgSnapshot.taken_on).label("day")).where(
        ErgSnapshot.erg_id.in_(wanted)
    )
    if until is not None:
        newest = newest.where(ErgSnapshot.taken_on <= until)
    last = newest.group_by(ErgSnapshot.erg_id).subquery()
    rows = db.execute(
        select(ErgSnapshot.erg_id, ErgSnapshot.low, ErgSnapshot.high).join(
            last,
            and_(last.c.erg_id == ErgSnapshot.erg_id, last.c.day == ErgSnapshot.taken_on),
        )
    )
    return {erg_id: Band(low, high) for erg_id, low, high in rows}


def groups_without_snapshot(db: Session, month: date) -> list[UUID]:
    """Living groups of which nothing was written since the first day of a month."""
    taken = select(ErgSnapshot.erg_id).where(ErgSnapshot.taken_on >= month)
    return list(
        db.scalars(
            select(Erg.id)
            .where(Erg.state.in_((ErgState.ACTIVE, ErgState.DORMANT)), Erg.id.not_in(taken))
            .order_by(Erg.id)
        )
    )
