"""The list at the door, names, codes, walk-ins, and the screen with the code of the room."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.attendance import forms, policies, queries, services
from app.attendance.forms import CodeForm, GuestsForm, WalkInForm
from app.attendance.queries import Door
from app.attendance.rules import Outcome, is_open, room_code, room_seconds_left
from app.attendance.views.base import bp, head, qr, wanted
from app.core import clock
from app.core.database import reading, writing
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.ergs.queries import standing
from app.events.forms import MODES
from app.events.models import Occurrence
from app.events.policies import leads_host
from app.events.rules import Mode

FOUND = "success"
NOT_FOUND = "danger"


@bp.get("/events/<uuid:occurrence_id>/check-in/")
@guarded_by(policies.may_keep_door, find=queries.door_for)
def door(occurrence: Occurrence) -> flask.Response:
    """Who is expected and who is here, as far as this reader may see it."""
    return page(
        "attendance/door.html", fragment="attendance/_arrivals.html", **_listing(occurrence)
    )


def _listing(occurrence: Occurrence, form: CodeForm | None = None) -> dict[str, Any]:
    db, actor, asked = reading(), current_actor(), wanted()
    mine = standing(db, actor)
    counts = not occurrence.event.is_hidden or leads_host(actor, occurrence.event)
    now = clock.now()
    return {
        **head(occurrence),
        "form": form or CodeForm(),
        "wanted": asked,
        "listing": queries.arrivals(db, mine, occurrence, asked),
        "tally": queries.tally(db, occurrence.id) if counts else None,
        "is_open": is_open(now, occurrence.starts_at, occurrence.ends_at),
        "is_over": now >= occurrence.ends_at,
        "filters": forms.FILTERS,
        "states": forms.STATES,
        "tones": forms.TONES,
        "modes": MODES,
    }


@bp.post("/events/<uuid:occurrence_id>/check-in/code")
@guarded_by(policies.may_keep_door, find=queries.door_for)
def type_code(occurrence: Occurrence) -> Response:
    """A code, typed."""
    form = CodeForm()
    if not form.validate_on_submit():
        return invalid("attendance/door.html", **_listing(occurrence, form))
    actor_id, occurrence_id = current_actor().person_id, occurrence.id
    with writing() as db:
        result = services.type_code(db, actor_id, occurrence_id=occurrence_id, code=form.code.data)
    return done(
        _said(occurrence_id, result.outcome, result.rsvp_id),
        to=flask.url_for(".door", occurrence_id=occurrence_id),
        category=FOUND if result.outcome is Outcome.CHECKED_IN else NOT_FOUND,
        undo=_undo(occurrence_id, result.rsvp_id) if result.outcome is Outcome.CHECKED_IN else None,
    )


def _undo(occurrence_id: UUID, rsvp_id: UUID | None) -> str:
    return flask.url_for(".undo", occurrence_id=occurrence_id, rsvp_id=rsvp_id)


def _said(occurrence_id: UUID, outcome: Outcome, rsvp_id: UUID | None) -> str:
    """The outcome with the name or the letters; of a hidden event the outcome alone."""
    words = str(forms.OUTCOMES[outcome])
    db, actor = reading(), current_actor()
    occurrence = queries.door_for(db, actor, occurrence_id)
    if rsvp_id is None or occurrence is None or occurrence.event.is_hidden:
        return words
    who = queries.labels(db, standing(db, actor), occurrence, [rsvp_id])[rsvp_id]
    return _("%(who)s: %(what)s", who=who, what=words)


def _list_again(occurrence_id: UUID, message: str, undo: str | None = None) -> Response:
    """The list anew, at the page where it was."""
    fresh = queries.door_for(reading(), current_actor(), occurrence_id)
    return done(
        message,
        to=flask.url_for(".door", occurrence_id=occurrence_id),
        fragment="attendance/_arrivals.html",
        undo=undo,
        **_listing(fresh),
    )


@bp.post("/events/<uuid:occurrence_id>/check-in/people/<uuid:rsvp_id>")
@guarded_by(policies.may_change_place, find=queries.place_for)
def check_in(found: Door) -> Response:
    """By name; twice is once."""
    actor_id, occurrence_id, rsvp_id = current_actor().person_id, *_ids(found)
    with writing() as db:
        services.check_in_by_name(db, actor_id, occurrence_id=occurrence_id, rsvp_id=rsvp_id)
    said = _said(occurrence_id, Outcome.CHECKED_IN, rsvp_id)
    return _list_again(occurrence_id, said, _undo(occurrence_id, rsvp_id))


def _ids(found: Door) -> tuple[UUID, UUID]:
    return found.occurrence.id, found.rsvp.id


@bp.post("/events/<uuid:occurrence_id>/check-in/people/<uuid:rsvp_id>/undo")
@guarded_by(policies.may_change_place, find=queries.place_for)
def undo(found: Door) -> Response:
    """It was somebody else."""
    actor_id, occurrence_id, rsvp_id = current_actor().person_id, *_ids(found)
    with writing() as db:
        services.undo(db, actor_id, occurrence_id=occurrence_id, rsvp_id=rsvp_id)
    return _list_again(occurrence_id, _("The check-in is taken back."))


@bp.post("/events/<uuid:occurrence_id>/check-in/people/<uuid:rsvp_id>/guests")
@guarded_by(policies.may_change_place, find=queries.place_for)
def guests(found: Door) -> Response:
    """How many guests came along."""
    form, (occurrence_id, rsvp_id) = GuestsForm(), _ids(found)
    if not form.validate_on_submit():
        return invalid("attendance/door.html", **_listing(found.occurrence))
    actor_id = current_actor().person_id
    with writing() as db:
        services.count_guests(
            db,
            actor_id,
            occurrence_id=occurrence_id,
            rsvp_id=rsvp_id,
            guests=form.guests.data,
        )
    return _list_again(occurrence_id, _("The guests are counted."))


@bp.get("/events/<uuid:occurrence_id>/check-in/walk-in")
@guarded_by(policies.may_keep_door, find=queries.door_for)
def walk_ins(occurrence: Occurrence) -> flask.Response:
    """Look somebody up who comes without an answer."""
    db, q = reading(), flask.request.args.get("q", "").strip()[:100]
    mine = standing(db, current_actor())
    return page(
        "attendance/walk_in.html",
        fragment="attendance/_walk_ins.html",
        people=queries.walk_in_people(db, mine, occurrence, q),
        q=q,
        modes=MODES,
        **head(occurrence),
    )


@bp.post("/events/<uuid:occurrence_id>/check-in/walk-in")
@guarded_by(policies.may_keep_door, find=queries.door_for)
def walk_in(occurrence: Occurrence) -> Response:
    """Give a free seat and check in, in one act."""
    form, occurrence_id = WalkInForm(), occurrence.id
    back = flask.url_for(".walk_ins", occurrence_id=occurrence_id)
    if not form.validate_on_submit() or form.person_id is None:
        return done(_("Choose somebody from the list."), to=back, category="danger")
    actor_id, mode = current_actor().person_id, form.mode.data
    mode = mode or next(iter(occurrence.modes), Mode.IN_PERSON)
    with writing() as db:
        outcome = services.walk_in(
            db, actor_id, occurrence_id=occurrence_id, person_id=form.person_id, mode=mode
        )
    return done(str(forms.OUTCOMES[outcome]), to=back)


@bp.get("/events/<uuid:occurrence_id>/check-in/screen")
@guarded_by(policies.may_keep_door, find=queries.door_for)
def screen(occurrence: Occurrence) -> flask.Response:
    """The code of the room, large, for everybody to read; it changes by itself."""
    now, occurrence_id = clock.now(), occurrence.id
    here = flask.url_for(".here", occurrence_id=occurrence_id)
    base = flask.current_app.extensions["settings"].base_url
    return page(
        "attendance/screen.html",
        fragment="attendance/_room_code.html",
        code=room_code(queries.key(), occurrence_id, now),
        seconds=room_seconds_left(now),
        address=f"{base}{here}",
        picture=qr(f"{base}{here}"),
        is_open=is_open(now, occurrence.starts_at, occurrence.ends_at),
        **head(occurrence),
    )
