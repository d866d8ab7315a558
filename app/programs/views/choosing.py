"""A say in the choice: organizers ask, mentees put their shortlist in order."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import flask
from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.programs import queries
from app.programs.forms import ranking_form
from app.programs.models import MatchRun
from app.programs.policies import may_choose, may_manage
from app.programs.queries.choosing import Shortlist, shortlist_for
from app.programs.queries.requests import Choice, choices_of
from app.programs.services import choosing as services
from app.programs.texts import why_this, words_of
from app.programs.views.base import bp
from app.programs.weights import takes_requests

WEEK = 7


@bp.post("/runs/<uuid:run_id>/choice")
@guarded_by(may_manage, find=queries.run_for)
def open_choice(run: MatchRun) -> Response:
    """Ask the mentees to rank their shortlists."""
    run_id, person_id = run.id, current_actor().person_id
    days = flask.request.form.get("days", WEEK, type=int)
    with writing() as db:
        services.open_choice(db, person_id, run_id=run_id, days=days)
    return done(_("Mentees are asked now."), to=url_for(".run", run_id=run_id))


@bp.post("/runs/<uuid:run_id>/choice/end")
@guarded_by(may_manage, find=queries.run_for)
def end_choice(run: MatchRun) -> Response:
    """End the ranking before its time."""
    run_id, person_id = run.id, current_actor().person_id
    with writing() as db:
        services.end_choice(db, person_id, run_id=run_id)
    return done(
        _("The ranking is closed. Run the matching again to follow it."),
        to=url_for(".run", run_id=run_id),
    )


@bp.route("/enrollments/<uuid:enrollment_id>/shortlist", methods=["GET", "POST"])
@guarded_by(may_choose, find=shortlist_for)
def shortlist(found: Shortlist) -> Response:
    """One's own list of mentors, to be put in order."""
    form = ranking_form([entry for entry, _person in found.entries])
    if not form.is_submitted():
        return page("programs/shortlist.html", **_context(found, form))
    if not form.validate():
        return invalid("programs/shortlist.html", **_context(found, form))
    run_id, enrollment_id = found.run.id, found.enrollment.id
    with writing() as db:
        person_id = current_actor().person_id
        services.rank(db, person_id, run_id=run_id, enrollment_id=enrollment_id, order=form.wanted)
    return done(
        _("Your order is saved. You may change it until the day given."),
        to=url_for(".shortlist", enrollment_id=enrollment_id),
    )


def _context(found: Shortlist, form: Any) -> dict[str, Any]:
    kept = queries.enrollment_form(reading(), found.enrollment.cohort)
    words = words_of(kept.fields if kept else [])
    rows: list[tuple[UUID, Any, list[str]]] = [
        (entry.mentor_id, person, why_this(entry.reasons, words)[0])
        for entry, person in found.entries
    ]
    return {
        "enrollment": found.enrollment,
        "program": found.enrollment.cohort.program,
        "run": found.run,
        "is_open": services.is_open(found.run),
        "rows": rows,
        "asked": _asked(found),
        "form": form,
    }


def _asked(found: Shortlist) -> dict[UUID, Choice]:
    """How one stands with each mentor, where mentees ask themselves."""
    if not takes_requests(found.run.rules):
        return {}
    return {
        one.entry.mentor_id: one for one in choices_of(reading(), found.enrollment.id, found.run.id)
    }
