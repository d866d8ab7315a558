"""The closing questions: one page for the person alone, saved with every tap."""

from __future__ import annotations

from typing import Any

import flask
from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.mentoring.forms.surveys import SurveyForm
from app.mentoring.policies import may_answer_survey, may_see_survey
from app.mentoring.queries.surveys import Survey, survey_for
from app.mentoring.services import surveying
from app.mentoring.views.acting import me
from app.mentoring.views.base import bp
from app.programs.forms import BASELINE
from app.programs.rules import Role

TEMPLATE = "mentoring/survey.html"


@bp.get("/closing-questions/<uuid:enrollment_id>")
@guarded_by(may_see_survey, find=survey_for)
def survey(found: Survey) -> flask.Response:
    """What was asked at enrollment, once more."""
    return page(TEMPLATE, **_context(found, _form(found, formdata=None)))


@bp.post("/closing-questions/<uuid:enrollment_id>")
@guarded_by(may_answer_survey, find=survey_for)
def answer_survey(found: Survey) -> Response:
    """Keep what was chosen; a single answer is enough."""
    form, enrollment_id, person_id = _form(found), found.enrollment.id, me()
    if not form.validate_on_submit():
        return invalid(TEMPLATE, **_context(found, form))
    with writing() as db:
        surveying.answer(db, person_id, enrollment_id=enrollment_id, **form.words)
    fresh = survey_for(reading(), current_actor(), enrollment_id) or found
    return done(
        _("Kept. You can change it for three weeks."),
        to=url_for(".survey", enrollment_id=enrollment_id),
        fragment="mentoring/_survey_kept.html",
        **_context(fresh, form),
    )


def _form(found: Survey, **given: Any) -> SurveyForm:
    return SurveyForm.of(found.now, with_goals=found.enrollment.role is Role.MENTEE, **given)


def _context(found: Survey, form: SurveyForm) -> dict[str, Any]:
    return {"survey": found, "form": form, "measures": BASELINE}
