"""A cohort from a sign-up sheet: upload, mapping with preview, import."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.core.database import writing
from app.core.errors import Refused
from app.core.pages import done, go, invalid, page
from app.core.policies import current_actor, guarded_by
from app.matching.sheets import SheetError, parse_sheet
from app.matching.text import describe
from app.programs import queries
from app.programs.forms import SheetForm
from app.programs.mapping import MappingForm, mapping_form, problem_text
from app.programs.models import Cohort, SignUpSheet
from app.programs.policies import may_manage
from app.programs.rules import Role, SheetState
from app.programs.services import sheets as services
from app.programs.sheets import usable_rows
from app.programs.views.base import bp

PREVIEW = 5


@bp.route("/cohorts/<uuid:cohort_id>/sheet", methods=["GET", "POST"])
@guarded_by(may_manage, find=queries.cohort_for)
def sheet(cohort: Cohort) -> Response:
    """Upload a sign-up sheet."""
    form = SheetForm()
    if not form.is_submitted():
        return page("programs/sheet.html", cohort=cohort, form=form)
    if not form.validate():
        return invalid("programs/sheet.html", cohort=cohort, form=form)
    name, cohort_id = form.file.data.filename or "", cohort.id
    try:
        parsed = parse_sheet(form.file.data.read(), name)
    except SheetError as error:
        form.file.errors = [describe(error.message, _)]
        return invalid("programs/sheet.html", cohort=cohort, form=form)
    with writing() as db:
        kept = services.upload(
            db, current_actor().person_id, cohort_id=cohort_id, sheet=parsed, file_name=name
        )
    return go(url_for(".map_sheet", sheet_id=kept.id))


@bp.route("/sheets/<uuid:sheet_id>/", methods=["GET", "POST"])
@guarded_by(may_manage, find=queries.sheet_for)
def map_sheet(sheet: SignUpSheet) -> Response:
    """What the columns mean, and what would come of it."""
    form = mapping_form(sheet.headers, sheet.mapping, sheet.cohort.program.format)
    if not form.is_submitted():
        return page("programs/map.html", **_context(sheet, form))
    if not form.validate():
        return invalid("programs/map.html", **_context(sheet, form))
    sheet_id, mapping = sheet.id, form.mapping
    with writing() as db:
        services.map_columns(db, current_actor().person_id, sheet_id=sheet_id, mapping=mapping)
    return go(url_for(".map_sheet", sheet_id=sheet_id) + "#preview")


def _context(sheet: SignUpSheet, form: MappingForm) -> dict[str, Any]:
    is_mapped = sheet.state is SheetState.MAPPED
    rows, problems = usable_rows(sheet.rows, sheet.mapping) if is_mapped else ([], [])
    samples = [
        ", ".join(dict.fromkeys(row[at].strip()[:40] for row in sheet.rows if row[at].strip()))[:90]
        for at in range(len(sheet.headers))
    ]
    return {
        "sheet": sheet,
        "cohort": sheet.cohort,
        "form": form,
        "is_mapped": is_mapped,
        "samples": samples,
        "rows": rows[:PREVIEW],
        "people": {role: sum(row.role is role for row in rows) for role in Role},
        "seats": sum(row.capacity for row in rows if row.role is Role.MENTOR),
        "problems": [(p.line, problem_text(p)) for p in problems[:50]],
        "problem_count": len(problems),
    }


@bp.post("/sheets/<uuid:sheet_id>/import")
@guarded_by(may_manage, find=queries.sheet_for)
def import_sheet(sheet: SignUpSheet) -> Response:
    """Enroll the people of a mapped sheet."""
    sheet_id, cohort_id = sheet.id, sheet.cohort_id
    with writing() as db:
        count = services.import_sheet(db, current_actor().person_id, sheet_id=sheet_id)
    message = ngettext("%(num)s person is enrolled.", "%(num)s people are enrolled.", count)
    return done(message, to=url_for(".people", cohort_id=cohort_id))


@bp.post("/sheets/<uuid:sheet_id>/discarding")
@guarded_by(may_manage, find=queries.sheet_for)
def discard_sheet(sheet: SignUpSheet) -> Response:
    """Throw the sheet away."""
    sheet_id, cohort_id = sheet.id, sheet.cohort_id
    if sheet.state is SheetState.DONE:
        raise Refused(_("This sheet was imported already; remove people one by one instead."))
    with writing() as db:
        services.discard_sheet(db, current_actor().person_id, sheet_id=sheet_id)
    return done(_("The sheet is thrown away."), to=url_for(".sheet", cohort_id=cohort_id))
