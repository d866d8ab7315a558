"""What counts: weights to try and to keep, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import flask
from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.htmx import htmx
from app.core.pages import done, go, invalid, page
from app.core.policies import Actor, current_actor, guarded_by
from app.programs import queries
from app.programs.forms import reweighed, weights_form
from app.programs.labels import PHASES
from app.programs.models import Cohort
from app.programs.policies import may_manage
from app.programs.rules import form_from
from app.programs.services import weighing
from app.programs.views.base import bp
from app.programs.weights import hard_rules, preferences

PAGE, TRIED = "programs/weights.html", "programs/_tried.html"


@bp.get("/cohorts/<uuid:cohort_id>/weights")
@guarded_by(may_manage, find=queries.cohort_for)
def weights(cohort: Cohort) -> flask.Response:
    """What counts in this cohort, and what a dry run found."""
    asked = flask.request.args.get("trial", type=UUID)
    trial = queries.trial_of(reading(), cohort.id, asked) if asked else None
    shown = trial.rules if trial and _same_factors(trial.rules, cohort.rules) else cohort.rules
    form = weights_form(shown, _version(cohort), formdata=None)
    return page(PAGE, fragment=TRIED, **_context(cohort, form, trial=trial))


def _same_factors(tried: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether weights that were tried are those of the rules as they are now."""
    return [(one.at, one.label) for one in preferences(tried)] == [
        (one.at, one.label) for one in preferences(now)
    ]


def _version(cohort: Cohort) -> int:
    return int(cohort.rules.get("version", 0))


def _context(cohort: Cohort, form: Any, tried: Any = None, trial: Any = None) -> dict[str, Any]:
    is_large, can_preview = weighing.size_of(reading(), cohort, cohort.rules)
    return {
        "cohort": cohort,
        "form": form,
        "kind": form_from(cohort.rules).kind,
        "known": preferences(cohort.rules),
        "hard": hard_rules(cohort.rules),
        "versions": queries.versions_of(reading(), cohort.id) if not htmx.is_partial else [],
        "is_large": is_large,
        "is_live": can_preview or not is_large,
        "tried": tried,
        "trial": trial,
        "phases": PHASES,
    }


@bp.post("/cohorts/<uuid:cohort_id>/weights/trial")
@guarded_by(may_manage, find=queries.cohort_for)
def try_weights(cohort: Cohort) -> Response:
    """A dry run: how the matching would be. Nothing is kept."""
    form = weights_form(cohort.rules, _version(cohort))
    rules = reweighed(form, cohort.rules) if form.validate_on_submit() else None
    if rules is None:
        return invalid(PAGE, fragment=TRIED, **_context(cohort, form))
    exactly = "exactly" in flask.request.form
    tried = weighing.tried(reading(), cohort.id, rules, exactly=exactly)
    if tried is not None:
        return page(PAGE, fragment=TRIED, **_context(cohort, form, tried=tried))
    cohort_id, person_id = cohort.id, current_actor().person_id
    with writing() as db:
        trial_id = weighing.start_trial(db, person_id, cohort_id=cohort_id, rules=rules).id
    return go(url_for(".weights", cohort_id=cohort_id, trial=trial_id, _anchor="tried"))


@bp.post("/cohorts/<uuid:cohort_id>/weights")
@guarded_by(may_manage, find=queries.cohort_for)
def save_weights(cohort: Cohort) -> Response:
    """Keep the weights as a new version of the rules."""
    form = weights_form(cohort.rules, _version(cohort))
    rules = reweighed(form, cohort.rules) if form.validate_on_submit() else None
    if rules is None:
        return invalid(PAGE, **_context(cohort, form))
    cohort_id, former, read = cohort.id, _version(cohort), form.version.data
    with writing() as db:
        person_id = current_actor().person_id
        weighing.save_rules(db, person_id, cohort_id=cohort_id, version=read, rules=rules)
    return done(
        _("Saved. The next run of the matching follows it."),
        to=url_for(".weights", cohort_id=cohort_id),
        undo=url_for(".restore_rules", cohort_id=cohort_id, version=former),
    )


def _cohort_of(db: Any, actor: Actor, cohort_id: Any, version: int) -> Cohort | None:
    return queries.cohort_for(db, actor, cohort_id)


@bp.post("/cohorts/<uuid:cohort_id>/rules/<int:version>/restoring")
@guarded_by(may_manage, find=_cohort_of)
def restore_rules(cohort: Cohort) -> Response:
    """Take a former version of the rules up again."""
    cohort_id, former = cohort.id, _version(cohort)
    version: int = (flask.request.view_args or {})["version"]
    with writing() as db:
        person_id = current_actor().person_id
        weighing.restore_rules(db, person_id, cohort_id=cohort_id, version=version)
    return done(
        _("The former rules hold again."),
        to=url_for(".weights", cohort_id=cohort_id),
        undo=url_for(".restore_rules", cohort_id=cohort_id, version=former),
    )
