"""What one needs, and its answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.attendance import forms, policies, queries, services
from app.attendance.forms import AnswerForm, NeedsForm
from app.attendance.models import AccessNeed
from app.attendance.queries import Door
from app.attendance.rules import NeedState
from app.attendance.views.base import bp, head
from app.core.database import reading, writing
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.ergs.queries import standing
from app.events import queries as events
from app.events.models import Occurrence


@bp.get("/events/<uuid:occurrence_id>/needs")
@guarded_by(policies.may_ask, find=queries.own_place_for)
def needs(found: Door) -> flask.Response:
    """What one needs to take part, all of it optional."""
    return page("attendance/needs.html", **_asking(found.occurrence))


def _asking(occurrence: Occurrence, form: NeedsForm | None = None) -> dict[str, Any]:
    db = reading()
    need = queries.own_need(db, occurrence.id, current_actor().person_id)
    return {
        "form": form or NeedsForm.of(need),
        "need": need,
        "need_states": forms.NEED_STATES,
        "has_access_lead": bool(queries.access_leads(db, occurrence.event)),
        **head(occurrence),
    }


@bp.post("/events/<uuid:occurrence_id>/needs")
@guarded_by(policies.may_ask, find=queries.own_place_for)
def say_needs(found: Door) -> Response:
    """Keep it, sealed."""
    form, occurrence_id = NeedsForm(), found.occurrence.id
    if not form.validate_on_submit():
        return invalid("attendance/needs.html", **_asking(found.occurrence, form))
    person_id, words = current_actor().person_id, (form.text.data or "").strip()
    with writing() as db:
        row = services.say_needs(
            db, person_id, occurrence_id=occurrence_id, kinds=form.kinds.data or (), text=words
        )
    return done(
        _("Saved. You are told as soon as there is an answer.")
        if row
        else _("Nothing is kept about what you need."),
        to=flask.url_for("events.show", occurrence_id=occurrence_id),
    )


@bp.post("/events/<uuid:occurrence_id>/needs/removal")
@guarded_by(policies.may_ask, find=queries.own_place_for)
def take_back_needs(found: Door) -> Response:
    """Nothing is needed any more."""
    person_id, occurrence_id = current_actor().person_id, found.occurrence.id
    with writing() as db:
        services.take_back_needs(db, person_id, occurrence_id=occurrence_id)
    return done(
        _("Nothing is kept about what you need."),
        to=flask.url_for("events.show", occurrence_id=occurrence_id),
    )


@bp.get("/events/<uuid:occurrence_id>/access")
@guarded_by(policies.may_read_needs, find=events.occurrence_for)
def access(occurrence: Occurrence) -> flask.Response:
    """What people need, to whoever looks after access, and to nobody else."""
    occurrence_id, found = occurrence.id, _reading(occurrence)
    answer = page("attendance/access.html", **found)
    answer.headers["Cache-Control"] = "private, no-store"
    if found["needs"]:
        with writing() as db:
            services.note_reading(db, current_actor().person_id, occurrence_id=occurrence_id)
    return answer


def _reading(
    occurrence: Occurrence, form: AnswerForm | None = None, at: UUID | None = None
) -> dict[str, Any]:
    db = reading()
    return {
        "needs": queries.needs_of(db, standing(db, current_actor()), occurrence),
        "words": forms.NEEDS,
        "need_states": forms.NEED_STATES,
        "form": form or AnswerForm(),
        "form_at": at,
        **head(occurrence),
    }


@bp.post("/events/<uuid:occurrence_id>/access/<uuid:need_id>")
@guarded_by(policies.may_answer_need, find=queries.need_for)
def answer_need(found: tuple[Occurrence, AccessNeed]) -> Response:
    """Arranged, or not, with words to the person."""
    form, (occurrence, need) = AnswerForm(), found
    state = _wanted_state()
    words = (form.answer.data or "").strip()
    if state is NeedState.CANNOT and not words:
        form.answer.errors = [_("Please write what is possible instead, or whom they can ask.")]
    elif form.validate_on_submit():
        return _answered(occurrence.id, need.id, state, words)
    return invalid("attendance/access.html", **_reading(occurrence, form, need.id))


def _wanted_state() -> NeedState:
    said = flask.request.form.get("state")
    return NeedState.CANNOT if said == NeedState.CANNOT else NeedState.ARRANGED


def _answered(occurrence_id: UUID, need_id: UUID, state: NeedState, words: str) -> Response:
    actor_id = current_actor().person_id
    with writing() as db:
        services.answer_need(db, actor_id, need_id=need_id, state=state, words=words)
    return done(
        _("Saved. The person is told that there is an answer."),
        to=flask.url_for(".access", occurrence_id=occurrence_id),
        undo=flask.url_for(".reopen_need", occurrence_id=occurrence_id, need_id=need_id),
    )


@bp.post("/events/<uuid:occurrence_id>/access/<uuid:need_id>/reopening")
@guarded_by(policies.may_answer_need, find=queries.need_for)
def reopen_need(found: tuple[Occurrence, AccessNeed]) -> Response:
    """Take the answer back."""
    actor_id, occurrence_id, need_id = current_actor().person_id, found[0].id, found[1].id
    with writing() as db:
        services.reopen_need(db, actor_id, need_id=need_id)
    return done(
        _("The answer is taken back."),
        to=flask.url_for(".access", occurrence_id=occurrence_id),
    )
