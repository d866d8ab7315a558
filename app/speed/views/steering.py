"""The controls of a session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.pages import done
from app.core.policies import current_actor, guarded_by
from app.speed import policies, queries, services
from app.speed.forms import LengthForm
from app.speed.models import SpeedSession
from app.speed.views.base import bp, desk_of, me
from app.speed.views.organizing import desk_context


def _act(
    session: SpeedSession, verb: Callable[..., Any], message: str, *, undo: bool = True, **more: Any
) -> Response:
    person_id, session_id, date = me(), session.id, session.occurrence_id
    with writing() as db:
        verb(db, person_id, session_id=session_id, **more)
    back = flask.url_for("speed.undo", occurrence_id=date) if undo else None
    occurrence = queries.date_for(reading(), current_actor(), date)
    return done(
        message,
        to=desk_of(date),
        fragment="speed/_run.html",
        undo=back,
        **desk_context(occurrence) if occurrence else {},
    )


@bp.post("/draw")
@guarded_by(policies.may_run, find=queries.session_for)
def draw(session: SpeedSession) -> Response:
    """Draw all tables; before the start it can be drawn again."""
    return _act(session, services.draw_tables, _("The tables are drawn."), undo=False)


@bp.post("/start")
@guarded_by(policies.may_run, find=queries.session_for)
def start(session: SpeedSession) -> Response:
    """Begin the first round."""
    return _act(session, services.start, _("The first round has begun."))


@bp.post("/next")
@guarded_by(policies.may_run, find=queries.session_for)
def next_round(session: SpeedSession) -> Response:
    """Go on to the next round now."""
    return _act(session, services.next_round, _("The session has moved on."))


@bp.post("/stop")
@guarded_by(policies.may_run, find=queries.session_for)
def stop_clock(session: SpeedSession) -> Response:
    """Stop the clock."""
    return _act(session, services.pause, _("The clock is stopped."))


@bp.post("/resume")
@guarded_by(policies.may_run, find=queries.session_for)
def resume(session: SpeedSession) -> Response:
    """Let the clock run on."""
    return _act(session, services.resume, _("The clock runs again."))


@bp.post("/extend")
@guarded_by(policies.may_run, find=queries.session_for)
def extend(session: SpeedSession) -> Response:
    """Add minutes to what is going on."""
    form = LengthForm()
    if not form.validate_on_submit():
        raise Refused(_("Between one and fifteen minutes can be added at a time."), 422)
    return _act(session, services.extend, _("There is more time now."), minutes=form.minutes.data)


@bp.post("/end")
@guarded_by(policies.may_run, find=queries.session_for)
def finish(session: SpeedSession) -> Response:
    """End the session early."""
    return _act(session, services.finish, _("The talks are over."))


@bp.post("/undo")
@guarded_by(policies.may_run, find=queries.session_for)
def undo(session: SpeedSession) -> Response:
    """Take the last act back."""
    return _act(session, services.undo, _("Taken back."), undo=False)
