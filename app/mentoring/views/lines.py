"""Circles under way that one could join, and one's place in line."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import flask
from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.pages import done, page
from app.core.policies import guarded_by
from app.mentoring.group_policies import may_stand_in_line
from app.mentoring.queries.lines import line_for, lines_of, wait_for
from app.mentoring.services import lines as services
from app.mentoring.views.acting import me
from app.mentoring.views.base import bp
from app.programs.models import Enrollment


@bp.get("/seats/<uuid:enrollment_id>/")
@guarded_by(may_stand_in_line, find=line_for)
def seats(enrollment: Enrollment) -> flask.Response:
    """The circles of one's cohort, without names, and what one waits for."""
    found = lines_of(reading(), enrollment)
    return page("mentoring/seats.html", enrollment=enrollment, lines=found)


def _circle() -> UUID:
    assert request.view_args is not None, "the route has arguments"
    circle_id: UUID = request.view_args["relationship_id"]
    return circle_id


def _to(endpoint: str, where: dict[str, Any]) -> str:
    return url_for(f".{endpoint}", **where)


@bp.post("/seats/<uuid:enrollment_id>/<uuid:relationship_id>/wait")
@guarded_by(may_stand_in_line, find=wait_for)
def stand_in_line(enrollment: Enrollment) -> Response:
    """Wait for a seat."""
    where = {"enrollment_id": enrollment.id, "relationship_id": _circle()}
    with writing() as db:
        services.stand_in_line(db, me(), **where)
    return done(
        _("You stand in line. A free seat is offered to whoever has waited longest."),
        to=url_for(".seats", enrollment_id=where["enrollment_id"]),
        undo=_to("leave_line", where),
    )


@bp.post("/seats/<uuid:enrollment_id>/<uuid:relationship_id>/departure")
@guarded_by(may_stand_in_line, find=wait_for)
def leave_line(enrollment: Enrollment) -> Response:
    """Wait no longer."""
    where = {"enrollment_id": enrollment.id, "relationship_id": _circle()}
    with writing() as db:
        services.leave_line(db, me(), **where)
    to = url_for(".seats", enrollment_id=where["enrollment_id"])
    return done(_("You do not wait for this circle any more."), to=to)
