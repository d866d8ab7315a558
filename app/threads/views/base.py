"""What all pages of discussions share."""

from __future__ import annotations

from typing import Any

import flask
from flask_babel import gettext as _

from app.core import clock
from app.core.locale import current_language
from app.core.richtext import render
from app.ergs.models import Erg
from app.ergs.rules import pick_text
from app.threads.models import Post, Thread
from app.threads.rules import Face, can_edit

bp = flask.Blueprint("threads", __name__, url_prefix="/ergs")


# Globals, since the macros that call them are imported without context.
@bp.app_template_global("face_name")
def face_name(face: Face, author: str) -> str:
    """What stands above a post."""
    if face is Face.NAME:
        return author
    return _("Person %(alias)s", alias=author) if face is Face.CODE else _("Former member")


bp.add_app_template_global(render, "post_html")


def page_number() -> int:
    """The page that is asked for."""
    return max(1, flask.request.args.get("page", 1, type=int))


def group_of(erg: Erg) -> dict[str, Any]:
    """A group and its words, for the head of a page."""
    return {"erg": erg, "text": pick_text(erg.texts, current_language().tag)}


@bp.app_template_global("can_edit")
def editable(post: Post, thread: Thread) -> bool:
    """Whether the author may still change a post."""
    return can_edit(post.state, post.created_at, is_locked=thread.is_locked, now=clock.now())
