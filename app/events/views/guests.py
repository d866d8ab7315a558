"""Organizers see who comes, as far as people let them, and decide about places."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.events import forms, policies, queries, services
from app.events.forms.answering import ReasonForm
from app.events.models import Occurrence, Rsvp
from app.events.rules import RsvpState, questions_of
from app.events.views.base import bp

LIST = "events/_guests.html"
WORDS = {
    "asking": _l("Asking to come"),
    "coming": _l("Coming"),
    "waiting": _l("Waiting"),
    "maybe": _l("Maybe"),
    "removed": _l("Taken off the list"),
}
SHORT = {
    RsvpState.PENDING_APPROVAL: _l("Asks to come"),
    RsvpState.GOING: _l("Going"),
    RsvpState.CHECKED_IN: _l("There"),
    RsvpState.ATTENDED: _l("Was there"),
    RsvpState.OFFERED: _l("Has an offer"),
    RsvpState.WAITLISTED: _l("Waits"),
    RsvpState.MAYBE: _l("Maybe"),
    RsvpState.REMOVED: _l("Taken off"),
}


@bp.get("/events/<uuid:occurrence_id>/people")
@guarded_by(policies.may_run, find=queries.occurrence_for)
def people(occurrence: Occurrence) -> flask.Response:
    """Everybody who answered, by name or by alias, and what they told."""
    told = queries.told_of(reading(), occurrence)
    return page("events/people.html", fragment=LIST, told=told, **_list(occurrence))


def _list(occurrence: Occurrence) -> dict[str, Any]:
    wanted = queries.WantedPeople.of(flask.request.args)
    return {
        "occurrence": occurrence,
        "found": queries.people_of(reading(), current_actor(), occurrence, wanted),
        "wanted": wanted,
        "groups": WORDS,
        "states": SHORT,
        "modes": forms.MODES,
        "questions": questions_of(occurrence.event.questions),
    }


def _decided(occurrence_id: UUID, message: str, undo: str | None = None) -> Response:
    """Back to the list of the date, or to the desk the button stood on."""
    to = flask.url_for(".people", occurrence_id=occurrence_id)
    return done(message, to=to, undo=undo)


@bp.post("/events/people/<uuid:rsvp_id>/admission")
@guarded_by(policies.may_decide, find=queries.answer_for)
def admit(rsvp: Rsvp) -> Response:
    """Say yes to somebody who asked."""
    person_id, rsvp_id, occurrence_id = current_actor().person_id, rsvp.id, rsvp.occurrence_id
    with writing() as db:
        state = services.admit(db, person_id, rsvp_id=rsvp_id).state
    said = (
        _("Admitted.") if state is not RsvpState.WAITLISTED else _("Admitted to the waiting list.")
    )
    return _decided(occurrence_id, said, flask.url_for(".hold_back", rsvp_id=rsvp_id))


@bp.post("/events/people/<uuid:rsvp_id>/hold")
@guarded_by(policies.may_decide, find=queries.answer_for)
def hold_back(rsvp: Rsvp) -> Response:
    """Take the yes back."""
    person_id, rsvp_id, occurrence_id = current_actor().person_id, rsvp.id, rsvp.occurrence_id
    with writing() as db:
        services.hold_back(db, person_id, rsvp_id=rsvp_id)
    return _decided(occurrence_id, _("The question is open again."))


@bp.get("/events/people/<uuid:rsvp_id>/removal")
@guarded_by(policies.may_decide, find=queries.answer_for)
def ask_removal(rsvp: Rsvp) -> flask.Response:
    """The page that asks why somebody gets no place."""
    return page("events/removal.html", **_one(rsvp, ReasonForm()))


def _one(rsvp: Rsvp, form: ReasonForm) -> dict[str, Any]:
    line = queries.line_of(reading(), current_actor(), rsvp)
    return {"line": line, "rsvp": rsvp, "occurrence": rsvp.occurrence, "form": form}


@bp.post("/events/people/<uuid:rsvp_id>/removal")
@guarded_by(policies.may_decide, find=queries.answer_for)
def remove(rsvp: Rsvp) -> Response:
    """Decline, or take a place away, with a reason."""
    form = ReasonForm()
    if not form.validate_on_submit():
        return invalid("events/removal.html", **_one(rsvp, form))
    person_id, rsvp_id, occurrence_id = current_actor().person_id, rsvp.id, rsvp.occurrence_id
    with writing() as db:
        services.remove(db, person_id, rsvp_id=rsvp_id, reason=form.reason.data)
    return _decided(
        occurrence_id,
        _("Taken off the list. The person is told in ten minutes."),
        flask.url_for(".restore", rsvp_id=rsvp_id),
    )


@bp.post("/events/people/<uuid:rsvp_id>/restoration")
@guarded_by(policies.may_decide, find=queries.answer_for)
def restore(rsvp: Rsvp) -> Response:
    """Take a removal back."""
    person_id, rsvp_id, occurrence_id = current_actor().person_id, rsvp.id, rsvp.occurrence_id
    with writing() as db:
        services.restore(db, person_id, rsvp_id=rsvp_id)
    return _decided(occurrence_id, _("Back on the list, as far as there are seats."))
