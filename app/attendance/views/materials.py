"""What you missed."""

from __future__ import annotations

from typing import Any

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.attendance import forms, policies, queries, services
from app.attendance.forms import MaterialForm
from app.attendance.models import EventMaterial
from app.attendance.views.base import bp, head
from app.core.database import reading, writing
from app.core.locale import current_language
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.events.models import Occurrence


@bp.get("/events/<uuid:occurrence_id>/after/")
@guarded_by(policies.may_see_materials, find=queries.over_for)
def materials(occurrence: Occurrence) -> flask.Response:
    """Recording, notes, links; a form for organizers."""
    return page("attendance/after.html", **_left(occurrence))


def _left(occurrence: Occurrence, form: MaterialForm | None = None) -> dict[str, Any]:
    db, actor = reading(), current_actor()
    rows = queries.materials_of(db, occurrence.id)
    wanted = [row.resource_id for row in rows if row.resource_id]
    runs = policies.may_add_material(actor, occurrence)
    return {
        "rows": rows,
        "resources": queries.shown_resources(db, actor, occurrence.event, wanted),
        "kinds": forms.KINDS,
        "runs": runs,
        "is_asked": queries.waits_for(db, occurrence.id, actor.person_id),
        "form": form or (_form(occurrence) if runs else None),
        **head(occurrence),
    }


def _form(occurrence: Occurrence) -> MaterialForm:
    tag = current_language().tag
    offered = []
    for row in queries.pickable_resources(reading(), occurrence.event):
        text = next((t for t in row.texts if t.locale == tag), row.texts[0])
        offered.append((str(row.id), text.title))
    return MaterialForm.of(offered)


@bp.post("/events/<uuid:occurrence_id>/after/")
@guarded_by(policies.may_add_material, find=queries.over_for)
def add_material(occurrence: Occurrence) -> Response:
    """Leave something for those who could not be there."""
    form, occurrence_id = _form(occurrence), occurrence.id
    if not form.validate_on_submit():
        return invalid("attendance/after.html", **_left(occurrence, form))
    actor_id, fields, locale = current_actor().person_id, form.fields(), current_language().tag
    with writing() as db:
        row_id = services.add_material(
            db, actor_id, occurrence_id=occurrence_id, locale=locale, **fields
        ).id
    return done(
        _("Added. Those who could not be there are told once, at the first thing you add."),
        to=flask.url_for(".materials", occurrence_id=occurrence_id),
        undo=flask.url_for(".withdraw_material", occurrence_id=occurrence_id, material_id=row_id),
    )


@bp.post("/events/<uuid:occurrence_id>/after/<uuid:material_id>/removal")
@guarded_by(policies.may_change_material, find=queries.material_for)
def withdraw_material(found: tuple[Occurrence, EventMaterial]) -> Response:
    """Take something back."""
    actor_id, occurrence_id, material_id = current_actor().person_id, found[0].id, found[1].id
    with writing() as db:
        services.withdraw_material(db, actor_id, material_id=material_id)
    return done(
        _("Taken back. Nobody sees it any more."),
        to=flask.url_for(".materials", occurrence_id=occurrence_id),
        undo=flask.url_for(
            ".return_material", occurrence_id=occurrence_id, material_id=material_id
        ),
    )


@bp.post("/events/<uuid:occurrence_id>/after/<uuid:material_id>/return")
@guarded_by(policies.may_change_material, find=queries.material_for)
def return_material(found: tuple[Occurrence, EventMaterial]) -> Response:
    """The undo of taking it back."""
    actor_id, occurrence_id, material_id = current_actor().person_id, found[0].id, found[1].id
    with writing() as db:
        services.return_material(db, actor_id, material_id=material_id)
    return done(_("It is back."), to=flask.url_for(".materials", occurrence_id=occurrence_id))
