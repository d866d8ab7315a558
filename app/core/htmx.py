"""Flask-HTMX adapted to the headers of htmx 4."""

from __future__ import annotations

import flask
from flask_htmx import HTMX


class HTMX4(HTMX):  # type: ignore[misc]
    """htmx 4 sends `HX-Source: button#id` and `HX-Request-Type: full|partial`."""

    @property
    def is_partial(self) -> bool:
        """Whether htmx wants a fragment rather than the whole page."""
        headers = flask.request.headers
        return (
            headers.get("HX-Request") == "true"
            and headers.get("HX-Request-Type", "partial") == "partial"
            and headers.get("HX-History-Restore-Request") != "true"
        )

    @property
    def source_id(self) -> str:
        """The id of the element that started the request, or an empty string."""
        return flask.request.headers.get("HX-Source", "").partition("#")[2]

    @property
    def target_id(self) -> str:
        """The id of the element that will be swapped, or an empty string."""
        return flask.request.headers.get("HX-Target", "").partition("#")[2]


htmx = HTMX4()
VARY = "HX-Request, HX-Request-Type, Cookie, Accept-Language"
