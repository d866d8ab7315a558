"""The organizers' own prompts in other languages."""

from __future__ import annotations

from typing import Any

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import writing
from app.core.locale import current_language, find_language, offered
from app.core.pages import done, invalid, page
from app.core.policies import guarded_by
from app.speed import policies, queries, services
from app.speed.forms import PromptsForm
from app.speed.models import SpeedSession
from app.speed.views.base import bp, me


@bp.get("/prompts")
@guarded_by(policies.may_run, find=queries.session_for)
def prompts(session: SpeedSession) -> flask.Response:
    """Each line with what it means in one language."""
    tag = _language(session)
    return page(
        "speed/prompts.html", **_writing(session, tag, PromptsForm.of(session.prompts, tag))
    )


def _language(session: SpeedSession) -> str:
    """The language asked for; else the reader's own, else the first that is missing."""
    tags = [one.tag for one in offered() if one.tag != session.prompt_locale]
    asked = flask.request.args.get("text", current_language().tag)
    return asked if asked in tags else tags[0]


def _writing(session: SpeedSession, tag: str, form: PromptsForm) -> dict[str, Any]:
    own = session.prompts
    return {
        "occurrence": session.occurrence,
        "event": session.occurrence.event,
        "form": form,
        "tag": tag,
        "source": find_language(own.locale),
        "languages": [one for one in offered() if one.tag != own.locale],
        "texts": {known: "stale" if own.is_stale(known) else "translated" for known in own.texts},
    }


@bp.post("/prompts")
@guarded_by(policies.may_run, find=queries.session_for)
def translate_prompts(session: SpeedSession) -> Response:
    """Save it; an empty line is shown as it was written."""
    tag = _language(session)
    form = PromptsForm.of(session.prompts, tag)
    if not form.validate_on_submit():
        return invalid("speed/prompts.html", **_writing(session, tag, form))
    session_id, date, told = session.id, session.occurrence_id, form.told
    with writing() as db:
        services.translate_prompts(db, me(), session_id=session_id, locale=tag, lines=told)
    return done(_("Saved."), to=flask.url_for(".prompts", occurrence_id=date, text=tag))
