"""The acts on sessions: plan, move, cancel, undo, and say whether one took place."""

from __future__ import annotations

from uuid import UUID

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import writing
from app.core.errors import Refused
from app.core.pages import done, invalid
from app.core.policies import current_actor, guarded_by
from app.mentoring import queries
from app.mentoring.forms import PlanForm
from app.mentoring.models import Meeting, Relationship
from app.mentoring.policies import may_change_session, may_open_session, may_work
from app.mentoring.rules import Claim, SessionState
from app.mentoring.services import attending, proposing, sessions, undoing
from app.mentoring.views.acting import acted, found_pair, me
from app.mentoring.views.base import bp
from app.mentoring.views.workspace import context


def _plan_form(pair: Relationship) -> PlanForm:
    actor = current_actor()
    return PlanForm([actor.zone, *(member.person.zone for member in pair.members), "UTC"])


def _asked_again(pair: Relationship, form: PlanForm) -> Response:
    return invalid(
        "mentoring/workspace.html",
        fragment="mentoring/_next_session.html",
        **context(pair, plan_form=form),
    )


@bp.post("/<uuid:relationship_id>/sessions")
@guarded_by(may_work, find=queries.relationship_for)
def plan(pair: Relationship) -> Response:
    """Plan the next session by hand."""
    form = _plan_form(pair)
    if not form.validate_on_submit():
        return _asked_again(pair, form)
    pair_id, person_id = pair.id, me()
    with writing() as db:
        meeting = sessions.plan(
            db,
            person_id,
            relationship_id=pair_id,
            wall_time=form.wall_time,
            zone=form.zone.data,
            fold=form.fold.data,
            minutes=int(form.minutes.data),
            place=form.place.data or "",
        )
        undo = url_for(".cancel", session_id=meeting.id)
    said = _("The session is planned. Everybody gets reminders.")
    return acted(said, pair_id, "next_session", undo=undo)


@bp.post("/sessions/<uuid:session_id>/time")
@guarded_by(may_change_session, find=queries.session_for)
def reschedule(meeting: Meeting) -> Response:
    """Move a session."""
    session_id, pair_id, person_id = meeting.id, meeting.relationship_id, me()
    pair = found_pair(pair_id)
    form = _plan_form(pair)
    if not form.validate_on_submit():
        return _asked_again(pair, form)
    with writing() as db:
        sessions.reschedule(
            db,
            person_id,
            session_id=session_id,
            wall_time=form.wall_time,
            zone=form.zone.data,
            fold=form.fold.data,
            minutes=int(form.minutes.data),
            place=form.place.data or "",
        )
    said = _("The session is moved. Calendars and reminders follow.")
    return acted(said, pair_id, "next_session", undo=url_for(".put_back", session_id=session_id))


@bp.post("/sessions/<uuid:session_id>/cancellation")
@guarded_by(may_change_session, find=queries.session_for)
def cancel(meeting: Meeting) -> Response:
    """Cancel a session, or take back times that were proposed."""
    session_id, pair_id, person_id = meeting.id, meeting.relationship_id, me()
    was_proposed = meeting.state is SessionState.PROPOSED
    with writing() as db:
        sessions.cancel(db, person_id, session_id=session_id)
    if was_proposed:
        return acted(_("The times are not proposed any more."), pair_id, "next_session")
    said = _("The session is canceled; it leaves all calendars.")
    return acted(said, pair_id, "next_session", undo=url_for(".put_back", session_id=session_id))


@bp.post("/sessions/<uuid:session_id>/former-time")
@guarded_by(may_change_session, find=queries.session_for)
def put_back(meeting: Meeting) -> Response:
    """Undo a move or a cancellation."""
    session_id, pair_id, person_id = meeting.id, meeting.relationship_id, me()
    with writing() as db:
        undoing.put_back(db, person_id, session_id=session_id)
    return acted(_("Undone. Calendars and reminders follow."), pair_id, "next_session")


@bp.post("/sessions/<uuid:session_id>/choice")
@guarded_by(may_change_session, find=queries.session_for)
def choose(meeting: Meeting) -> Response:
    """Take one of the proposed times, with one tap."""
    session_id, pair_id, person_id = meeting.id, meeting.relationship_id, me()
    try:
        slot_id = UUID(request.form.get("slot", ""))
    except ValueError:
        raise Refused(_("Choose one of the times."), 422) from None
    with writing() as db:
        proposing.accept(db, person_id, session_id=session_id, slot_id=slot_id)
    said = _("It is settled. The session goes to your calendars.")
    return acted(said, pair_id, "next_session", undo=url_for(".cancel", session_id=session_id))


@bp.post("/sessions/<uuid:session_id>/reply")
@guarded_by(may_change_session, find=queries.session_for)
def reply(meeting: Meeting) -> Response:
    """Say whether one comes."""
    said = request.form.get("coming", "")
    if said not in ("yes", "no"):
        raise Refused(_("Choose yes or no."), 422)
    session_id, person_id = meeting.id, me()
    with writing() as db:
        attending.reply(db, person_id, session_id=session_id, is_coming=said == "yes")
    return done(_("Your answer is saved."), to=url_for(".session", session_id=session_id))


@bp.post("/sessions/<uuid:session_id>/claim")
@guarded_by(may_open_session, find=queries.session_for)
def claim(meeting: Meeting) -> Response:
    """Say whether a session took place, also after the end; whoever met is asked how it was."""
    said = request.form.get("said", "")
    if said not in list(Claim):
        raise Refused(_("Choose one of the four answers."), 422)
    session_id, pair_id, person_id = meeting.id, meeting.relationship_id, me()
    with writing() as db:
        sessions.answer(db, person_id, session_id=session_id, said=Claim(said))
    if said == Claim.MET:
        return done(_("Thank you. That is noted."), to=url_for(".session", session_id=session_id))
    return acted(_("Thank you. That is noted."), pair_id, "next_session")
