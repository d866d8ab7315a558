"""The desk of handlers: what they may read, opening it, and everything they do about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import flask
from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.concerns import policies, queries
from app.concerns.forms import AnswerForm, DecisionForm, NoteForm, PersonForm
from app.concerns.labels import STATES
from app.concerns.models import Concern
from app.concerns.rules import READ_FOR, ConcernState, EntryKind, Outcome
from app.concerns.sealing import opened
from app.concerns.services import contact, handling
from app.concerns.views.base import bp, me
from app.core import clock
from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.mentoring.rules import EndingCode

PAGE = "concerns/desk_one.html"


@bp.get("/desk/")
@guarded_by(policies.may_use_desk)
def desk() -> flask.Response:
    """What the reader may open, the most urgent first; not a word of it stands here."""
    asked = flask.request.args.get("state", "")
    state = ConcernState(asked) if asked in list(ConcernState) else None
    rows = queries.on_desk(reading(), current_actor(), state)
    filters = [(one.value, words) for one, (words, _tone) in STATES.items()]
    shown = {"rows": rows, "chosen": asked, "filters": filters}
    return page("concerns/desk.html", today=clock.now().date(), me=me(), **shown)


@bp.get("/desk/<uuid:concern_id>/")
@guarded_by(policies.may_handle, find=queries.desk_concern)
def case(concern: Concern) -> flask.Response:
    """One concern; its words once they were opened, which the person sees."""
    return page(PAGE, **_case(concern))


def _case(concern: Concern, **forms: Any) -> dict[str, Any]:
    db = reading()
    reads = queries.reads_of(db, concern.id)
    mine = [one.read_at for one in reads if one.person_id == me()]
    is_open = bool(mine) and clock.now() < max(mine) + READ_FOR
    entries = queries.entries_of(db, concern.id, for_raiser=False) if is_open else []
    return {
        "concern": concern,
        "words": opened(concern, entries),
        "is_open": is_open,
        "is_fresh": is_open and max(mine) >= concern.moved_at,
        "reads": reads,
        "readers": queries.readers_now(db, concern),
        "me": me(),
        "note_form": NoteForm(formdata=None),
        "answer_form": AnswerForm(formdata=None),
        "decision_form": decision_form(concern, formdata=None),
        "note": EntryKind.NOTE,
        **forms,
    }


def decision_form(concern: Concern, **given: Any) -> DecisionForm:
    """What can be decided as things stand: nothing that would be refused."""
    way = contact.way_to_stop(reading(), concern.pair, concern.raised_by)
    return DecisionForm(concern.pair, way, **given)


def _done(message: str, concern_id: UUID) -> Response:
    return done(message, to=url_for(".case", concern_id=concern_id))


def _acted(concern: Concern, act: Callable[..., None], message: str, **fields: Any) -> Response:
    concern_id, person_id = concern.id, me()
    with writing() as db:
        act(db, person_id, concern_id=concern_id, **fields)
    return _done(message, concern_id)


def _written(
    concern: Concern, form: Any, name: str, act: Callable[..., None], message: str, **fields: Any
) -> Response:
    """The same with words; what is refused stays in its form, with the reason beside it."""
    concern_id = concern.id
    try:
        return _acted(concern, act, message, text=form.text.data, **fields)
    except Refused as refused:
        found = queries.desk_concern(reading(), current_actor(), concern_id)
        if found is None:
            raise
        form.text.errors = [refused.message]
        return invalid(PAGE, **_case(found, **{name: form}))


@bp.post("/desk/<uuid:concern_id>/reading")
@guarded_by(policies.may_handle, find=queries.desk_concern)
def open_words(concern: Concern) -> Response:
    """Open the words; the person sees who did and when."""
    return _acted(concern, handling.open_words, _("Opened. The person sees that you read it."))


@bp.post("/desk/<uuid:concern_id>/taking")
@guarded_by(policies.may_handle, find=queries.desk_concern)
def take(concern: Concern) -> Response:
    """Say that one looks after it."""
    return _acted(concern, handling.take, _("You look after it. The person sees that."))


@bp.post("/desk/<uuid:concern_id>/notes")
@guarded_by(policies.may_handle, find=queries.desk_concern)
def note(concern: Concern) -> Response:
    """Write something down for the readers alone."""
    form = NoteForm()
    if not form.validate_on_submit():
        return invalid(PAGE, **_case(concern, note_form=form))
    return _written(concern, form, "note_form", handling.note, _("Noted."))


@bp.post("/desk/<uuid:concern_id>/answers")
@guarded_by(policies.may_handle, find=queries.desk_concern)
def answer(concern: Concern) -> Response:
    """Write to the person."""
    form = AnswerForm()
    if not form.validate_on_submit():
        return invalid(PAGE, **_case(concern, answer_form=form))
    return _written(concern, form, "answer_form", handling.answer, _("Sent to the person."))


@bp.post("/desk/<uuid:concern_id>/decision")
@guarded_by(policies.may_handle, find=queries.desk_concern)
def decide(concern: Concern) -> Response:
    """Decide, and tell the person."""
    form = decision_form(concern)
    if not form.validate_on_submit():
        return invalid(PAGE, **_case(concern, decision_form=form))
    code, said = form.code.data if "code" in form else None, _("Decided. The person can read it.")
    chosen = {"outcome": Outcome(form.outcome.data), "code": EndingCode(code) if code else None}
    return _written(concern, form, "decision_form", handling.decide, said, **chosen)


@bp.route("/desk/<uuid:concern_id>/handover", methods=["GET", "POST"])
@guarded_by(policies.may_handle, find=queries.desk_concern)
def hand_over(concern: Concern) -> Response:
    """Give it to another handler."""
    others = [person for person in queries.free_for(reading(), concern) if person.id != me()]
    form = PersonForm(others)
    if not form.is_submitted():
        return page("concerns/hand_over.html", concern=concern, form=form, others=others)
    if not form.validate():
        return invalid("concerns/hand_over.html", concern=concern, form=form, others=others)
    said = _("Handed over. The person sees who reads it now, too.")
    return _acted(concern, handling.hand_over, said, person_id=UUID(form.person.data))


@bp.post("/desk/<uuid:concern_id>/closing")
@guarded_by(policies.may_handle, find=queries.desk_concern)
def close(concern: Concern) -> Response:
    """Close what was handled."""
    return _acted(concern, handling.close, _("Closed."))
