"""Leads make room for those who wait, from the line that says so."""

from __future__ import annotations

import flask
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.core.database import writing
from app.core.errors import Refused
from app.core.pages import done
from app.core.policies import current_actor, guarded_by
from app.events import policies, queries, services
from app.events.models import Occurrence
from app.events.rules import Mode
from app.events.views.base import bp


@bp.post("/events/<uuid:occurrence_id>/seats")
@guarded_by(policies.may_run, find=queries.occurrence_for)
def change_seats(occurrence: Occurrence) -> Response:
    """So many seats instead of those the lead saw; the way back is the same address reversed."""
    mode, was, seats = _asked()
    person_id, occurrence_id = current_actor().person_id, occurrence.id
    with writing() as db:
        services.change_seats(
            db, person_id, occurrence_id=occurrence_id, mode=mode, was=was, seats=seats
        )
    back = {"occurrence_id": occurrence_id, "mode": mode, "was": seats, "seats": was}
    return done(
        _said(was, seats),
        to=flask.url_for(".people", occurrence_id=occurrence_id, show="waiting"),
        undo=flask.url_for(".change_seats", **back) if seats > was else None,
    )


def _asked() -> tuple[Mode, int, int]:
    args = flask.request.args
    try:
        return Mode(args["mode"]), int(args["was"]), int(args["seats"])
    except (KeyError, ValueError) as wrong:
        raise Refused(_("The seats were changed meanwhile. Look at the number again.")) from wrong


def _said(was: int, seats: int) -> str:
    if seats < was:
        return _("The number of seats is as before. Whoever was given one keeps it.")
    return ngettext(
        "There is %(num)s seat more. It goes to those who wait, in their order.",
        "There are %(num)s seats more. They go to those who wait, in their order.",
        seats - was,
    )
