"""Frozen months for tests."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock, ids
from app.ergs.models import Erg
from app.health import queries, services
from app.health.models import HealthSnapshot
from app.health.rules import Cell, Kind, month_after, month_of


def make_snapshot(
    db: Session, erg: Erg, month: date | None = None, members: int = 40, **cells: Cell
) -> HealthSnapshot:
    """A closed month with a number of members and a share, as the group is discreet or not."""
    month = month or month_after(month_of(clock.now().date()), -1)
    usual = {
        "members": Cell(Kind.BAND, low=25, high=49)
        if erg.is_discreet
        else Cell(Kind.EXACT, members),
        "active_share": Cell(Kind.HIDDEN) if erg.is_discreet else Cell(Kind.EXACT, 10, members),
    }
    row = HealthSnapshot(
        id=ids.new_id("health", f"{erg.id}|{month}"),
        erg_id=erg.id,
        month=month,
        since=month,
        is_closed=True,
        is_sensitive=erg.is_discreet,
        members=0 if erg.is_discreet else members,
        figures={key: cell.kept() for key, cell in {**usual, **cells}.items()},
    )
    db.add(row)
    db.flush()
    return row


def freeze_past(db: Session, months: int = 3) -> None:
    """Freeze the last months from what is in the database."""
    groups = [erg.id for erg in queries.measured_groups(db)]
    current = month_of(clock.now().date())
    for steps in range(-months, 0):
        month = month_after(current, steps)
        measures = queries.measure_all(db, queries.window_of(groups, month))
        services.freeze(db, month=month, measures=measures)


def scenes(db: Session, star: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """URL arguments by scene name, for the access matrix."""
    found = {}
    for name, slug in (("open", "women"), ("hidden", "quiet-circle")):
        erg = db.scalars(select(Erg).where(Erg.slug == slug)).one()
        if not db.scalar(select(HealthSnapshot.id).where(HealthSnapshot.erg_id == erg.id).limit(1)):
            make_snapshot(db, erg)
        found[name] = {"slug": slug}
    return {**found, "absent": {"slug": "no-such-thing"}}


def outing_paths(db: Session, erg: Erg, lead_id: UUID, member_id: UUID) -> list[str]:
    """Freezes the past months; every address of this domain."""
    freeze_past(db)
    own = [f"/ergs/{erg.slug}/health{end}" for end in ("/", ".csv", ".xlsx")]
    figures = [f"/ergs/{erg.slug}/health/?figure={key}" for key in ("members", "active_share")]
    return [*own, *figures, *(f"/manage/health{end}" for end in ("/", ".csv", ".xlsx"))]
