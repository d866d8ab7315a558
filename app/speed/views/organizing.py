"""The organizers' pages: settings and draw, the table plan, the wall."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.events.models import Occurrence
from app.speed import forms, policies, queries, services
from app.speed.forms import SeatForm, SetupForm
from app.speed.models import SpeedSeat, SpeedSession
from app.speed.pairing import Side
from app.speed.registry import destinations
from app.speed.services.steering import is_undoable
from app.speed.views.base import bp, desk_of, me, moment_of, reasons_of


@bp.get("/desk")
@guarded_by(policies.may_set_up, find=queries.date_for)
def desk(occurrence: Occurrence) -> flask.Response:
    """Who takes part, the draw, and the controls."""
    wants_people = flask.request.headers.get("HX-Target", "").endswith("people")
    fragment = "speed/_people.html" if wants_people else "speed/_run.html"
    return page("speed/desk.html", fragment=fragment, **desk_context(occurrence))


def desk_context(occurrence: Occurrence, form: SetupForm | None = None) -> dict[str, Any]:
    """All that the organizers' page shows."""
    db = reading()
    session = queries.session_of_date(db, occurrence.id)
    found: dict[str, Any] = {
        "occurrence": occurrence,
        "event": occurrence.event,
        "session": session,
        "form": form or SetupForm.of(session),
        "states": forms.STATES,
        "sides": forms.SIDE_NAMES,
        "seat_states": forms.SEAT_STATES,
    }
    return {**found, **_running(session), **_people(session)} if session else found


def _running(session: SpeedSession) -> dict[str, Any]:
    db, moment = reading(), moment_of(session)
    number = max(1, moment.clock.round)
    return {
        "moment": moment,
        "coming": queries.coming(db, session),
        "reasons": reasons_of(session),
        "lines": queries.plan_of(db, session, [number]),
        "can_undo": is_undoable(session),
    }


