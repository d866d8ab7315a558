"""An event and the answer to it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core import clock
from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.ergs.queries import standing
from app.events import forms, policies, queries, services
from app.events.forms import AnswerForm
from app.events.models import Occurrence, Rsvp
from app.events.registry import Extra
from app.events.rules import GIVEN_UP, Reply, RsvpState
from app.events.views.added import added, extras_of
from app.events.views.base import bp


@bp.get("/events/<uuid:occurrence_id>/")
@guarded_by(policies.may_see, find=queries.shown_for)
def show(occurrence: Occurrence) -> flask.Response:
    """An event, who comes as far as they let it be known, and one's own answer."""
    return page("events/show.html", **{**_about(occurrence), **_answering(occurrence)})


def _about(occurrence: Occurrence) -> dict[str, Any]:
    db, actor, event = reading(), current_actor(), occurrence.event
    return {
        "kinds": forms.KINDS,
        "access": forms.ACCESS,
        "states": forms.STATES,
        "audiences": forms.AUDIENCES,
        "hosts": queries.visible_hosts(event, standing(db, actor)),
        "names": queries.attendees(db, actor, occurrence),
        "runs": policies.leads_host(actor, event),
        **added(occurrence),
    }


def _answering(
    occurrence: Occurrence,
    form: AnswerForm | None = None,
    *,
    asked: list[Extra] | None = None,
    fresh: bool = False,
) -> dict[str, Any]:
    db, event = reading(), occurrence.event
    rsvp = queries.rsvp_of(db, occurrence.id, current_actor().person_id)
    is_waiting = rsvp is not None and rsvp.state is RsvpState.WAITLISTED
    counts = not event.is_hidden or policies.leads_host(current_actor(), event)
    places = queries.places(db, occurrence) if counts else {}
    return {
        "occurrence": occurrence,
        "event": event,
        "rsvp": rsvp,
        "extras": asked if asked is not None else extras_of(occurrence, fresh=fresh),
        "modes": forms.MODES,
        "form": form or AnswerForm.of(occurrence, rsvp, fresh=fresh),
        "is_open": policies.is_open(occurrence),
        "is_over": clock.now() >= occurrence.ends_at and not policies.is_paused(occurrence),
        "is_closed": clock.now() >= occurrence.answers_until,
        "places": places,
        "outlook": queries.outlook(db, rsvp, places) if is_waiting else None,
        "shown_to": forms.SHOWN_TO,
    }


@bp.post("/events/<uuid:occurrence_id>/rsvp")
@guarded_by(policies.may_answer, find=queries.occurrence_for)
def answer(occurrence: Occurrence) -> Response:
    """Say whether one comes."""
    occurrence_id, form = occurrence.id, AnswerForm.of(occurrence, None)
    asked = extras_of(occurrence)
    if not form.validate_on_submit() or not all(_is_fine(form, extra) for extra in asked):
        return invalid(
            "events/show.html",
            fragment="events/_rsvp.html",
            **{**_about(occurrence), **_answering(occurrence, form, asked=asked)},
        )
    if form.queued.data:
        return _sent_later(occurrence_id, form, asked)
    message = _say(occurrence_id, form, asked)
    fresh = queries.occurrence_for(reading(), current_actor(), occurrence_id)
    now = _answering(fresh, fresh=True)
    return done(
        message,
        to=flask.url_for(".show", occurrence_id=occurrence_id),
        fragment="events/_rsvp.html",
        **_way_back(fresh, now["rsvp"]),
        **now,
    )


def _way_back(occurrence: Occurrence, rsvp: Rsvp) -> dict[str, str]:
    """The undo of stepping back is to ask again, with what was said before, while one may ask."""
    may_ask = policies.is_open(occurrence) and clock.now() < occurrence.answers_until
    if rsvp.state not in GIVEN_UP or not may_ask:
        return {}
    back = flask.url_for(".come_after_all", occurrence_id=occurrence.id)
    return {"undo": back, "undo_text": _("Come after all")}


@bp.post("/events/<uuid:occurrence_id>/rsvp/undo")
@guarded_by(policies.may_answer, find=queries.occurrence_for)
def come_after_all(occurrence: Occurrence) -> Response:
    """Ask for a seat again right after giving it up; if it went on, one waits."""
    person_id, occurrence_id = current_actor().person_id, occurrence.id
    with writing() as db:
        message = _said(services.come_after_all(db, person_id, occurrence_id=occurrence_id))
    return done(message, to=flask.url_for(".show", occurrence_id=occurrence_id))


def _is_fine(form: AnswerForm, extra: Extra) -> bool:
    """Who does not come need not answer anything else."""
    return form.reply.data is not Reply.GOING or bool(extra.form.validate())


def _say(occurrence_id: UUID, form: AnswerForm, asked: list[Extra]) -> str:
    person_id = current_actor().person_id
    assert person_id is not None
    with writing() as db:
        rsvp = services.answer(
            db,
            person_id,
            occurrence_id=occurrence_id,
            reply=form.reply.data,
            mode=form.mode.data,
            guests=form.guests.data or 0,
            visibility=form.visibility.data,
            names=form.names,
            told=form.told,
            key=form.key.data or "",
            seen=form.seen_count,
        )
        for extra in asked if form.reply.data is Reply.GOING else ():
            extra.keep(db, rsvp)
        return _said(rsvp)


def _sent_later(occurrence_id: UUID, form: AnswerForm, asked: list[Extra]) -> flask.Response:
    """To the worker of the device, which waited for the connection: what became of the answer."""
    try:
        said = _say(occurrence_id, form, asked)
    except Refused as refused:
        said = refused.message
    return flask.jsonify(said=said)


def _said(rsvp: Rsvp) -> str:
    return {
        RsvpState.GOING: _("You are going. Your calendar entry is on its way."),
        RsvpState.CHECKED_IN: _("You are going. Your calendar entry is on its way."),
        RsvpState.WAITLISTED: _("You are on the waiting list. You will be told at once."),
        RsvpState.OFFERED: _("A seat is kept for you. Accept it in time."),
        RsvpState.MAYBE: _("Noted as maybe. No seat is kept for you."),
        RsvpState.PENDING_APPROVAL: _("The organizers will answer you."),
    }.get(rsvp.state, _("Noted: you are not coming."))
