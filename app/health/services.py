"""Freezing what is published about groups, once a month."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import ids
from app.ergs.models import Erg
from app.health import queries
from app.health.models import HealthSnapshot
from app.health.registry import figures
from app.health.rules import (
    MONTHS,
    Cell,
    Kind,
    Measure,
    Unit,
    balanced,
    banded,
    beside,
    may_close,
    month_after,
    months_between,
    moved_cells,
    share_cell,
    shielded,
)

Measures = Mapping[str, Mapping[UUID, Measure]]


def freeze(db: Session, *, month: date, measures: Measures) -> int:
    """Write down a complete month of every group; a second time changes nothing."""
    past = queries.history(db, month_after(month))
    made = 0
    by_start: dict[date, dict[UUID, int]] = {}
    members = queries.members_at(db, queries.end_of(month))
    bands = queries.member_bands(db, queries.end_of(month))
    for erg in queries.measured_groups(db):
        rows = past.get(erg.id, [])
        if any(row.month == month for row in rows):
            continue
        same = [row for row in rows if row.is_sensitive == erg.is_discreet]
        of_group = {name: found[erg.id] for name, found in measures.items() if erg.id in found}
        if erg.is_discreet:
            band = bands.get(erg.id)
            row = _sensitive(erg, month, same, members.get(erg.id, 0), of_group, band)
        else:
            row = _open(db, erg, month, same, members.get(erg.id, 0), of_group, by_start)
        db.add(row)
        made += 1
    db.flush()
    if made:
        audit.record(db, None, "freeze_health", ("health_snapshot", None), after=month.isoformat())
    return made


def _row(erg: Erg, month: date, since: date, *, is_closed: bool) -> HealthSnapshot:
    return HealthSnapshot(
        id=ids.new_id("health", f"{erg.id}|{month}"),
        erg_id=erg.id,
        month=month,
        since=since,
        is_closed=is_closed,
        is_sensitive=erg.is_discreet,
        members=0,
        figures={},
    )


def _sensitive(
    erg: Erg,
    month: date,
    past: list[HealthSnapshot],
    members: int,
    found: Mapping[str, Measure],
    band: tuple[int, int | None] | None,
) -> HealthSnapshot:
    """Bands alone; how many belong is said in one place (`erg_snapshot`) and repeated here."""
    row = _row(erg, month, month, is_closed=True)
    before = past[-1].figures if past else {}
    old = {name: Cell.of_kept(kept) for name, kept in before.items()}
    cells = {
        name: banded(figures[name].unit, measure, members, old.get(name))
        for name, measure in found.items()
    }
    if band:
        cells["members"] = Cell(Kind.BAND, low=band[0], high=band[1])
    elif not erg.is_sensitive:
        cells["members"] = banded(Unit.MEMBERS, Measure(members), members, old.get("members"))
    row.figures = {name: cell.kept() for name, cell in cells.items()}
    return row


def _open(
    db: Session,
    erg: Erg,
    month: date,
    past: list[HealthSnapshot],
    members: int,
    found: Mapping[str, Measure],
    by_start: dict[date, dict[UUID, int]],
) -> HealthSnapshot:
    """The period ends here, or goes on until more have moved."""
    closed = [row for row in past if row.is_closed]
    last = closed[-1] if closed else None
    since = month_after(last.month) if last else month
    came = _came(db, month, since, by_start).get(erg.id, 0)
    joined, left = balanced(last.members, came, members) if last else (0, 0)
    is_closed = may_close(joined, left, members, months_between(since, month))
    row = _row(erg, month, since, is_closed=is_closed)
    if row.is_closed:
        row.members = members
        row.figures = _cells(found, members)
        row.figures |= _flows(joined, left) if last else {}
        row.figures |= _retention(db, erg, month, closed)
    return row


def _came(
    db: Session, month: date, since: date, by_start: dict[date, dict[UUID, int]]
) -> dict[UUID, int]:
    """Who came since the first day of a period; many groups share one."""
    if since not in by_start:
        begin, until = queries.end_of(month_after(since, -1)), queries.end_of(month)
        by_start[since] = queries.members_at(db, until, begin)
    return by_start[since]


def _cells(found: Mapping[str, Measure], members: int) -> dict[str, Any]:
    cells: dict[str, Any] = {"members": Cell(Kind.EXACT, members).kept()}
    for name, measure in found.items():
        unit: Unit = figures[name].unit
        cells[name] = shielded(unit, measure, members).kept()
    return cells | _beside(cells)


def _beside(cells: Mapping[str, Any]) -> dict[str, Any]:
    """Shares that would give each other away are hidden."""
    found = {}
    for name, kept in cells.items():
        other = figures[name].beside
        if other is not None and other in cells:
            found[name] = beside(Cell.of_kept(kept), Cell.of_kept(cells[other])).kept()
    return found


def _flows(joined: int, left: int) -> dict[str, object]:
    came, went = moved_cells(joined, left)
    return {"joined": came.kept(), "left": went.kept()}


def _retention(
    db: Session, erg: Erg, month: date, closed: list[HealthSnapshot]
) -> dict[str, object]:
    """Of the members published a year ago or just before, how many still belong."""
    year_ago = month_after(month, -MONTHS)
    old = next((row for row in reversed(closed) if row.month <= year_ago), None)
    if old is None:
        return {}
    key = f"stayed|{old.month}|{month}"
    if key not in db.info:
        db.info[key] = queries.stayed(db, queries.end_of(month), queries.end_of(old.month))
    still = min(db.info[key].get(erg.id, 0), old.members)
    return {"retention": share_cell(still, old.members).kept()}


def note_export(db: Session, actor_id: UUID, *, erg_id: UUID | None) -> None:
    """That somebody took health figures away as a file."""
    audit.record(db, actor_id, "export_health", ("health_snapshot", erg_id))
