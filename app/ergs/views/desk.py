"""The leads' desk: one queue of all that waits for those who run groups."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import flask

from app.core import clock
from app.core.database import reading
from app.core.pages import page, returns
from app.core.policies import current_actor, guarded_by
from app.ergs import policies
from app.ergs.forms.desk import TOPICS
from app.ergs.queries import desk as queries
from app.ergs.views.base import bp

PATH = "/ergs/desk/"
PARTIAL = "ergs/_desk.html"


@bp.get("/desk/")
@guarded_by(policies.may_open_desk)
def desk() -> flask.Response:
    """Everything that waits for this reader, with its buttons."""
    wanted = queries.Wanted.of(flask.request.args)
    address = flask.request.full_path.rstrip("?")
    return page("ergs/desk.html", fragment=PARTIAL, **_queue(wanted, address))


def _queue(wanted: queries.Wanted, address: str) -> dict[str, Any]:
    return {
        "queue": queries.queue(reading(), current_actor(), wanted),
        "wanted": wanted,
        "here": address,
        "topics": TOPICS,
        "now": clock.now(),
    }


def redraw(address: str) -> tuple[str, dict[str, Any]]:
    """The queue after an act, filtered as the page it was pressed on."""
    args = dict(parse_qsl(urlsplit(address).query))
    return PARTIAL, _queue(queries.Wanted.of(args), address)


returns.add(PATH, redraw)
