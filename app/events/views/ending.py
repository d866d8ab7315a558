"""Putting an event off, giving it a new time, canceling it; each page says what follows."""

from __future__ import annotations

from typing import Any

import flask
from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.queries import used_zones
from app.core.database import reading, writing
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.events import policies, queries, services
from app.events.forms import NewDateForm, ReasonForm
from app.events.models import Occurrence
from app.events.views.base import bp, saved


@bp.get("/events/<uuid:occurrence_id>/cancellation")
@guarded_by(policies.may_cancel, find=queries.occurrence_for)
def canceling(occurrence: Occurrence) -> flask.Response:
    """What canceling means, before it happens."""
    return page("events/cancel.html", **_ending(occurrence, ReasonForm()))


def _ending(occurrence: Occurrence, form: Any) -> dict[str, Any]:
    return {
        "occurrence": occurrence,
        "event": occurrence.event,
        "form": form,
        "told": queries.to_tell(reading(), occurrence),
    }


@bp.post("/events/<uuid:occurrence_id>/cancellation")
@guarded_by(policies.may_cancel, find=queries.occurrence_for)
def cancel(occurrence: Occurrence) -> Response:
    """Cancel for good."""
    form, occurrence_id = ReasonForm(), occurrence.id
    if not form.validate_on_submit():
        return invalid("events/cancel.html", **_ending(occurrence, form))
    person_id, reason = current_actor().person_id, form.reason.data or ""
    with writing() as db:
        services.cancel(db, person_id, occurrence_id=occurrence_id, reason=reason)
    return saved(occurrence_id, _("Canceled. Everybody who answered, other than with no, is told."))


@bp.get("/events/<uuid:occurrence_id>/postponement")
@guarded_by(policies.may_postpone, find=queries.occurrence_for)
def postponing(occurrence: Occurrence) -> flask.Response:
    """What putting off means, before it happens."""
    return page("events/postpone.html", **_ending(occurrence, ReasonForm()))


@bp.post("/events/<uuid:occurrence_id>/postponement")
@guarded_by(policies.may_postpone, find=queries.occurrence_for)
def postpone(occurrence: Occurrence) -> Response:
    """Put it off; the undo comes before anybody hears of it."""
    form, occurrence_id = ReasonForm(), occurrence.id
    if not form.validate_on_submit():
        return invalid("events/postpone.html", **_ending(occurrence, form))
    person_id, reason = current_actor().person_id, form.reason.data or ""
    with writing() as db:
        services.postpone(db, person_id, occurrence_id=occurrence_id, reason=reason)
    return done(
        _(
            "Postponed. In five minutes everybody who comes or waits is told. Choose the new time "
            "any day."
        ),
        to=url_for(".show", occurrence_id=occurrence_id),
        undo=url_for(".resume_as_it_was", occurrence_id=occurrence_id),
    )


@bp.post("/events/<uuid:occurrence_id>/postponement/undo")
@guarded_by(policies.may_resume, find=queries.occurrence_for)
def resume_as_it_was(occurrence: Occurrence) -> Response:
    """It takes place as it was planned after all."""
    person_id, occurrence_id = current_actor().person_id, occurrence.id
    with writing() as db:
        services.resume(db, person_id, occurrence_id=occurrence_id)
    return saved(occurrence_id, _("It takes place as planned."))


@bp.get("/events/<uuid:occurrence_id>/new-date")
@guarded_by(policies.may_resume, find=queries.occurrence_for)
def redating(occurrence: Occurrence) -> flask.Response:
    """When it takes place instead."""
    return page("events/new_date.html", **_dating(occurrence, NewDateForm.of(occurrence)))


def _dating(occurrence: Occurrence, form: NewDateForm) -> dict[str, Any]:
    return {**_ending(occurrence, form), "zones": used_zones(reading())}


@bp.post("/events/<uuid:occurrence_id>/new-date")
@guarded_by(policies.may_resume, find=queries.occurrence_for)
def redate(occurrence: Occurrence) -> Response:
    """Publish it at its new time; who had a seat still has it."""
    form = NewDateForm.of(occurrence)
    if not form.validate_on_submit():
        return invalid("events/new_date.html", **_dating(occurrence, form))
    person_id, occurrence_id, chosen = current_actor().person_id, occurrence.id, form.chosen
    with writing() as db:
        services.resume(db, person_id, occurrence_id=occurrence_id, **chosen)
    return saved(
        occurrence_id, _("It has its new time. Who goes or waits is told, and seats are kept.")
    )
