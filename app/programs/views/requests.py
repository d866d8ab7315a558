"""Requests of mentees to mentors: asked, answered, taken back; the next step for both."""

from __future__ import annotations

from typing import Any

import flask
from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.messages import shown_name
from app.core import clock
from app.core.database import reading, writing
from app.core.locale import datetime_text
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by, signed_in
from app.programs import queries
from app.programs.forms import AskForm, DeclineForm
from app.programs.labels import STATES
from app.programs.models import MatchRequest, MatchRun
from app.programs.policies import (
    may_answer_request,
    may_ask_mentor,
    may_end_request,
    may_see_request,
    may_take_request_back,
    may_undo_decline,
)
from app.programs.queries import requests as found_requests
from app.programs.queries.requests import Asking, request_for
from app.programs.rules import Purpose, RequestState, Role, RunState
from app.programs.services import requests as services
from app.programs.texts import answer_text, told, why_this, words_of
from app.programs.views.base import bp, page_number


@bp.route(
    "/enrollments/<uuid:enrollment_id>/mentors/<uuid:mentor_id>/request", methods=["GET", "POST"]
)
@guarded_by(may_ask_mentor, find=found_requests.asking_for)
def ask(asking: Asking) -> Response:
    """Ask somebody of one's own list, with a short note."""
    form = AskForm()
    if not form.is_submitted():
        return page("programs/ask.html", **_asking(asking, form))
    if not form.validate():
        return invalid("programs/ask.html", **_asking(asking, form))
    who = {"run_id": asking.run.id, "mentee_id": asking.enrollment.id}
    mentor_id, name = asking.choice.entry.mentor_id, shown_name(asking.choice.person)
    with writing() as db:
        person_id, note = current_actor().person_id, (form.note.data or "").strip()
        row = services.ask(db, person_id, mentor_id=mentor_id, note=note, **who)
        request_id = row.id
    return done(
        _("Asked. %(name)s has a week to answer.", name=name),
        to=url_for(".request", request_id=request_id),
        undo=url_for(".withdraw_request", request_id=request_id),
    )


def _asking(asking: Asking, form: AskForm) -> dict[str, Any]:
    words = _words(asking.enrollment.cohort)
    return {
        "enrollment": asking.enrollment,
        "program": asking.enrollment.cohort.program,
        "choice": asking.choice,
        "why": why_this(asking.choice.entry.reasons, words)[0],
        "form": form,
    }


def _words(cohort: Any) -> dict[str, str]:
    kept = queries.enrollment_form(reading(), cohort)
    return words_of(kept.fields if kept else [])


@bp.get("/requests/")
@guarded_by(signed_in)
def requests() -> flask.Response:
    """What mentees ask the reader."""
    asked = flask.request.args
    q, wanted = asked.get("q", "")[:200], asked.get("state", "")
    state = RequestState(wanted) if wanted in list(RequestState) else None
    found = found_requests.requests_to(reading(), current_actor(), page_number(), q=q, state=state)
    return page(
        "programs/requests.html",
        fragment="programs/_requests.html",
        found=found,
        q=q,
        state=state,
        states={one: label for one, (label, _tone) in STATES[RequestState].items()},
    )


@bp.get("/requests/<uuid:request_id>/")
@guarded_by(may_see_request, find=request_for)
def request(row: MatchRequest) -> flask.Response:
    """Who asks whom, how it stands, and what comes next."""
    return page("programs/request.html", form=DeclineForm(), **_context(row))


def _context(row: MatchRequest) -> dict[str, Any]:
    is_mentor = found_requests.side_of_request(current_actor(), row) is Role.MENTOR
    side = Role.MENTOR if is_mentor else Role.MENTEE
    other = row.mentee if is_mentor else row.mentor
    kept = queries.enrollment_form(reading(), row.cohort)
    fields = kept.fields if kept else []
    shown = [
        (told(field.label), answer_text(field, other.answers[field.key]))
        for field in fields
        if is_mentor and field.purpose is Purpose.VISIBLE and other.answers.get(field.key)
    ]
    state = found_requests.state_for(row, side)
    run = reading().get_one(MatchRun, row.run_id)
    return {
        "row": row,
        "side": side,
        "state": state,
        "other": other,
        "program": row.cohort.program,
        "why": why_this(row.reasons, words_of(fields))[0],
        "shown": shown,
        "next_step": _to_mentor(row) if is_mentor else _to_mentee(row, run, state),
        "has_list": run.state is RunState.REVIEW,
    }


