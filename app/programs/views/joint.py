"""Several cohorts matched as one: chosen, solved, looked through, published in one step."""

from __future__ import annotations

from typing import Any

import flask
from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.htmx import htmx
from app.core.pages import done, go, invalid, page
from app.core.policies import current_actor, guarded_by
from app.programs import queries
from app.programs.forms.joining import TogetherForm, together_form
from app.programs.labels import PHASES
from app.programs.models import Cohort
from app.programs.policies import may_manage, may_manage_jointly
from app.programs.queries.joint import (
    Together,
    joint_for,
    matchable_beside,
    shared_mentors,
    weakest_of,
)
from app.programs.rules import LIVE_RUNS
from app.programs.services import runs as services
from app.programs.texts import message_text, told
from app.programs.views.base import bp


@bp.get("/cohorts/<uuid:cohort_id>/together")
@guarded_by(may_manage, find=queries.cohort_for)
def together(cohort: Cohort) -> flask.Response:
    """Choose which cohorts are matched together with this one."""
    return page("programs/together.html", **_choice(cohort))


def _choice(cohort: Cohort) -> dict[str, Any]:
    others = matchable_beside(reading(), current_actor(), cohort)
    refused = [(one, services.why_not_jointly(one.rules)) for one in others]
    choices = [(one.id, f"{told(one.program.title)}: {one.title}") for one in others]
    fits = {one.id for one, why in refused if not why}
    return {
        "cohort": cohort,
        "own_why": services.why_not_jointly(cohort.rules),
        "form": together_form([choice for choice in choices if choice[0] in fits]),
        "refused": [(one, why) for one, why in refused if why],
    }


@bp.post("/cohorts/<uuid:cohort_id>/together")
@guarded_by(may_manage, find=queries.cohort_for)
def start_together(cohort: Cohort) -> Response:
    """Start one run over this cohort and those chosen."""
    shown = _choice(cohort)
    form: TogetherForm = shown["form"]
    if not form.validate_on_submit():
        return invalid("programs/together.html", **shown)
    chosen, person_id = [cohort.id, *form.cohorts.data], current_actor().person_id
    with writing() as db:
        joint_id = services.start_joint_run(db, person_id, cohort_ids=chosen).id
    return _started(joint_id)


def _started(joint_id: Any) -> Response:
    return done(
        _("The matching has started. You may leave this page meanwhile."),
        to=url_for(".joint_run", joint_id=joint_id),
    )


@bp.get("/joint-runs/<uuid:joint_id>/")
@guarded_by(may_manage_jointly, find=joint_for)
def joint_run(found: Together) -> Response:
    """A joint run: its progress, then what each cohort got."""
    shown = {"joint": found.joint, "runs": found.runs, "phases": PHASES, "run": found.runs[0]}
    if found.runs[0].state in LIVE_RUNS:
        return page("programs/joint.html", fragment="programs/_joint_progress.html", **shown)
    if htmx.is_partial:  # the page that was polling has news in more places than its progress
        return go(url_for(".joint_run", joint_id=found.joint.id))
    problem = found.runs[0].problem
    return page(
        "programs/joint.html",
        weakest=weakest_of(reading(), current_actor(), [run.id for run in found.runs]),
        shared=shared_mentors(reading(), current_actor(), found.runs),
        problem=message_text(problem, {}) if problem else "",
        **shown,
    )


@bp.post("/joint-runs/<uuid:joint_id>/publication")
@guarded_by(may_manage_jointly, find=joint_for)
def publish_jointly(found: Together) -> Response:
    """Publish all cohorts: the offers go out when the recall window has passed."""
    said = _("Published. Nothing leaves for thirty minutes; until then you can recall it.")
    return _act(found, services.publish_joint_run, said)


@bp.post("/joint-runs/<uuid:joint_id>/recall")
@guarded_by(may_manage_jointly, find=joint_for)
def recall_jointly(found: Together) -> Response:
    """Take the publication of all cohorts back."""
    return _act(found, services.recall_joint_run, _("Recalled. Nobody has heard of it."))


@bp.post("/joint-runs/<uuid:joint_id>/discarding")
@guarded_by(may_manage_jointly, find=joint_for)
def discard_jointly(found: Together) -> Response:
    """Put the run of all cohorts aside."""
    return _act(found, services.discard_joint_run, _("The run is put aside."))


def _act(found: Together, verb: Any, message: str) -> Response:
    joint_id, person_id = found.joint.id, current_actor().person_id
    with writing() as db:
        verb(db, person_id, joint_id=joint_id)
    return done(message, to=url_for(".joint_run", joint_id=joint_id))


@bp.post("/joint-runs/<uuid:joint_id>/again")
@guarded_by(may_manage_jointly, find=joint_for)
def run_jointly_again(found: Together) -> Response:
    """Match the same cohorts anew, around what was decided meanwhile."""
    chosen, person_id = [run.cohort_id for run in found.runs], current_actor().person_id
    with writing() as db:
        joint_id = services.start_joint_run(db, person_id, cohort_ids=chosen).id
    return _started(joint_id)
