"""Everything of a cohort that waits too long, with the act beside it."""

from __future__ import annotations

import flask
from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.pages import done, page
from app.core.policies import current_actor, guarded_by
from app.programs import queries
from app.programs.models import Cohort, Enrollment
from app.programs.policies import may_manage, may_remove
from app.programs.queries.overdue import overdue_page
from app.programs.services import choosing as services
from app.programs.views.base import bp, page_number

KINDS = {
    "offer": _l("Offers"),
    "request": _l("Requests"),
    "list": _l("Lists without an order"),
}


@bp.get("/cohorts/<uuid:cohort_id>/overdue")
@guarded_by(may_manage, find=queries.cohort_for)
def overdue(cohort: Cohort) -> flask.Response:
    """Offers, requests and lists that wait too long."""
    asked = flask.request.args
    q, kind = asked.get("q", "")[:200], asked.get("kind", "")
    found = overdue_page(reading(), current_actor(), cohort.id, page_number(), q=q, kind=kind)
    return page(
        "programs/overdue.html",
        fragment="programs/_overdue.html",
        cohort=cohort,
        found=found,
        q=q,
        kind=kind,
        kinds=KINDS,
    )


@bp.post("/enrollments/<uuid:enrollment_id>/shortlist/reminder")
@guarded_by(may_remove, find=queries.enrollment_for)
def remind_list(enrollment: Enrollment) -> Response:
    """Remind a mentee of a list that waits for an order; once a day is enough."""
    enrollment_id, cohort_id = enrollment.id, enrollment.cohort_id
    with writing() as db:
        services.remind(db, current_actor().person_id, enrollment_id=enrollment_id)
    return done(_("Reminded."), to=url_for(".overdue", cohort_id=cohort_id))
