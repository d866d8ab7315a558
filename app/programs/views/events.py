"""Events of a cohort on its desk."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import flask
from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.pages import done, page
from app.core.policies import current_actor, guarded_by
from app.ergs.queries import standing
from app.events.queries import groups_led
from app.programs import queries
from app.programs.models import Cohort
from app.programs.policies import may_manage
from app.programs.queries import events as dates
from app.programs.services import events as services
from app.programs.views.base import bp


@bp.get("/cohorts/<uuid:cohort_id>/events")
@guarded_by(may_manage, find=queries.cohort_for)
def cohort_events(cohort: Cohort) -> flask.Response:
    """What belongs to the cohort, and events to choose by their words."""
    db, actor, q = reading(), current_actor(), flask.request.args.get("q", "").strip()
    return page(
        "programs/events.html",
        fragment="programs/_found_events.html",
        cohort=cohort,
        program=cohort.program,
        attached=dates.events_of_cohort(db, actor, cohort.id),
        found=dates.events_to_attach(db, actor, cohort.id, q),
        groups=groups_led(db, standing(db, actor)),
        q=q,
    )


def _event() -> UUID:
    """The event that a button named, as far as the reader finds it."""
    try:
        event_id = UUID(flask.request.form.get("event", flask.request.args.get("event", "")))
    except ValueError:
        flask.abort(404)
    if not dates.is_visible(reading(), current_actor(), event_id):
        flask.abort(404)
    return event_id


def _back(cohort_id: UUID, message: str, undo: str) -> Response:
    return done(message, to=url_for(".cohort_events", cohort_id=cohort_id), undo=undo)


@bp.post("/cohorts/<uuid:cohort_id>/events")
@guarded_by(may_manage, find=queries.cohort_for)
def attach_event(cohort: Cohort) -> Response:
    """Choose an event for the cohort."""
    where = _where(cohort)
    with writing() as db:
        services.attach_event(db, current_actor().person_id, **where)
    message = _("Chosen. The cohort’s people who may come find it at home.")
    return _back(where["cohort_id"], message, _again(".detach_event", where))


@bp.post("/cohorts/<uuid:cohort_id>/events/removal")
@guarded_by(may_manage, find=queries.cohort_for)
def detach_event(cohort: Cohort) -> Response:
    """Not an event of the cohort any more."""
    where = _where(cohort)
    with writing() as db:
        services.detach_event(db, current_actor().person_id, **where)
    message = _("The event goes on, but not as one of this cohort.")
    return _back(where["cohort_id"], message, _again(".attach_event", where))


def _where(cohort: Cohort) -> dict[str, Any]:
    return {"cohort_id": cohort.id, "event_id": _event()}


def _again(endpoint: str, where: dict[str, Any]) -> str:
    return url_for(endpoint, cohort_id=where["cohort_id"], event=where["event_id"])
