"""One's own places over all programs, and the ones kept for a partner organization."""

from __future__ import annotations

from typing import Any

import flask
from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by, signed_in
from app.programs.models import LentSeat, Partner
from app.programs.outside.forms import PlacesForm
from app.programs.outside.policies import may_lend, may_take_back
from app.programs.queries import outside as queries
from app.programs.services import offers
from app.programs.services import outside as services
from app.programs.views.outside.base import bp

PAGE = "programs/outside_places.html"


@bp.get("/places")
@guarded_by(signed_in)
def places() -> flask.Response:
    """How many people one meets over all programs, and at most."""
    at_most = queries.places_of(reading(), current_actor())
    return page(PAGE, form=PlacesForm(data={"at_most": at_most}), **_context(at_most))


def _context(at_most: int | None) -> dict[str, Any]:
    db, actor = reading(), current_actor()
    seats = queries.seats_of(db, actor)
    mine = {seat.partner_id for seat in seats}
    asking = [] if actor.is_external else queries.partners_in_force(db)
    return {
        "at_most": at_most,
        "met": queries.met_in(db, actor),
        "seats": seats,
        "partners": [one for one in asking if one.seats_lent and one.id not in mine],
    }


@bp.post("/places")
@guarded_by(signed_in)
def choose_places() -> Response:
    """Choose the number, or none."""
    form, actor = PlacesForm(), current_actor()
    if not form.validate_on_submit():
        return invalid(PAGE, form=form, **_context(queries.places_of(reading(), actor)))
    try:
        with writing() as db:
            offers.choose_places(db, actor.person_id, at_most=form.at_most.data)
    except Refused as refused:
        form.at_most.errors = [refused.message]
        return invalid(PAGE, form=form, **_context(queries.places_of(reading(), actor)))
    return done(_("Saved. Pairs that exist stay as they are."), to=url_for(".places"))


@bp.post("/partners/<uuid:partner_id>/lending")
@guarded_by(may_lend, find=queries.lendable)
def lend(partner: Partner) -> Response:
    """Keep one of one's places for a partner."""
    partner_id = partner.id
    with writing() as db:
        seat_id = services.lend(db, current_actor().person_id, partner_id=partner_id).id
    return done(
        _("Thank you. One of your places is kept for them; nothing was sent to them."),
        to=url_for(".places"),
        undo=url_for(".take_back", seat_id=seat_id),
    )


@bp.post("/lent/<uuid:seat_id>/return")
@guarded_by(may_take_back, find=queries.seat_for)
def take_back(seat: LentSeat) -> Response:
    """The place is one's own again."""
    seat_id = seat.id
    with writing() as db:
        services.take_seat_back(db, current_actor().person_id, seat_id=seat_id)
    return done(_("The place is your own again."), to=url_for(".places"))
