"""The acts of a workspace, each a resource under it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.pages import done, invalid
from app.core.policies import current_actor, guarded_by
from app.mentoring import queries
from app.mentoring.forms import AgreementForm, GoalForm, NoteForm, PlanForm
from app.mentoring.models import Goal, GoalStep, Meeting, Note, Relationship
from app.mentoring.policies import (
    may_change_goal,
    may_change_session,
    may_delete_note,
    may_tick_step,
    may_work,
    may_write_notes,
)
from app.mentoring.rules import Claim, GoalState, NoteScope, Sharing
from app.mentoring.services import relationships, sessions, work
from app.mentoring.views.base import bp
from app.mentoring.views.workspace import context


def _me() -> UUID:
    person_id = current_actor().person_id
    assert person_id is not None, "the guard lets signed-in people through only"
    return person_id


def _fresh(relationship_id: UUID) -> dict[str, Any]:
    pair = queries.relationship_for(reading(), current_actor(), relationship_id)
    assert pair is not None, "the act just succeeded in this pair"
    return context(pair)


def _done(message: str, relationship_id: UUID, fragment: str) -> Response:
    """Acknowledge an act in the part of the workspace that it changed."""
    return done(
        message,
        to=url_for(".workspace", relationship_id=relationship_id),
        fragment=f"mentoring/_{fragment}.html",
        **_fresh(relationship_id),
    )


def _plan_form(pair: Relationship) -> PlanForm:
    actor = current_actor()
    return PlanForm([actor.zone, *(member.person.zone for member in pair.members), "UTC"])


@bp.post("/<uuid:relationship_id>/sessions")
@guarded_by(may_work, find=queries.relationship_for)
def plan(pair: Relationship) -> Response:
    """Plan the next session."""
    form = _plan_form(pair)
    if not form.validate_on_submit():
        return invalid(
            "mentoring/workspace.html",
            fragment="mentoring/_next_session.html",
            **context(pair, plan_form=form),
        )
    pair_id, person_id = pair.id, _me()
    with writing() as db:
        sessions.plan(
            db,
            person_id,
            relationship_id=pair_id,
            wall_time=form.wall_time,
            zone=form.zone.data,
            minutes=int(form.minutes.data),
            place=form.place.data or "",
        )
    return _done(_("The session is planned. Both of you get reminders."), pair_id, "next_session")


@bp.post("/sessions/<uuid:session_id>/time")
@guarded_by(may_change_session, find=queries.session_for)
def reschedule(meeting: Meeting) -> Response:
    """Move a session."""
    session_id, pair_id, person_id = meeting.id, meeting.relationship_id, _me()
    pair = queries.relationship_for(reading(), current_actor(), pair_id)
    assert pair is not None, "found through the actor"
    form = _plan_form(pair)
    if not form.validate_on_submit():
        return invalid(
            "mentoring/workspace.html",
            fragment="mentoring/_next_session.html",
            **context(pair, plan_form=form),
        )
    with writing() as db:
        sessions.reschedule(
            db,
            person_id,
            session_id=session_id,
            wall_time=form.wall_time,
            zone=form.zone.data,
            minutes=int(form.minutes.data),
            place=form.place.data or "",
        )
    return _done(
        _("The session is moved. Calendars and reminders follow."), pair_id, "next_session"
    )


@bp.post("/sessions/<uuid:session_id>/cancellation")
@guarded_by(may_change_session, find=queries.session_for)
def cancel(meeting: Meeting) -> Response:
    """Cancel a session."""
    session_id, pair_id, person_id = meeting.id, meeting.relationship_id, _me()
    with writing() as db:
        sessions.cancel(db, person_id, session_id=session_id)
    return _done(_("The session is canceled; it leaves both calendars."), pair_id, "next_session")


@bp.post("/sessions/<uuid:session_id>/claim")
@guarded_by(may_change_session, find=queries.session_for)
def claim(meeting: Meeting) -> Response:
    """Say whether a session took place."""
    said = request.form.get("said", "")
    if said not in list(Claim):
        raise Refused(_("Choose one of the four answers."), 422)
    session_id, pair_id, person_id = meeting.id, meeting.relationship_id, _me()
    with writing() as db:
        sessions.answer(db, person_id, session_id=session_id, said=Claim(said))
    return _done(_("Thank you. That is noted."), pair_id, "next_session")


@bp.post("/<uuid:relationship_id>/agreement/signature")
@guarded_by(may_work, find=queries.relationship_for)
def sign(pair: Relationship) -> Response:
    """Sign the agreement."""
    pair_id, person_id = pair.id, _me()
    with writing() as db:
        work.sign(db, person_id, relationship_id=pair_id)
    return _done(_("Signed."), pair_id, "agreement")


@bp.post("/<uuid:relationship_id>/agreement")
@guarded_by(may_work, find=queries.relationship_for)
def amend(pair: Relationship) -> Response:
    """Add to the agreement in one's own words."""
    form = AgreementForm()
    if not form.validate_on_submit():
        return invalid(
            "mentoring/workspace.html",
            fragment="mentoring/_agreement.html",
            **context(pair, agreement_form=form),
        )
    pair_id, person_id = pair.id, _me()
    with writing() as db:
        work.amend(db, person_id, relationship_id=pair_id, text=form.text.data or "")
    return _done(_("Saved. Everybody signs again."), pair_id, "agreement")


