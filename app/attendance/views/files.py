"""The list at the door as a file: exactly what the page shows, with its search and filter."""

from __future__ import annotations

from collections.abc import Iterator

import flask
from flask_babel import gettext as _

from app.attendance import forms, policies, queries, services
from app.attendance.views.base import bp, wanted
from app.core.database import reading, writing
from app.core.exports import Cell, csv_file, xlsx_file
from app.core.policies import current_actor, guarded_by
from app.ergs.queries import standing
from app.events.forms import MODES
from app.events.models import Occurrence


@bp.get("/events/<uuid:occurrence_id>/check-in/attendance.csv")
@guarded_by(policies.may_keep_door, find=queries.door_for)
def attendance_csv(occurrence: Occurrence) -> flask.Response:
    """As CSV."""
    return csv_file("attendance", _columns(), _rows(occurrence, "csv"))


@bp.get("/events/<uuid:occurrence_id>/check-in/attendance.xlsx")
@guarded_by(policies.may_keep_door, find=queries.door_for)
def attendance_xlsx(occurrence: Occurrence) -> flask.Response:
    """As XLSX."""
    return xlsx_file("attendance", _columns(), _rows(occurrence, "xlsx"))


def _columns() -> list[str]:
    return [
        _("Person"),
        _("Status"),
        _("How"),
        _("Guests with a seat"),
        _("Names of guests"),
        _("Guests who came"),
        _("Checked in at"),
        _("Scans"),
    ]


def _rows(occurrence: Occurrence, ending: str) -> list[list[Cell]]:
    db, actor_id, occurrence_id = reading(), current_actor().person_id, occurrence.id
    mine = standing(db, current_actor())
    found = queries.all_arrivals(db, mine, occurrence, wanted())
    rows = list(_cells(found))
    with writing() as writer:
        services.note_export(writer, actor_id, occurrence_id=occurrence_id, ending=ending)
    return rows


def _cells(found: list[queries.Arrival]) -> Iterator[list[Cell]]:
    for line in found:
        yield [
            line.name,
            str(forms.STATES[line.state]),
            str(MODES[line.mode]),
            line.guests,
            ", ".join(line.guest_names),
            line.guests_here,
            line.came_at,
            line.scans,
        ]
