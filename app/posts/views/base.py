"""What all pages of posts share."""

from __future__ import annotations

from typing import Any

import flask
from werkzeug.wrappers import Response

from app.core.database import reading
from app.core.locale import LANGUAGES, current_language
from app.core.pages import done
from app.core.policies import current_actor
from app.ergs import queries as ergs
from app.ergs.models import Erg
from app.ergs.rules import Viewer
from app.posts import forms
from app.posts.models import Post
from app.posts.queries import Entry

bp = flask.Blueprint("posts", __name__)


def viewer_of(erg: Erg) -> Viewer:
    return ergs.standing(reading(), current_actor()).viewer(erg.id)


def where(entry: Entry) -> dict[str, Any]:
    """The address of a post, kept before a transaction closes the read session."""
    return {"slug": entry.erg.slug, "post_id": entry.post.id}


def language_name(tag: str) -> str:
    """A language by its own name."""
    return LANGUAGES[tag].name if tag in LANGUAGES else tag


def about(entry: Entry) -> dict[str, Any]:
    """What every page of one post needs."""
    return {
        "entry": entry,
        "erg": entry.erg,
        "post": entry.post,
        "kinds": forms.KINDS,
        "states": forms.STATES,
        "language_name": language_name,
        "audience": audience_of(entry.erg, entry.post),
    }


def audience_of(erg: Erg, post: Post) -> str | None:
    """The chapter's name, or None for the whole group."""
    names = forms.chapter_names(erg, current_language().tag)
    return names.get(post.chapter_id) if post.chapter_id else None


def back(message: str, to: dict[str, Any], undo: str | None = None) -> Response:
    """Acknowledge, on the post's page."""
    return done(message, to=flask.url_for("posts.show", **to), undo=undo)
