"""Arriving on one's own phone: one's own code, or the code of the room."""

from __future__ import annotations

from typing import Any

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.attendance import forms, policies, queries, services
from app.attendance.forms import RoomForm
from app.attendance.queries import Door
from app.attendance.rules import Outcome, own_code, spelled
from app.attendance.views.base import bp, head, qr
from app.attendance.views.scanner import keep_offline
from app.core.database import reading, writing
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.ergs.rules import Visibility, alias
from app.events import queries as events
from app.events.models import Occurrence


@bp.get("/events/<uuid:occurrence_id>/code")
@guarded_by(policies.may_show_code, find=queries.own_place_for)
def code(found: Door) -> flask.Response:
    """One's own code; kept on the device, so that it can be shown without a connection."""
    mine = own_code(queries.key(), found.rsvp.id)
    hides = found.occurrence.event.is_hidden or found.rsvp.visibility is Visibility.NOBODY
    answer = page(
        "attendance/code.html",
        code=spelled(mine),
        picture=qr(mine),
        letters=alias(found.rsvp.id) if hides else "",
        state=found.rsvp.state,
        **head(found.occurrence),
    )
    return keep_offline(answer, found.occurrence)


@bp.get("/events/<uuid:occurrence_id>/here")
@guarded_by(policies.may_arrive, find=events.occurrence_for)
def here(occurrence: Occurrence) -> flask.Response:
    """A field for the six digits on the screen."""
    return page("attendance/here.html", **_arriving(occurrence, RoomForm.of(occurrence)))


def _arriving(occurrence: Occurrence, form: RoomForm) -> dict[str, Any]:
    rsvp = events.rsvp_of(reading(), occurrence.id, current_actor().person_id)
    has_place = rsvp is not None and rsvp.state in queries.CAN_ENTER
    return {"form": form, "has_place": has_place, "rsvp": rsvp, **head(occurrence)}


@bp.post("/events/<uuid:occurrence_id>/here")
@guarded_by(policies.may_arrive, find=events.occurrence_for)
def arrive(occurrence: Occurrence) -> Response:
    """Whoever knows the code of this moment is in the room."""
    form, occurrence_id = RoomForm.of(occurrence), occurrence.id
    if not form.validate_on_submit():
        return invalid("attendance/here.html", **_arriving(occurrence, form))
    person_id = current_actor().person_id
    with writing() as db:
        outcome = services.enter_room_code(
            db,
            person_id,
            occurrence_id=occurrence_id,
            digits=form.digits.data,
            mode=form.mode.data,
        )
    if outcome in (Outcome.WRONG, Outcome.TOO_OFTEN):
        form.digits.errors = [forms.OUTCOMES[outcome]]
        fresh = events.occurrence_for(reading(), current_actor(), occurrence_id)
        return invalid("attendance/here.html", **_arriving(fresh, form))
    return done(
        _("You are checked in. Enjoy it."),
        to=flask.url_for("events.show", occurrence_id=occurrence_id),
    )
