"""The page of those who take part: a side, a table, a pause, and afterwards a private answer."""

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
from app.speed.forms import SideForm, WishForm
from app.speed.models import SpeedSeat
from app.speed.pairing import Side
from app.speed.registry import destinations
from app.speed.views.base import bp, home_of, me, moment_of, now_of


@bp.get("/")
@guarded_by(policies.may_see, find=queries.date_for)
def show(occurrence: Occurrence) -> flask.Response:
    """Where one stands: choose a side, wait, sit at a table, or say whom to meet again."""
    return page("speed/show.html", **_about(occurrence))


def _about(occurrence: Occurrence, **forms_: Any) -> dict[str, Any]:
    db, actor = reading(), current_actor()
    found: dict[str, Any] = {
        "occurrence": occurrence,
        "event": occurrence.event,
        "runs": policies.may_set_up(actor, occurrence),
        "sides": forms.SIDE_NAMES,
        "session": None,
        "seat": None,
    }
    seat = queries.seat_for(db, actor, occurrence.id)
    if seat is not None:
        return {**found, **_sitting(seat), **forms_, "session": seat.session}
    found["session"] = queries.session_of_date(db, occurrence.id)
    found["moment"] = moment_of(found["session"]) if found["session"] else None
    found["comes"] = policies.is_coming(actor, occurrence)
    return {**found, "side_form": SideForm.of(None), **forms_}


def _sitting(seat: SpeedSeat) -> dict[str, Any]:
    db, found = reading(), {"seat": seat, "side_form": SideForm.of(seat), "comes": True}
    moment = moment_of(seat.session)
    if not moment.is_over:
        return {**found, **now_of(db, seat)}
    found["moment"] = moment
    if seat.session.closed_at:
        return {**found, "matches": queries.matches_of(db, seat)}
    met = queries.met_by(db, seat)
    found["leads_on"] = any(one.chosen(db, seat.session_id) for _name, one in destinations)
    return {**found, "met": met, "wish_form": WishForm.among(met, queries.wishes_of(db, seat))}


@bp.get("/now")
@guarded_by(policies.may_sit, find=queries.seat_for)
def now(seat: SpeedSeat) -> Response:
    """What a phone asks every few seconds; nothing new is an empty answer."""
    found = now_of(reading(), seat)
    if flask.request.args.get("seen") == found["version"]:
        return flask.Response(status=204, headers={"Cache-Control": "no-store"})
    return page("speed/now.html", fragment="speed/_now.html", **found)


@bp.post("/side")
@guarded_by(policies.may_join, find=queries.date_for)
def choose(occurrence: Occurrence) -> Response:
    """Take part on a side, or change it."""
    form, session = SideForm(), queries.session_of_date(reading(), occurrence.id)
    if session is None:
        flask.abort(404)
    if not form.validate_on_submit():
        return invalid("speed/show.html", **_about(occurrence, side_form=form))
    person_id, session_id, back = me(), session.id, home_of(occurrence.id)
    side, topics = Side(form.side.data), form.topics.data or ()
    with writing() as db:
        services.choose_side(db, person_id, session_id=session_id, side=side, topics=topics)
    return done(_("You take part. This page shows your table as soon as it is drawn."), to=back)


@bp.post("/pause")
@guarded_by(policies.may_sit, find=queries.seat_for)
def pause_me(seat: SpeedSeat) -> Response:
    """Take a break: no table until one comes back."""
    return _step_out(seat, _("You are taking a break from the next round on."), is_leaving=False)


@bp.post("/leave")
@guarded_by(policies.may_sit, find=queries.seat_for)
def leave(seat: SpeedSeat) -> Response:
    """Leave the talks that are still to come."""
    return _step_out(seat, _("You have left. The next rounds go on without you."), is_leaving=True)


def _step_out(seat: SpeedSeat, message: str, *, is_leaving: bool) -> Response:
    person_id, session_id = me(), seat.session_id
    date = seat.session.occurrence_id
    with writing() as db:
        services.step_out(db, person_id, session_id=session_id, is_leaving=is_leaving)
    back = flask.url_for(".come_back", occurrence_id=date)
    return done(message, to=home_of(date), undo=back)


@bp.post("/back")
@guarded_by(policies.may_sit, find=queries.seat_for)
def come_back(seat: SpeedSeat) -> Response:
    """Take part again."""
    person_id, session_id = me(), seat.session_id
    date = seat.session.occurrence_id
    with writing() as db:
        services.come_back(db, person_id, session_id=session_id)
    return done(_("Welcome back. You are in the rounds that are left."), to=home_of(date))


@bp.post("/wishes")
@guarded_by(policies.may_sit, find=queries.seat_for)
def wish(seat: SpeedSeat) -> Response:
    """Say privately with whom one wants to go on."""
    form = WishForm.among(queries.met_by(reading(), seat))
    person_id, session_id = me(), seat.session_id
    date, chosen = seat.session.occurrence_id, _chosen(form)
    with writing() as db:
        services.wish(db, person_id, session_id=session_id, partners=chosen)
    return done(_("Saved. Nobody sees it, and you can change it until then."), to=home_of(date))


def _chosen(form: WishForm) -> list[UUID]:
    known = {value for value, _label in form.partners.choices}
    return [UUID(one) for one in form.partners.data or () if one in known]
