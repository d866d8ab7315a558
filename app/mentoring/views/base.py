"""The blueprint, and what all templates of mentoring may use."""

from __future__ import annotations

from typing import Any

import flask
from flask_babel import gettext as _

from app.core.locale import LANGUAGES, current_language
from app.core.policies import current_actor
from app.mentoring.labels import (
    AGREEMENTS,
    CAUSES,
    CLAIMS,
    GOALS,
    POSTS,
    SESSIONS,
    STATES,
    clauses_of,
)
from app.mentoring.models import Goal, GuideSession, Meeting, Relationship
from app.mentoring.queries import shown_state
from app.mentoring.registry import places
from app.mentoring.rules import spoken
from app.mentoring.rules.goals import asked_rating
from app.programs.labels import role_label

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


@bp.app_template_global("fallen_back")
def fallen_back(part: GuideSession) -> tuple[list[str], bool]:
    """The languages in which parts of a guide's session stand in, and whether all of it does."""
    texts = [part.title, part.preparation, *(prompt.text for prompt in part.prompts)]
    notes = [language_note(spoken_text(text)[1]) for text in texts if text]
    return list(dict.fromkeys(note for note in notes if note)), all(notes)


@bp.app_template_global("session_pill")
def session_pill(meeting: Meeting) -> tuple[Any, str]:
    """(words, tone) of a session's state as the reader may see it."""
    words: tuple[Any, str] = SESSIONS[shown_state(meeting, current_actor().person_id)]
    return words


@bp.app_template_global("tabs_of_pair")
def tabs_of_pair(pair: Relationship) -> list[tuple[Any, str, bool, None]]:
    """The pages of a relationship that the reader has, in their order, for `ui.tabs`."""
    is_here = pair.has(current_actor().person_id)
    ours = (p for _name, p in places if p.is_for(pair) and (is_here or p.is_kept))
    shown = sorted(ours, key=lambda p: p.order)
    here = flask.request.endpoint
    return [
        (p.label, flask.url_for(p.endpoint, relationship_id=pair.id), p.endpoint == here, None)
        for p in shown
    ]


@bp.app_template_global("way_to")
def way_to(pair: Relationship, partners: str) -> list[tuple[Any, str]]:
    """The pages above those of a relationship; whoever has left has no way into its workspace."""
    top = [(_("Mentoring"), flask.url_for("mentoring.index"))]
    if not pair.has(current_actor().person_id):
        return top
    return [*top, (partners, flask.url_for("mentoring.workspace", relationship_id=pair.id))]


@bp.app_template_global("rating_of")
def rating_of(goal: Goal, pair: Relationship) -> str | None:
    """Which self-rating its owner is asked for now."""
    is_own = goal.owner_id == current_actor().person_id and not goal.is_shared_by_all
    return asked_rating(goal.state, pair.state, done=goal.done) if is_own else None


@bp.app_context_processor
def _claims() -> dict[str, Any]:
    return {"claims": CLAIMS}


@bp.context_processor
def _words() -> dict[str, Any]:
    return {
        "pair_states": STATES,
        "goal_states": GOALS,
        "agreement_states": AGREEMENTS,
        "post_kinds": POSTS,
        "rematch_causes": CAUSES,
        "clauses_of": clauses_of,
        "role_label": role_label,
    }
