"""What all pages of groups share: the blueprint, a group's words, its head."""

from __future__ import annotations

from typing import Any

import flask

from app.core.database import reading
from app.core.locale import current_language
from app.core.policies import current_actor, may
from app.ergs import forms, queries
from app.ergs.models import Erg
from app.ergs.registry import places
from app.ergs.rules import TextStatus, Viewer, pick_text

bp = flask.Blueprint("ergs", __name__, url_prefix="/ergs")


@bp.app_context_processor
def _helpers() -> dict[str, object]:
    return {"text_of": text_of, "tabs_of": tabs_of}


def text_of(thing: Any) -> Any:
    """A group's or event's text in the reader's language, else the source."""
    return pick_text(thing.texts, current_language().tag)


def tabs_of(erg: Erg, *, for_leads: bool = False) -> list[tuple[str, str, bool, None]]:
    """The pages of a group that this reader may open: (label, address, is this one, no count)."""
    ordered = sorted((place for _name, place in places), key=lambda place: place.order)
    return [
        (
            place.label,
            flask.url_for(place.endpoint, slug=erg.slug),
            flask.request.endpoint == place.endpoint,
            None,
        )
        for place in ordered
        if place.is_for_leads is for_leads and may(place.endpoint, erg)
    ]


def page_number() -> int:
    return max(1, flask.request.args.get("page", 1, type=int))


def viewer_of(erg: Erg) -> Viewer:
    return queries.standing(reading(), current_actor()).viewer(erg.id)


def about(erg: Erg) -> dict[str, Any]:
    text, viewer = text_of(erg), viewer_of(erg)
    return {
        "erg": erg,
        "text": text,
        "viewer": viewer,
        "roles": forms.ROLES,
        "holders": queries.role_holders(reading(), erg, viewer),
        "chapters": forms.chapter_names(erg, current_language().tag),
        "is_stale": text.status is TextStatus.STALE,
        "privacy": (
            forms.ROSTERS[erg.roster],
            forms.ADMISSIONS[erg.admission],
            forms.DISCOVERIES[erg.discovery],
        ),
    }