@bp.post("/<uuid:relationship_id>/goals")
@guarded_by(may_work, find=queries.relationship_for)
def set_goal(pair: Relationship) -> Response:
    """Set a goal."""
    form = GoalForm()
    if not form.validate_on_submit():
        return invalid(
            "mentoring/workspace.html",
            fragment="mentoring/_goals.html",
            **context(pair, goal_form=form),
        )
    pair_id, person_id = pair.id, _me()
    with writing() as db:
        work.set_goal(
            db,
            person_id,
            relationship_id=pair_id,
            text=form.text.data,
            measure=form.measure.data or "",
            target_on=form.target_on.data,
            steps=form.lines,
            sharing=Sharing(form.sharing.data),
        )
    return _done(_("Your goal is set."), pair_id, "goals")


@bp.post("/goals/<uuid:goal_id>/steps/<uuid:step_id>/completion")
@guarded_by(may_tick_step, find=queries.step_for)
def tick(step: GoalStep) -> Response:
    """Tick a step, or take the tick back."""
    goal_id, step_id, is_done = step.goal_id, step.id, step.done_at is None
    with writing() as db:
        goal = work.tick_step(db, _me(), goal_id=goal_id, step_id=step_id, is_done=is_done)
        pair_id = goal.relationship_id
    return _done(_("Step done.") if is_done else _("Step open again."), pair_id, "goals")


@bp.post("/goals/<uuid:goal_id>/state")
@guarded_by(may_change_goal, find=queries.goal_for)
def move_goal(goal: Goal) -> Response:
    """Say that a goal is achieved, let go, or taken up again."""
    wanted = request.form.get("to", "")
    if wanted not in list(GoalState):
        raise Refused(_("Choose what became of the goal."), 422)
    goal_id, pair_id, person_id = goal.id, goal.relationship_id, _me()
    with writing() as db:
        work.move_goal(db, person_id, goal_id=goal_id, to=GoalState(wanted))
    return _done(_("Noted."), pair_id, "goals")


@bp.post("/<uuid:relationship_id>/notes")
@guarded_by(may_write_notes, find=queries.relationship_for)
def write_note(pair: Relationship) -> Response:
    """Write a note."""
    form = NoteForm()
    if not form.validate_on_submit():
        return invalid(
            "mentoring/workspace.html",
            fragment="mentoring/_notes.html",
            **context(pair, note_form=form),
        )
    pair_id, person_id = pair.id, _me()
    with writing() as db:
        work.write_note(
            db,
            person_id,
            relationship_id=pair_id,
            text=form.text.data,
            scope=NoteScope(form.scope.data),
        )
    return _done(_("Your note is saved."), pair_id, "notes")


@bp.post("/notes/<uuid:note_id>/deletion")
@guarded_by(may_delete_note, find=queries.note_for)
def delete_note(note: Note) -> Response:
    """Delete one's own note."""
    note_id, pair_id, person_id = note.id, note.relationship_id, _me()
    with writing() as db:
        work.delete_note(db, person_id, note_id=note_id)
    return _done(_("The note is deleted."), pair_id, "notes")


@bp.post("/<uuid:relationship_id>/ending")
@guarded_by(may_work, find=queries.relationship_for)
def end(pair: Relationship) -> Response:
    """End the relationship, without a reason."""
    pair_id, person_id = pair.id, _me()
    with writing() as db:
        relationships.end(db, person_id, relationship_id=pair_id)
    return done(_("This pair has ended. Your goals and notes stay yours."), to=url_for(".index"))
