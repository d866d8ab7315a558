"""The blueprint, and what all templates of mentoring may use."""

from __future__ import annotations

from typing import Any

import flask

from app.core.locale import LANGUAGES, current_language
from app.mentoring.labels import AGREEMENTS, CLAIMS, CLAUSES, GOALS, SESSIONS, STATES
from app.mentoring.rules import spoken

bp = flask.Blueprint("mentoring", __name__, url_prefix="/mentoring")


@bp.app_template_filter("spoken")
def spoken_text(translations: dict[str, str]) -> tuple[str, str]:
    """(text, language tag) of a translated content, in the reader's language where possible."""
    return spoken(translations, current_language().tag)


@bp.app_template_global("language_note")
def language_note(tag: str) -> str | None:
    """The name of a language that is not the reader's, for a visible note; else None."""
    if tag == current_language().tag or tag not in LANGUAGES:
        return None
    return LANGUAGES[tag].name


@bp.app_context_processor
def _claims() -> dict[str, Any]:
    return {"claims": CLAIMS}


@bp.context_processor
def _words() -> dict[str, Any]:
    return {
        "pair_states": STATES,
        "session_states": SESSIONS,
        "goal_states": GOALS,
        "agreement_states": AGREEMENTS,
        "clauses": CLAUSES,
    }
