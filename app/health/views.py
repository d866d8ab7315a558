"""Pages of health: one group over time, and all groups beside each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import flask
from flask_babel import gettext as _

from app.core.database import reading, writing
from app.core.exports import Cell as FileCell
from app.core.exports import csv_file, xlsx_file
from app.core.locale import current_language
from app.core.pages import page
from app.core.policies import current_actor, guarded_by
from app.ergs.models import Erg
from app.ergs.rules import pick_text
from app.health import forms, policies, queries, services
from app.health.models import HealthSnapshot
from app.health.registry import Figure, figures
from app.health.rules import HIDDEN, Cell, Unit, together

bp = flask.Blueprint("health", __name__)


@dataclass(frozen=True, slots=True)
class Line:
    """A figure as a page shows it: in words, with what was counted and when."""

    key: str
    figure: Figure
    cell: Cell
    period: str

    @property
    def shown(self) -> str:
        """The number in words."""
        return forms.cell_text(self.cell, self.figure.unit)

    @property
    def counted(self) -> str:
        """Numerator and denominator."""
        return forms.counted_text(self.cell)

    @property
    def height(self) -> float | None:
        """Where it stands in a chart."""
        return forms.height(self.cell, self.figure.unit)


def _ordered() -> list[tuple[str, Figure]]:
    return sorted(figures, key=lambda pair: pair[1].order)


def _chosen(keys: list[str]) -> str:
    asked = flask.request.args.get("figure", "")
    return asked if asked in keys else (keys[0] if keys else "")


def _line(key: str, row: HealthSnapshot | None) -> Line:
    kept = row.figures.get(key) if row else None
    period = forms.period_text(row.since, row.month) if row else ""
    return Line(key, figures[key], Cell.of_kept(kept) if kept else HIDDEN, period)


@bp.get("/ergs/<slug>/health/")
@guarded_by(policies.may_look, find=queries.erg_for)
def show(erg: Erg) -> flask.Response:
    """One group: each figure with its formula, and the chosen one over time."""
    rows = queries.published(reading(), erg)
    newest = rows[-1] if rows else None
    keys = [key for key, _figure in _ordered() if newest and key in newest.figures]
    chosen = _chosen(keys)
    return page(
        "health/show.html",
        erg=erg,
        text=pick_text(erg.texts, current_language().tag),
        newest=newest,
        lines=[_line(key, newest) for key in keys],
        chosen=_line(chosen, newest) if chosen else None,
        trend=[_line(chosen, row) for row in rows if chosen in row.figures],
    )


def _columns() -> list[str]:
    return [
        _("Figure"),
        _("Formula"),
        _("From month"),
        _("To month"),
        _("Shown as"),
        _("Number"),
        _("Of"),
        _("At least"),
        _("At most"),
    ]


def _cells(row: HealthSnapshot) -> Iterator[list[FileCell]]:
    for key, figure in _ordered():
        if key in row.figures:
            cell = Cell.of_kept(row.figures[key])
            yield [
                str(figure.title),
                str(figure.formula),
                row.since,
                row.month,
                forms.cell_text(cell, figure.unit),
                cell.value,
                cell.of,
                cell.low,
                cell.high,
            ]


def _table_of(erg: Erg) -> list[list[FileCell]]:
    """The rows of a group's file; that it was taken is noted."""
    table = [cells for row in queries.published(reading(), erg) for cells in _cells(row)]
    _note(erg.id)
    return table


def _note(erg_id: UUID | None) -> None:
    actor_id = current_actor().person_id
    with writing() as db:
        services.note_export(db, actor_id, erg_id=erg_id)


@bp.get("/ergs/<slug>/health.csv")
@guarded_by(policies.may_look, find=queries.erg_for)
def show_csv(erg: Erg) -> flask.Response:
    """What the page publishes, as CSV."""
    return csv_file("health", _columns(), _table_of(erg))


@bp.get("/ergs/<slug>/health.xlsx")
@guarded_by(policies.may_look, find=queries.erg_for)
def show_xlsx(erg: Erg) -> flask.Response:
    """What the page publishes, as XLSX."""
    return xlsx_file("health", _columns(), _table_of(erg))


@bp.get("/manage/health/")
@guarded_by(policies.may_compare)
def compare() -> flask.Response:
    """All groups beside each other, one figure at a time."""
    args = flask.request.args
    q = args.get("q", "").strip()
    number = max(1, args.get("page", 1, type=int))
    found = queries.comparison(reading(), current_actor(), q=q, number=number)
    keys = [key for key, _figure in _ordered() if key in found.cells]
    chosen = _chosen(keys)
    return page(
        "health/compare.html",
        fragment="health/_groups.html",
        found=found,
        q=q,
        choices=[(key, figures[key].title) for key in keys],
        chosen=chosen,
        lines=[(erg, _name(erg), _line(chosen, row)) for erg, row in found.rows] if chosen else [],
        total=_total(chosen, found),
    )


def _total(key: str, found: queries.Comparison) -> Line | None:
    """What is shown of all groups, added up; bands and single numbers of leads do not add."""
    if not key or figures[key].unit in (Unit.LOAD, Unit.HOURS, Unit.OPEN):
        return None
    return Line(key, figures[key], together(found.cells[key]), "")


def _name(erg: Erg) -> Any:
    return pick_text(erg.texts, current_language().tag)


def _table_of_all() -> list[list[FileCell]]:
    found = queries.comparison(reading(), current_actor(), size=None)
    table = [[_name(erg).name, *cells] for erg, row in found.rows if row for cells in _cells(row)]
    _note(None)
    return table


@bp.get("/manage/health.csv")
@guarded_by(policies.may_compare)
def compare_csv() -> flask.Response:
    """All groups as CSV."""
    return csv_file("health-of-groups", [_("Group"), *_columns()], _table_of_all())


@bp.get("/manage/health.xlsx")
@guarded_by(policies.may_compare)
def compare_xlsx() -> flask.Response:
    """All groups as XLSX."""
    return xlsx_file("health-of-groups", [_("Group"), *_columns()], _table_of_all())
