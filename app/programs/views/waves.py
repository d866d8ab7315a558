"""Waves by hand: start one now, and call it off."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import writing
from app.core.pages import done
from app.core.policies import current_actor, guarded_by
from app.programs import queries
from app.programs.models import Cohort, MatchRun
from app.programs.policies import may_manage
from app.programs.services import waves
from app.programs.views.base import bp


@bp.post("/cohorts/<uuid:cohort_id>/wave")
@guarded_by(may_manage, find=queries.cohort_for)
def start_wave_now(cohort: Cohort) -> Response:
    """Match whoever waits now, without waiting for the day of the next wave."""
    cohort_id, slug, person_id = cohort.id, cohort.program.slug, current_actor().person_id
    with writing() as db:
        run_id = waves.start_wave_now(db, person_id, cohort_id=cohort_id).id
    return done(
        _("The wave has started. Its offers go out half an hour after it is solved."),
        to=url_for(".manage", slug=slug, cohort=cohort_id),
        undo=url_for(".call_off_wave", run_id=run_id),
    )


@bp.post("/runs/<uuid:run_id>/calling-off")
@guarded_by(may_manage, find=queries.run_for)
def call_off_wave(run: MatchRun) -> Response:
    """Take a wave back while nothing has left."""
    run_id, cohort_id, slug = run.id, run.cohort_id, run.cohort.program.slug
    person_id = current_actor().person_id
    with writing() as db:
        waves.call_off_wave(db, person_id, run_id=run_id)
    return done(
        _("The wave is called off. Whoever waits is in the next one."),
        to=url_for(".manage", slug=slug, cohort=cohort_id),
    )
