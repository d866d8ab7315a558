"""The page of one session: when, where, who comes, the guide; afterwards how it was."""

from __future__ import annotations

from typing import Any

import flask
from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core import clock
from app.core.database import reading, writing
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.events import ical
from app.events.queries import choices_of
from app.mentoring import queries
from app.mentoring.calendar import entry_of, links_of
from app.mentoring.forms import FeedbackForm
from app.mentoring.models import Meeting, Relationship, SessionFeedback
from app.mentoring.policies import may_open_session, may_open_workspace
from app.mentoring.queries.circles import coming, facilitator_of, quorum_of
from app.mentoring.queries.sponsorship import is_final
from app.mentoring.rules import ANSWERABLE, HELD, LIVE, Claim, SessionState, may_rate
from app.mentoring.services import attending
from app.mentoring.services.announcing import ends
from app.mentoring.views.acting import me
from app.mentoring.views.base import bp
from app.programs.rules import Format

PAGE = "mentoring/session.html"


@bp.get("/sessions/<uuid:session_id>/")
@guarded_by(may_open_session, find=queries.meeting_in_full)
def session(meeting: Meeting) -> flask.Response:
    """One session with its guide."""
    return page(PAGE, **_about(meeting))


def _about(meeting: Meeting, form: FeedbackForm | None = None) -> dict[str, Any]:
    db, actor = reading(), current_actor()
    pair, claim = meeting.pair, queries.has_said(meeting, actor.person_id)
    says_met = claim is not None and claim.answer is Claim.MET and meeting.state in HELD
    own = queries.own_feedback(db, actor.person_id, pair.id) if says_met else {}
    is_ahead = meeting.state is SessionState.SCHEDULED and meeting.starts_at > clock.now()
    people = [member for member in pair.members if member.left_at is None]
    was_there = queries.is_asked_of(meeting, pair, actor.person_id)
    return {
        "meeting": meeting,
        "pair": pair,
        "others": pair.others(actor.person_id),
        "role": pair.role_of(actor.person_id),
        "is_live": pair.state in LIVE,
        "is_ahead": is_ahead,
        "is_asked": was_there and queries.is_unanswered(meeting, actor.person_id),
        "may_answer": was_there and ends(meeting) <= clock.now() and meeting.state in ANSWERABLE,
        "said": claim and claim.answer,
        "part": queries.guide_session_of(db, meeting),
        "people": people,
        "replies": {reply.person_id: reply.is_coming for reply in meeting.replies},
        "quorum": quorum_of(pair) if len(people) > 2 else 0,
        "come": coming(meeting, pair),
        "host": facilitator_of(db, pair) if is_ahead else None,
        "links": links_of(_entry(meeting)) if is_ahead else {},
        "feedback_form": form or (_form(meeting, own.get(meeting.id)) if says_met else None),
        "promised": _promised(meeting, own),
        "given": own.get(meeting.id),
    }


def _promised(meeting: Meeting, own: dict[Any, SessionFeedback]) -> str:
    """Reverse mentoring: what the reader wrote down after the session before this one."""
    if meeting.pair.format is not Format.REVERSE:
        return ""
    before = [row for row in own.values() if row.session_id != meeting.id and row.line]
    return max(before, key=lambda row: row.given_at).line if before else ""


def _form(meeting: Meeting, given: SessionFeedback | None, *, sent: bool = False) -> FeedbackForm:
    data = {
        "rating": str(given.rating or "") if given else "",
        "line": given.line if given else "",
        "is_kept": {True: "yes", False: "no"}.get(given.is_kept, "")  # type: ignore[arg-type]
        if given
        else "",
    }
    form = FeedbackForm() if sent else FeedbackForm(formdata=None, data=data)
    is_learning = not may_rate(meeting.pair.format, meeting.pair.role_of(current_actor().person_id))
    if is_learning:
        del form.rating
        form.promise()
    if not is_learning or (given is not None and is_final(given)):
        del form.is_kept
    return form


def _entry(meeting: Meeting) -> ical.Entry:
    person_id = me()
    is_discreet = choices_of(reading(), person_id).is_discreet
    return entry_of(meeting, person_id, is_discreet=is_discreet)


@bp.get("/sessions/<uuid:session_id>/calendar.ics")
@guarded_by(may_open_session, find=queries.session_for)
def session_file(meeting: Meeting) -> flask.Response:
    """One's own entry to put into any calendar."""
    content = ical.calendar([_entry(meeting)], method="PUBLISH")
    response = flask.Response(content, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="session.ics"'
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@bp.post("/sessions/<uuid:session_id>/feedback")
@guarded_by(may_open_session, find=queries.meeting_in_full)
def give_feedback(meeting: Meeting) -> Response:
    """Say how a session was; nobody else reads it."""
    form, session_id, person_id = _form(meeting, None, sent=True), meeting.id, me()
    if not form.validate_on_submit():
        return invalid(PAGE, **_about(meeting, form))
    with writing() as db:
        attending.give_feedback(db, person_id, session_id=session_id, **form.values)
    said = _("Saved. Only you read this.") if "rating" in form else _("Saved.")
    return done(said, to=url_for(".session", session_id=session_id))


@bp.get("/<uuid:relationship_id>/sessions/")
@guarded_by(may_open_workspace, find=queries.relationship_for)
def sessions_list(pair: Relationship) -> flask.Response:
    """All sessions of a pair: those ahead, or those behind."""
    past = flask.request.args.get("show") == "past"
    number = flask.request.args.get("page", 1, type=int)
    return page(
        "mentoring/sessions.html",
        pair=pair,
        others=pair.others(current_actor().person_id),
        past=past,
        is_live=pair.state in LIVE,
        found=queries.sessions_page(reading(), pair.id, past=past, number=number),
    )
