"""An event's words in other languages."""

from __future__ import annotations

from typing import Any

import flask
from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import writing
from app.core.locale import current_language, offered
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.ergs.rules import TextStatus
from app.events import policies, queries, services
from app.events.forms import TranslationForm
from app.events.models import Occurrence
from app.events.views.base import bp, dates_meant, is_for_all, said


@bp.get("/events/<uuid:occurrence_id>/words")
@guarded_by(policies.may_run, find=queries.occurrence_for)
def words(occurrence: Occurrence) -> flask.Response:
    """The translation into one language beside the original."""
    locale = _language(occurrence)
    text = next((t for t in occurrence.event.texts if t.locale == locale), None)
    return page("events/words.html", **_writing(occurrence, locale, TranslationForm.of(text)))


def _source(occurrence: Occurrence) -> Any:
    return next(t for t in occurrence.event.texts if t.status is TextStatus.SOURCE)


def _language(occurrence: Occurrence) -> str:
    """The language asked for; else the reader's own, else the first that is missing."""
    source = _source(occurrence).locale
    tags = [language.tag for language in offered() if language.tag != source]
    asked = flask.request.args.get("text", current_language().tag)
    return asked if asked in tags else tags[0]


def _writing(occurrence: Occurrence, locale: str, form: TranslationForm) -> dict[str, Any]:
    source = _source(occurrence)
    return {
        "occurrence": occurrence,
        "event": occurrence.event,
        "form": form,
        "tag": locale,
        "source": source,
        "languages": [language for language in offered() if language.tag != source.locale],
        "texts": {t.locale: t.status.value for t in occurrence.event.texts},
    }


@bp.post("/events/<uuid:occurrence_id>/words")
@guarded_by(policies.may_run, find=queries.occurrence_for)
def translate(occurrence: Occurrence) -> Response:
    """Save it; empty words take the translation away."""
    locale, form = _language(occurrence), TranslationForm()
    if not form.validate_on_submit():
        return invalid("events/words.html", **_writing(occurrence, locale, form))
    person_id, occurrence_id, written = current_actor().person_id, occurrence.id, form.words
    with writing() as db:
        services.translate(
            db,
            person_id,
            occurrence_id=occurrence_id,
            locale=locale,
            is_for_all=is_for_all(),
            **written,
        )
    to = url_for(".words", occurrence_id=occurrence_id, text=locale, dates=dates_meant())
    return done(said(_("Saved.")), to=to)
