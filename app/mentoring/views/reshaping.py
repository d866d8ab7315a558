"""How the circles of a cohort stand, and what organizers propose to their people."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import flask
from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.messages import shown_name
from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.locale import format_list
from app.core.pages import done, page
from app.core.policies import current_actor, guarded_by
from app.mentoring.group_policies import may_reshape
from app.mentoring.labels import RESHAPE_CAUSES, RESHAPINGS
from app.mentoring.models import Reshaping
from app.mentoring.policies import may_see_status
from app.mentoring.queries.reshaping import (
    asked_in,
    circles_cohort,
    proposals_of,
    reshaping_for,
    standings_of,
)
from app.mentoring.rules.reshaping import Cause, ReshapeState
from app.mentoring.services import reshaping as services
from app.mentoring.views.acting import me
from app.mentoring.views.base import bp
from app.programs.models import Cohort


@bp.get("/cohorts/<uuid:cohort_id>/circles/")
@guarded_by(may_see_status, find=circles_cohort)
def circles(cohort: Cohort) -> flask.Response:
    """Who is in which circle, how many came, and what could be done."""
    return page("mentoring/circles.html", **_about(cohort))


def _about(cohort: Cohort) -> dict[str, Any]:
    db = reading()
    standings, rows = standings_of(db, current_actor(), cohort), asked_in(db, cohort.id)
    asked = {one for row in rows if row.state is ReshapeState.ASKED for one in row.circles}
    names = {m.person_id: m.person for s in standings for m in s.circle.members}
    free = [standing for standing in standings if standing.circle.id not in asked]
    return {
        "cohort": cohort,
        "standings": standings,
        "proposals": proposals_of(db, cohort, free),
        "name_people": lambda group: format_list([shown_name(names[one]) for one in group]),
        "asked": [row for row in rows if row.state is ReshapeState.ASKED],
        "over": [row for row in rows if row.state is not ReshapeState.ASKED],
        "numbers": {standing.circle.id: standing.number for standing in standings},
        "causes": RESHAPE_CAUSES,
        "states": RESHAPINGS,
    }


@bp.post("/cohorts/<uuid:cohort_id>/circles/")
@guarded_by(may_see_status, find=circles_cohort)
def propose_reshaping(cohort: Cohort) -> Response:
    """Ask the people of the circles."""
    cohort_id, cause = cohort.id, request.form.get("cause", "")
    try:
        circle_ids = [UUID(one) for one in request.form.getlist("circle")]
    except ValueError:
        raise Refused(_("These circles have changed meanwhile. Reload the page."), 422) from None
    known = {standing.circle.id for standing in standings_of(reading(), current_actor(), cohort)}
    if not circle_ids or not set(circle_ids) <= known:
        raise Refused(_("These circles have changed meanwhile. Reload the page."), 422)
    with writing() as db:
        row = services.propose(
            db,
            me(),
            cohort_id=cohort_id,
            circle_ids=circle_ids,
            cause=Cause(cause) if cause in list(Cause) else None,
        )
        undo = url_for(".withdraw_reshaping", reshaping_id=row.id)
    said = _("Everybody is asked for themselves, for a week. Nothing changes until then.")
    return done(said, to=url_for(".circles", cohort_id=cohort_id), undo=undo)


@bp.post("/reshapings/<uuid:reshaping_id>/withdrawal")
@guarded_by(may_reshape, find=reshaping_for)
def withdraw_reshaping(row: Reshaping) -> Response:
    """Ask no longer."""
    reshaping_id, to = row.id, url_for(".circles", cohort_id=row.cohort_id)
    with writing() as db:
        services.withdraw(db, me(), reshaping_id=reshaping_id)
    return done(_("Nobody is asked any more; nothing has changed."), to=to)


@bp.post("/reshapings/<uuid:reshaping_id>/recall")
@guarded_by(may_reshape, find=reshaping_for)
def recall_reshaping(row: Reshaping) -> Response:
    """Take it back before the first session."""
    reshaping_id, to = row.id, url_for(".circles", cohort_id=row.cohort_id)
    with writing() as db:
        services.recall(db, me(), reshaping_id=reshaping_id)
    return done(_("The former circles go on, with their sessions. All are told."), to=to)
