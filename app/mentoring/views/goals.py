"""Goals of a relationship: the list, one goal with its steps, and what organizers see of some."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import flask
from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.mentoring import queries
from app.mentoring.forms import GoalForm, GoalWordsForm, StepForm
from app.mentoring.models import Goal, GoalStep, Relationship
from app.mentoring.policies import (
    may_change_goal,
    may_keep_own,
    may_see_goal,
    may_see_status,
    may_tick_step,
    may_work,
)
from app.mentoring.rules import LIVE, GoalState
from app.mentoring.services import goals, work
from app.mentoring.views.acting import found_pair, me
from app.mentoring.views.base import bp
from app.programs.models import Cohort

# Where a button may lead; that a goal goes on elsewhere has an act of its own.
WANTED = (GoalState.ACTIVE, GoalState.ACHIEVED, GoalState.DROPPED)


def _of(pair: Relationship) -> dict[str, Any]:
    actor = current_actor()
    is_here = pair.has(actor.person_id)
    is_live = is_here and pair.state in LIVE
    mine = [] if is_live else queries.mine(reading(), actor)
    return {
        "pair": pair,
        "is_here": is_here,
        "others": pair.others(actor.person_id) if is_here else [],
        "is_live": is_live,
        "next_pairs": [one for one in mine if one.state in LIVE and one.id != pair.id],
    }


def _list(pair: Relationship, form: GoalForm | None = None) -> dict[str, Any]:
    number = request.args.get("page", 1, type=int)
    found = queries.goals_page(reading(), current_actor(), pair.id, number)
    form = form or GoalForm.of(pair.format, formdata=None)
    return {**_of(pair), "found": found, "goal_form": form}


@bp.get("/<uuid:relationship_id>/goals")
@guarded_by(may_keep_own, find=queries.kept_for)
def goals_list(pair: Relationship) -> flask.Response:
    """One's own goals and what the others share; a form for the next one."""
    return page("mentoring/goals.html", **_list(pair))


@bp.post("/<uuid:relationship_id>/goals")
@guarded_by(may_work, find=queries.relationship_for)
def set_goal(pair: Relationship) -> Response:
    """Set a goal, or keep it as a draft."""
    form, is_draft = GoalForm.of(pair.format), "draft" in request.form
    if not form.validate_on_submit():
        return invalid("mentoring/goals.html", **_list(pair, form))
    pair_id, person_id = pair.id, me()
    with writing() as db:
        work.set_goal(db, person_id, relationship_id=pair_id, is_draft=is_draft, **form.act)
    said = _("Your draft is kept; only you see it.") if is_draft else _("Your goal is set.")
    return done(said, to=url_for(".goals_list", relationship_id=pair_id))


def _one(
    goal: Goal,
    form: GoalWordsForm | None = None,
    step: StepForm | None = None,
    wrong: dict[UUID, StepForm] | None = None,
) -> dict[str, Any]:
    pair = found_pair(goal.relationship_id)
    return {
        **_of(pair),
        "goal": goal,
        "form": form or GoalWordsForm(formdata=None, obj=goal, sharing=goal.sharing.value),
        "step_form": step or StepForm(formdata=None),
        "wrong": wrong or {},
    }


@bp.get("/goals/<uuid:goal_id>")
@guarded_by(may_see_goal, find=queries.goal_for)
def goal(goal: Goal) -> flask.Response:
    """One goal: its owner changes words and steps here, whoever else sees it reads."""
    return page("mentoring/goal.html", **_one(goal))


@bp.post("/goals/<uuid:goal_id>")
@guarded_by(may_change_goal, find=queries.goal_for)
def change_goal(goal: Goal) -> Response:
    """Say anew what one wants to reach, and who sees it."""
    form, goal_id = GoalWordsForm(), goal.id
    if not form.validate_on_submit():
        return invalid("mentoring/goal.html", **_one(goal, form))
    with writing() as db:
        goals.change(db, me(), goal_id=goal_id, **form.words)
    return done(_("Saved."), to=url_for(".goal", goal_id=goal_id))


def _acted(said: str, goal_id: UUID, undo: str | None = None) -> Response:
    """Acknowledge an act in the goal's own part of the page."""
    found = queries.goal_for(reading(), current_actor(), goal_id)
    assert found is not None, "found through the actor before"
    return done(
        said,
        to=url_for(".goals_list", relationship_id=found.relationship_id),
        fragment="mentoring/_goal.html",
        undo=undo,
        goal=found,
        **_of(found_pair(found.relationship_id)),
    )


@bp.post("/goals/<uuid:goal_id>/steps/<uuid:step_id>/completion")
@guarded_by(may_tick_step, find=queries.step_for)
def tick(step: GoalStep) -> Response:
    """Say that a step is done."""
    which = {"goal_id": step.goal_id, "step_id": step.id}
    with writing() as db:
        work.tick_step(db, me(), is_done=True, **which)
    return _acted(_("Step done."), which["goal_id"], url_for(".untick", **which))


