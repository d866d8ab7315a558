"""Leads decide how people answer: who says yes, until when, and what is asked."""

from __future__ import annotations

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import writing
from app.core.pages import invalid, page
from app.core.policies import current_actor, guarded_by
from app.events import policies, queries, services
from app.events.forms.answering import AnsweringForm
from app.events.models import Occurrence
from app.events.rules.answers import MOST_QUESTIONS
from app.events.views.base import bp, is_for_all, said, saved


@bp.get("/events/<uuid:occurrence_id>/answering")
@guarded_by(policies.may_run, find=queries.occurrence_for)
def answering(occurrence: Occurrence) -> flask.Response:
    """The rules of answering as a form."""
    form = AnsweringForm.of(occurrence.event)
    return page("events/answering.html", occurrence=occurrence, form=form, most=MOST_QUESTIONS)


@bp.post("/events/<uuid:occurrence_id>/answering")
@guarded_by(policies.may_run, find=queries.occurrence_for)
def set_answering(occurrence: Occurrence) -> Response:
    """Save them."""
    form = AnsweringForm.of(occurrence.event)
    if not form.validate_on_submit():
        return invalid(
            "events/answering.html", occurrence=occurrence, form=form, most=MOST_QUESTIONS
        )
    person_id, occurrence_id = current_actor().person_id, occurrence.id
    with writing() as db:
        services.set_answering(
            db,
            person_id,
            occurrence_id=occurrence_id,
            needs_approval=form.needs_approval.data,
            closes_minutes=form.closes_minutes,
            questions=form.questions,
            is_for_all=is_for_all(),
        )
    return saved(occurrence_id, said(_("Saved. This is how people answer from now on.")))