def _to_mentor(row: MatchRequest) -> str:
    """The mentor's next step."""
    if row.state is RequestState.ASKED:
        return _(
            "Please answer by %(when)s. Without an answer the request ends by itself.",
            when=datetime_text(row.expires_at),
        )
    if row.state is RequestState.ACCEPTED:
        return _("You are a pair now. Plan your first session.")
    if row.state is RequestState.DECLINED and not found_requests.has_heard(row):
        return _(
            "You said no. You can take that back for ten minutes; then the mentee hears of it."
        )
    return _("Nothing is left to do for you. Somebody else is asked.")


def _to_mentee(row: MatchRequest, run: MatchRun, state: RequestState) -> str:
    """The mentee's next step."""
    if state is RequestState.ASKED:
        return _(
            "%(name)s has until %(when)s to answer. You may take the request back until then.",
            name=shown_name(row.mentor.person),
            when=datetime_text(row.expires_at),
        )
    if state is RequestState.ACCEPTED:
        return _("You are a pair now. Plan your first session.")
    choices = found_requests.choices_of(reading(), row.mentee_id, row.run_id)
    following = found_requests.next_choice(choices)
    if following is None or run.choice_until is None or run.choice_until <= clock.now():
        return _("Nothing is left to do for you: the organizers find you a match.")
    return _("Ask %(name)s, the next on your list.", name=shown_name(following.person))


@bp.post("/requests/<uuid:request_id>/acceptance")
@guarded_by(may_answer_request, find=request_for)
def accept_request(row: MatchRequest) -> Response:
    """The mentor says yes: a pair at once, for the mentee has said so by asking."""
    request_id, person_id = row.id, current_actor().person_id
    with writing() as db:
        path = services.accept(db, person_id, request_id=request_id)
    to = path or url_for(".request", request_id=request_id)
    return done(_("You are a pair now. Plan your first session."), to=to)


@bp.post("/requests/<uuid:request_id>/decline")
@guarded_by(may_answer_request, find=request_for)
def decline_request(row: MatchRequest) -> Response:
    """The mentor says no, with a reason for the organizers alone."""
    form = DeclineForm()
    if not form.validate_on_submit():
        return invalid("programs/request.html", form=form, **_context(row))
    request_id, person_id = row.id, current_actor().person_id
    answer = {"reason": form.why, "note": form.note.data or "", "no_more": form.no_more.data}
    with writing() as db:
        services.decline(db, person_id, request_id=request_id, **answer)
    return done(
        _("Thank you for saying so. Somebody else is asked."),
        to=url_for(".requests"),
        undo=url_for(".undo_decline", request_id=request_id),
    )


@bp.post("/requests/<uuid:request_id>/decline/undoing")
@guarded_by(may_undo_decline, find=request_for)
def undo_decline(row: MatchRequest) -> Response:
    """Take a fresh no back."""
    request_id, person_id = row.id, current_actor().person_id
    with writing() as db:
        services.undo_decline(db, person_id, request_id=request_id)
    return done(
        _("Taken back. The request waits for your answer."),
        to=url_for(".request", request_id=request_id),
    )


@bp.post("/requests/<uuid:request_id>/withdrawal")
@guarded_by(may_take_request_back, find=request_for)
def withdraw_request(row: MatchRequest) -> Response:
    """The mentee takes a request back."""
    request_id = row.id
    with writing() as db:
        services.withdraw(db, current_actor().person_id, request_id=request_id)
    return done(
        _("Taken back. You may ask somebody else."),
        to=url_for(".request", request_id=request_id),
    )


@bp.post("/requests/<uuid:request_id>/ending")
@guarded_by(may_end_request, find=request_for)
def end_request(row: MatchRequest) -> Response:
    """An organizer ends a request that nobody answers."""
    request_id, cohort_id = row.id, row.cohort_id
    with writing() as db:
        services.take_back(db, current_actor().person_id, request_id=request_id)
    return done(
        _("Ended. The mentee is told whom to ask next."),
        to=url_for(".overdue", cohort_id=cohort_id),
    )
