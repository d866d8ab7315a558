"""Writing down, once a month, how large each group roughly is."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core import clock, ids
from app.ergs.models import ErgSnapshot, Membership
from app.ergs.queries import snapshots
from app.ergs.rules import MembershipState
from app.ergs.rules.snapshots import band_of
from app.ergs.services.holding import hold_erg


def take_snapshot(db: Session, erg_id: UUID) -> ErgSnapshot:
    """Count everybody who belongs, keep the band alone; once a month, the next time is harmless."""
    hold_erg(db, erg_id)
    today = clock.now().date()
    found = db.scalar(
        select(ErgSnapshot).where(
            ErgSnapshot.erg_id == erg_id, ErgSnapshot.taken_on >= today.replace(day=1)
        )
    )
    if found is not None:
        return found
    number = db.scalar(
        select(func.count())
        .select_from(Membership)
        .where(Membership.erg_id == erg_id, Membership.state == MembershipState.ACTIVE)
    )
    band = band_of(number or 0, snapshots.bands(db, [erg_id]).get(erg_id))
    row = ErgSnapshot(
        id=ids.new_id("snapshot", f"{erg_id}|{today}"),
        erg_id=erg_id,
        taken_on=today,
        low=band.low,
        high=band.high,
    )
    db.add(row)
    db.flush()
    return row
