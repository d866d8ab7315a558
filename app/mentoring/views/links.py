"""The page that the link of a mail opens. Opening changes nothing; a button answers."""

from __future__ import annotations

from contextlib import AbstractContextManager

import flask
from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.models import Person
from app.core.database import writing
from app.core.errors import Refused
from app.core.locale import speaking_to
from app.core.pages import done, page
from app.core.policies import guarded_by
from app.mentoring import queries
from app.mentoring.policies import may_answer_by_link
from app.mentoring.queries import Question
from app.mentoring.rules import Claim
from app.mentoring.services import sessions
from app.mentoring.views.base import bp


@bp.get("/met/<token>")
@guarded_by(may_answer_by_link, find=queries.question_for)
def met(question: Question) -> flask.Response:
    """The question with its four buttons, or what was answered already."""
    with _speaking_to(question.asked):
        return page("mentoring/met.html", question=question)


@bp.post("/met/<token>")
@guarded_by(may_answer_by_link, find=queries.question_for)
def answer_met(question: Question) -> Response:
    """One tap."""
    with _speaking_to(question.asked):
        return _answered(question)


def _answered(question: Question) -> Response:
    said = flask.request.form.get("said", "")
    if said not in list(Claim):
        raise Refused(_("Choose one of the four answers."), 422)
    with writing() as db:
        sessions.answer_by_link(
            db,
            question.person_id,
            session_id=question.session_id,
            revision=question.revision,
            said=Claim(said),
        )
    return done(_("Thank you. That is noted."), to=url_for(".met", token=question.token))


def _speaking_to(person: Person) -> AbstractContextManager[None]:
    return speaking_to(person.locale, person.zone, person.hour_cycle)
