"""How it was."""

from __future__ import annotations

from typing import Any

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.attendance import policies, queries, services
from app.attendance.forms import STARS, FeedbackForm
from app.attendance.rules import SHOWN_FROM, STEP, summary_of
from app.attendance.views.base import bp, head
from app.core import clock
from app.core.database import reading, writing
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.events.models import Occurrence


@bp.get("/events/<uuid:occurrence_id>/feedback")
@guarded_by(policies.may_give_feedback, find=queries.asked_for)
def feedback(occurrence: Occurrence) -> flask.Response:
    """One page: one to five, and two short texts."""
    return page("attendance/feedback.html", **_asked(occurrence, FeedbackForm()))


def _asked(occurrence: Occurrence, form: FeedbackForm) -> dict[str, Any]:
    db, person_id = reading(), current_actor().person_id
    box = queries.box_of(db, occurrence.id)
    place = queries.place_of(db, occurrence.id, person_id)
    return {
        "form": form,
        "has_answered": box and place and queries.has_answered(box, place),
        "is_closed": box is None or box.closes_at <= clock.now(),
        "least": SHOWN_FROM,
        **head(occurrence),
    }


@bp.post("/events/<uuid:occurrence_id>/feedback")
@guarded_by(policies.may_give_feedback, find=queries.asked_for)
def give_feedback(occurrence: Occurrence) -> Response:
    """Put the answer among the others; it cannot be found again."""
    form, occurrence_id = FeedbackForm(), occurrence.id
    if not form.validate_on_submit():
        return invalid("attendance/feedback.html", **_asked(occurrence, form))
    person_id = current_actor().person_id
    with writing() as db:
        services.give_feedback(
            db,
            person_id,
            occurrence_id=occurrence_id,
            stars=form.stars.data,
            good=" ".join((form.good.data or "").split()),
            change=" ".join((form.change.data or "").split()),
        )
    return done(
        _("Thank you. Your answer stands among the others without your name."),
        to=flask.url_for("events.show", occurrence_id=occurrence_id),
    )


@bp.get("/events/<uuid:occurrence_id>/feedback/answers")
@guarded_by(policies.may_read_feedback, find=queries.feedback_for)
def read_feedback(occurrence: Occurrence) -> flask.Response:
    """What people thought, from five answers on and in steps of five."""
    box = queries.box_of(reading(), occurrence.id)
    return page(
        "attendance/answers.html",
        summary=summary_of(box.shown) if box else None,
        stars=STARS,
        least=SHOWN_FROM,
        step=STEP,
        **head(occurrence),
    )