def _people(session: SpeedSession) -> dict[str, Any]:
    """The list of those who take part; at a hidden event there is none."""
    if session.occurrence.event.is_hidden:
        return {"seats": None}
    db, args = reading(), flask.request.args
    q, wanted = args.get("q", "").strip(), args.get("side", "")
    side = Side(wanted) if wanted in list(Side) else None
    number = max(1, args.get("page", 1, int) or 1)
    seats, total = queries.seats_of(db, session, q=q, side=side, page=number)
    return {
        "seats": seats,
        "total": total,
        "q": q,
        "side": wanted,
        "number": number,
        "last": -(-total // queries.PAGE),
    }


@bp.post("/desk")
@guarded_by(policies.may_set_up, find=queries.date_for)
def save(occurrence: Occurrence) -> Response:
    """Set the session up, or change it before it starts."""
    form = SetupForm()
    if not form.validate_on_submit():
        return invalid("speed/desk.html", **desk_context(occurrence, form))
    person_id, date, settings = me(), occurrence.id, form.settings
    with writing() as db:
        services.set_up(db, person_id, occurrence_id=date, settings=settings)
    return done(_("Saved. Whoever comes can choose a side now."), to=desk_of(date))


@bp.get("/plan")
@guarded_by(policies.may_run, find=queries.session_for)
def plan(session: SpeedSession) -> flask.Response:
    """All tables of all rounds, to be printed."""
    found: dict[str, Any] = {
        "session": session,
        "occurrence": session.occurrence,
        "event": session.occurrence.event,
        "lines": queries.plan_of(reading(), session),
    }
    return page("speed/plan.html", **found)


@bp.get("/screen")
@guarded_by(policies.may_run, find=queries.session_for)
def screen(session: SpeedSession) -> Response:
    """The wall of the room: the round, the clock, the prompt, and who sits where."""
    moment = moment_of(session)
    if flask.request.args.get("seen") == moment.version:
        return flask.Response(status=204, headers={"Cache-Control": "no-store"})
    is_hidden = session.occurrence.event.is_hidden
    number = max(1, moment.clock.round + (moment.clock.phase == "break"))
    lines = [] if is_hidden else queries.plan_of(reading(), session, [number])
    found: dict[str, Any] = {
        "moment": moment,
        "lines": lines,
        "round": number,
        "occurrence": session.occurrence,
    }
    return page("speed/screen.html", fragment="speed/_screen.html", **found)


@bp.get("/seats")
@guarded_by(policies.may_run, find=queries.session_for)
def seating(session: SpeedSession) -> flask.Response:
    """Seat somebody who has no phone at hand."""
    return page("speed/seat.html", **_seating(session, _seat_form(session)))


def _seat_form(session: SpeedSession) -> SeatForm:
    is_hidden = session.occurrence.event.is_hidden
    return SeatForm.among([] if is_hidden else queries.seatable(reading(), session))


def _seating(session: SpeedSession, form: SeatForm) -> dict[str, Any]:
    return {"occurrence": session.occurrence, "event": session.occurrence.event, "form": form}


@bp.post("/seats")
@guarded_by(policies.may_run, find=queries.session_for)
def seat(session: SpeedSession) -> Response:
    """Seat somebody on a side."""
    form = _seat_form(session)
    if not form.validate_on_submit():
        return invalid("speed/seat.html", **_seating(session, form))
    actor_id, session_id = me(), session.id
    date, person_id, side = session.occurrence_id, UUID(form.person.data), Side(form.as_side.data)
    with writing() as db:
        services.seat_somebody(db, actor_id, session_id=session_id, person_id=person_id, side=side)
    return done(_("They take part."), to=desk_of(date))


@bp.get("/destination")
@guarded_by(policies.may_run, find=queries.session_for)
def destination(session: SpeedSession) -> flask.Response:
    """Where mutual wishes lead."""
    return page("speed/destination.html", **_destinations(session))


def _destinations(session: SpeedSession) -> dict[str, Any]:
    db, actor = reading(), current_actor()
    found = [
        (name, one.label(), one.options(db, actor), one.chosen(db, session.id))
        for name, one in destinations
    ]
    return {"occurrence": session.occurrence, "event": session.occurrence.event, "choices": found}


@bp.post("/destination")
@guarded_by(policies.may_run, find=queries.session_for)
def send_to(session: SpeedSession) -> Response:
    """Choose where mutual wishes lead, or that both take it from there."""
    session_id, date, actor = session.id, session.occurrence_id, current_actor()
    name, chosen = flask.request.form.get("name", ""), flask.request.form.get("chosen", "")
    wanted = destinations.get(name)
    if wanted is None:
        flask.abort(404)
    with writing() as db:
        services.send_to(db, actor, session_id=session_id, name=name, chosen=chosen or None)
    return done(_("Saved."), to=desk_of(date))


@bp.post("/seats/<uuid:seat_id>/absent")
@guarded_by(policies.may_place, find=queries.placed_seat)
def absent(seat: SpeedSeat) -> Response:
    """Somebody is missing: the rounds to come are drawn again without them."""
    actor_id, seat_id, date = me(), seat.id, seat.session.occurrence_id
    with writing() as db:
        services.mark_absent(db, actor_id, seat_id=seat_id)
    back = flask.url_for(".here", occurrence_id=date, seat_id=seat_id)
    return done(_("Noted. The rounds to come are drawn again."), to=desk_of(date), undo=back)


@bp.post("/seats/<uuid:seat_id>/here")
@guarded_by(policies.may_place, find=queries.placed_seat)
def here(seat: SpeedSeat) -> Response:
    """Somebody is there after all."""
    actor_id, seat_id, date = me(), seat.id, seat.session.occurrence_id
    with writing() as db:
        services.mark_here(db, actor_id, seat_id=seat_id)
    return done(_("Noted. They are in the rounds that are left."), to=desk_of(date))