@bp.post("/goals/<uuid:goal_id>/steps/<uuid:step_id>/reopening")
@guarded_by(may_tick_step, find=queries.step_for)
def untick(step: GoalStep) -> Response:
    """Undo: the step is open after all."""
    which = {"goal_id": step.goal_id, "step_id": step.id}
    with writing() as db:
        work.tick_step(db, me(), is_done=False, **which)
    return _acted(_("Step open again."), which["goal_id"], url_for(".tick", **which))


@bp.post("/goals/<uuid:goal_id>/state")
@guarded_by(may_change_goal, find=queries.goal_for)
def move_goal(goal: Goal) -> Response:
    """Say that a goal begins, is achieved, let go, or taken up again."""
    wanted, goal_id = request.form.get("to", ""), goal.id
    if wanted not in WANTED:
        raise Refused(_("Choose what became of the goal."), 422)
    with writing() as db:
        work.move_goal(db, me(), goal_id=goal_id, to=GoalState(wanted))
    return _acted(_("Noted."), goal_id)


@bp.post("/goals/<uuid:goal_id>/rating")
@guarded_by(may_change_goal, find=queries.goal_for)
def rate_goal(goal: Goal) -> Response:
    """Say how far one is, at the beginning or at the end."""
    number, goal_id = request.form.get("number", 0, type=int), goal.id
    with writing() as db:
        goals.rate(db, me(), goal_id=goal_id, number=number)
    return _acted(_("Noted."), goal_id)


@bp.post("/goals/<uuid:goal_id>/carrying/<uuid:relationship_id>")
@guarded_by(may_change_goal, find=queries.goal_for_carrying)
def take_goal_along(goal: Goal) -> Response:
    """Go on with one's goal in another relationship."""
    assert request.view_args is not None
    goal_id, pair_id = goal.id, request.view_args["relationship_id"]
    with writing() as db:
        goals.take_along(db, me(), goal_id=goal_id, relationship_id=pair_id)
    said = _("Your goal goes on here, with the steps that are still open.")
    return done(said, to=url_for(".goals_list", relationship_id=pair_id))


def _changed(said: str, goal_id: UUID) -> Response:
    """Acknowledge a change of the steps on the goal's own page."""
    found = queries.goal_for(reading(), current_actor(), goal_id)
    assert found is not None, "found through the actor before"
    return done(
        said,
        to=url_for(".goal", goal_id=goal_id),
        fragment="mentoring/_steps.html",
        **_one(found),
    )


@bp.post("/goals/<uuid:goal_id>/steps")
@guarded_by(may_change_goal, find=queries.goal_for)
def add_step(goal: Goal) -> Response:
    """One more step."""
    form, goal_id = StepForm(), goal.id
    if not form.validate_on_submit():
        return invalid(
            "mentoring/goal.html", fragment="mentoring/_steps.html", **_one(goal, step=form)
        )
    with writing() as db:
        goals.add_step(db, me(), goal_id=goal_id, text=form.text.data)
    return _changed(_("The step is added."), goal_id)


@bp.post("/goals/<uuid:goal_id>/steps/<uuid:step_id>")
@guarded_by(may_tick_step, find=queries.step_for)
def change_step(step: GoalStep) -> Response:
    """Other words for a step."""
    form, which = StepForm(), {"goal_id": step.goal_id, "step_id": step.id}
    if not form.validate_on_submit():
        again = _one(step.goal, wrong={step.id: form})
        return invalid("mentoring/goal.html", fragment="mentoring/_steps.html", **again)
    with writing() as db:
        goals.change_step(db, me(), text=form.text.data, **which)
    return _changed(_("Saved."), which["goal_id"])


@bp.post("/goals/<uuid:goal_id>/steps/<uuid:step_id>/place")
@guarded_by(may_tick_step, find=queries.step_for)
def shift_step(step: GoalStep) -> Response:
    """Move a step one place up or down."""
    which, to = {"goal_id": step.goal_id, "step_id": step.id}, request.form.get("to")
    if to not in ("up", "down"):
        raise Refused(_("Choose whether the step moves up or down."), 422)
    with writing() as db:
        goals.shift_step(db, me(), up=to == "up", **which)
    return _changed(_("Moved."), which["goal_id"])


@bp.post("/goals/<uuid:goal_id>/steps/<uuid:step_id>/removal")
@guarded_by(may_tick_step, find=queries.step_for)
def remove_step(step: GoalStep) -> Response:
    """Take a step out."""
    which = {"goal_id": step.goal_id, "step_id": step.id}
    with writing() as db:
        goals.remove_step(db, me(), **which)
    return _changed(_("The step is gone."), which["goal_id"])


@bp.get("/cohorts/<uuid:cohort_id>/goals")
@guarded_by(may_see_status, find=queries.managed_cohort)
def cohort_goals(cohort: Cohort) -> flask.Response:
    """Goals whose owners share them with the program: title and progress, nothing else."""
    number = request.args.get("page", 1, type=int)
    found = queries.program_goals(reading(), current_actor(), cohort.id, number)
    return page("mentoring/cohort_goals.html", cohort=cohort, found=found)
