"""Answers: a page, or to htmx the fragment of it that the page contains."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import flask
from werkzeug.wrappers import Response

from app.core.htmx import VARY, htmx
from app.core.registries import Registry

# Pages whose buttons stand for acts of other pages, by path: `draw(address)` gives the fragment
# and its context anew. A form's hidden field `next` names the page it stands on.
returns: Registry[Callable[[str], tuple[str, dict[str, Any]]]] = Registry("page to return to")


def page(
    template: str, *, fragment: str | None = None, status: int = 200, **context: Any
) -> flask.Response:
    """Render `template`, or for a partial htmx request `fragment`, which the page includes."""
    wanted = fragment if fragment and htmx.is_partial else template
    answer = flask.make_response(flask.render_template(wanted, **context), status)
    answer.headers["Vary"] = VARY
    return answer


def invalid(template: str, *, fragment: str | None = None, **context: Any) -> flask.Response:
    """The same page with its form's errors, status 422; nothing typed is lost."""
    return page(template, fragment=fragment, status=422, **context)


def done(
    message: str,
    *,
    to: str,
    fragment: str | None = None,
    category: str = "success",
    undo: str | None = None,
    undo_text: str | None = None,
    **context: Any,
) -> Response:
    """Acknowledge an act: a browser goes on to `to` (303), htmx gets the fragment and the message.

    Without a fragment htmx follows to `to` as well, where the message is shown. `undo` is an
    address whose POST takes the act back; the message then carries the button, with other words
    than "Undo" where not everything comes back. A form whose field `next` names the page it stands
    on leads back there; htmx gets that page's part if it has one.
    """
    back = safe_next(flask.request.form.get("next"), "")
    if back:
        to = back
        draw = returns.get(urlsplit(back).path)
        fragment, context = draw(back) if draw and htmx.is_partial else (None, {})
    if fragment and htmx.is_partial:
        answer = page(fragment, fragment=fragment, **context)
        notice = flask.render_template(
            "layouts/status.swap.html",
            message=message,
            category=category,
            undo=undo,
            undo_text=undo_text,
            back=back,
        )
        answer.set_data(answer.get_data(as_text=True) + notice)
        return answer
    button = {"undo": undo, "undo_text": undo_text, "back": back}
    noted = {"text": message, **button} if undo else message
    flask.flash(noted, category)  # type: ignore[arg-type]
    return go(to)


def go(to: str) -> Response:
    """Send the reader to another page of ours, in the way their client follows."""
    if htmx.is_partial:
        return flask.Response(status=204, headers={"HX-Redirect": to, "Vary": VARY})
    return flask.redirect(to, 303)


def safe_next(target: str | None, default: str) -> str:
    """A path of ours to return to; anything that leads elsewhere becomes the default."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return default
    return target if "\\" not in target and "\n" not in target else default
