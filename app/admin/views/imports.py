"""The people import in the browser: upload, map, look, run, watch."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts import queries
from app.accounts.messages import (
    change_labels,
    field_labels,
    identity_labels,
    import_state_labels,
    problem_text,
    status_labels,
)
from app.accounts.models import PeopleImport
from app.accounts.policies import may_manage_people
from app.accounts.rules import ImportState, RowChange
from app.accounts.rules.mapping import Mapping
from app.accounts.rules.tables import BadFile
from app.accounts.services import imports
from app.admin.forms import MappingInput, UploadForm, read_mapping
from app.admin.views.base import bp
from app.core import clock
from app.core.database import reading, writing
from app.core.pages import done, go, invalid, page
from app.core.policies import current_actor, guarded_by

BUSY = (ImportState.MAPPED, ImportState.QUEUED, ImportState.RUNNING)
MAPPABLE = (ImportState.UPLOADED, ImportState.CHECKED, ImportState.FAILED)
bp.add_app_template_global(problem_text)


def _list(form: UploadForm) -> dict[str, Any]:
    number = flask.request.args.get("page", 1, type=int)
    return {
        "form": form,
        "found": queries.latest_imports(reading(), number=number),
        "states": import_state_labels(),
    }


def _url(import_id: object) -> str:
    return flask.url_for("admin.people_import", import_id=import_id)


@bp.get("/people/imports/")
@guarded_by(may_manage_people)
def people_imports() -> Response:
    """Where a people file is uploaded, and what became of earlier ones."""
    return page("admin/imports.html", **_list(UploadForm()))


@bp.post("/people/imports/")
@guarded_by(may_manage_people)
def upload_people() -> Response:
    """Take a file in, if it is a table at all."""
    form = UploadForm()
    if not form.validate_on_submit():
        return invalid("admin/imports.html", **_list(form))
    stored = imports.keep_file(form.file.data.stream)
    path = imports.path_of(PeopleImport(stored_as=stored))
    try:
        imports.propose(path, clock.now().date())
    except BadFile as bad:
        path.unlink()
        form.file.errors = [problem_text(bad.code, bad.values)]
        return invalid("admin/imports.html", **_list(form))
    name = form.file.data.filename or ""
    with writing() as db:
        import_id = imports.upload(db, current_actor().person_id, file_name=name, stored_as=stored)
    return go(flask.url_for(".map_people", import_id=import_id))


@bp.get("/people/imports/<uuid:import_id>/")
@guarded_by(may_manage_people, find=queries.import_for)
def people_import(row: PeopleImport) -> Response:
    """Where an import stands: progress, diff or result."""
    if row.state is ImportState.UPLOADED:
        return go(flask.url_for(".map_people", import_id=row.id))
    if row.state not in BUSY and flask.request.headers.get("HX-Source", "").endswith("#progress"):
        return go(_url(row.id))
    return page("admin/import.html", fragment=_fragment(row), **_shown(row))


def _fragment(row: PeopleImport) -> str:
    return "admin/_progress.html" if row.state in BUSY else "admin/_diff.html"


def _shown(row: PeopleImport) -> dict[str, Any]:
    """What the page of an import shows."""
    counts = row.report.get("counts", {})
    changes = {name: text for name, text in change_labels().items() if counts.get(name)}
    wanted = flask.request.args.get("change", "")
    change = wanted if wanted in changes else next(iter(changes), "added")
    number = flask.request.args.get("page", 1, type=int)
    columns = Mapping.from_json(row.mapping).columns if row.mapping else ()
    identity = identity_labels()
    return {
        "row": row,
        "counts": counts,
        "changes": changes,
        "change": change,
        "busy": BUSY,
        "found": queries.diff_rows(reading(), row.id, RowChange(change), number=number),
        "state": import_state_labels()[row.state.value],
        "mappable": MAPPABLE,
        "fields": field_labels(),
        "identity": [identity[c] for c in columns if c in identity],
        "has_sink": len(imports.identity_sinks) > 0,
        "has_refused": imports.faulty_path(row).exists(),
    }


def _proposal(row: PeopleImport) -> imports.Proposal:
    """The guesses, or what was chosen before."""
    path = imports.path_of(row)
    if row.state not in MAPPABLE or not path.exists():
        flask.abort(409)
    proposal = imports.propose(path, clock.now().date())
    if row.mapping:
        chosen = replace(proposal, mapping=Mapping.from_json(row.mapping))
        proposal = imports.explained(path, chosen)
    return proposal


def _mapping_page(row: PeopleImport, form: MappingInput) -> dict[str, Any]:
    return {
        "row": row,
        "form": form,
        "proposal": form.proposal,
        "fields": field_labels(),
        "identity": identity_labels(),
        "statuses": status_labels(),
    }


@bp.get("/people/imports/<uuid:import_id>/mapping")
@guarded_by(may_manage_people, find=queries.import_for)
def map_people(row: PeopleImport) -> Response:
    """What each column holds, as far as it can be guessed, with the first rows."""
    return page("admin/mapping.html", **_mapping_page(row, MappingInput(_proposal(row))))


@bp.post("/people/imports/<uuid:import_id>/mapping")
@guarded_by(may_manage_people, find=queries.import_for)
def choose_mapping(row: PeopleImport) -> Response:
    """Keep the mapping and have the file checked."""
    form = read_mapping(imports.path_of(row), _proposal(row), flask.request.form)
    if form.problems:
        return invalid("admin/mapping.html", **_mapping_page(row, form))
    import_id, actor_id = row.id, current_actor().person_id
    with writing() as db:
        imports.choose_mapping(db, actor_id, import_id=import_id, mapping=form.mapping)
    return go(_url(import_id))


@bp.post("/people/imports/<uuid:import_id>/run")
@guarded_by(may_manage_people, find=queries.import_for)
def run_import(row: PeopleImport) -> Response:
    """Let a checked import run."""
    import_id, actor_id = row.id, current_actor().person_id
    with writing() as db:
        imports.start(
            db, actor_id, import_id=import_id, is_confirmed="is_confirmed" in flask.request.form
        )
    return go(_url(import_id))


@bp.post("/people/imports/<uuid:import_id>/discarding")
@guarded_by(may_manage_people, find=queries.import_for)
def discard_import(row: PeopleImport) -> Response:
    """Give an import up before it runs."""
    import_id, actor_id = row.id, current_actor().person_id
    with writing() as db:
        imports.discard(db, actor_id, import_id=import_id)
    return done(
        _("The import is discarded and its file deleted."), to=flask.url_for(".people_imports")
    )


@bp.get("/people/imports/<uuid:import_id>/refused.csv")
@guarded_by(may_manage_people, find=queries.import_for)
def refused_rows(row: PeopleImport) -> Response:
    """The refused rows with their reasons, to be mended and uploaded again."""
    path = imports.faulty_path(row)
    if not path.exists():
        flask.abort(404)
    answer = flask.send_file(
        path, mimetype="text/csv", as_attachment=True, download_name="refused.csv"
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
