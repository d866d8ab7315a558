"""Organizers look after pairs: end one kindly, take that back, and see who needs a new partner."""

from __future__ import annotations

import flask
from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core import clock
from app.core.database import reading, writing
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.mentoring import queries
from app.mentoring.forms import EndingForm
from app.mentoring.labels import KIND_WORDS
from app.mentoring.models import Relationship, Rematch
from app.mentoring.policies import may_look_after, may_see_rematch, may_see_status
from app.mentoring.queries import lifecycle as seen
from app.mentoring.rules import LIVE, EndingCode, RelationshipState
from app.mentoring.services import closing, rematches, reopening
from app.mentoring.views.acting import me
from app.mentoring.views.base import bp
from app.programs.models import Cohort


@bp.route("/cohorts/<uuid:cohort_id>/pairs/<uuid:relationship_id>/ending", methods=["GET", "POST"])
@guarded_by(may_look_after, find=seen.managed_pair)
def end_for(pair: Relationship) -> Response:
    """End a pair with a reason that both read in kind words."""
    form = EndingForm()
    shown = {
        "pair": pair,
        "form": form,
        "words": KIND_WORDS,
        "is_live": pair.state in LIVE,
        "may_reopen": reopening.organizers_may_reopen(pair),
    }
    if not form.is_submitted():
        return page("mentoring/end_for.html", **shown)
    if not form.validate():
        return invalid("mentoring/end_for.html", **shown)
    pair_id, cohort_id, code = pair.id, pair.cohort_id, EndingCode(form.code.data)
    is_trial = pair.state is RelationshipState.TRIAL
    with writing() as db:
        closing.end_for(db, me(), relationship_id=pair_id, code=code)
    to = url_for(".pairs", cohort_id=cohort_id)
    if is_trial:
        return done(_("The trial ends at its time, in the words of every trial."), to=to)
    undo = url_for(".reopen_for", cohort_id=cohort_id, relationship_id=pair_id)
    return done(_("The pair has ended; both read your reason in kind words."), to=to, undo=undo)


@bp.post("/cohorts/<uuid:cohort_id>/pairs/<uuid:relationship_id>/reopening")
@guarded_by(may_look_after, find=seen.managed_pair)
def reopen_for(pair: Relationship) -> Response:
    """Take an ending back."""
    pair_id, cohort_id = pair.id, pair.cohort_id
    with writing() as db:
        reopening.reopen_for(db, me(), relationship_id=pair_id)
    return done(_("The pair goes on; both are told."), to=url_for(".pairs", cohort_id=cohort_id))


@bp.get("/cohorts/<uuid:cohort_id>/rematches/")
@guarded_by(may_see_status, find=queries.managed_cohort)
def rematch_list(cohort: Cohort) -> flask.Response:
    """Who lost a partner and needs a new one, by the day it is due."""
    asked = flask.request.args
    number, q = asked.get("page", 1, type=int), asked.get("q", "")[:200]
    kind = asked.get("kind", "") if asked.get("kind") in seen.REMATCH_KINDS else ""
    found = seen.rematches_page(reading(), current_actor(), cohort, number, q=q, kind=kind)
    return page(
        "mentoring/rematches.html",
        fragment="mentoring/_rematches.html",
        cohort=cohort,
        found=found,
        today=clock.now().date(),
        q=q,
        kind=kind,
    )


@bp.post("/rematches/<uuid:rematch_id>/talk")
@guarded_by(may_see_rematch, find=seen.rematch_for)
def talked(row: Rematch) -> Response:
    """Say that one has talked to the person; the matching goes on."""
    cohort_id, enrollment_id = row.cohort_id, row.enrollment_id
    with writing() as db:
        rematches.talked(db, me(), enrollment_id=enrollment_id)
    to = url_for(".rematch_list", cohort_id=cohort_id)
    return done(_("Noted. The matching goes on for this person."), to=to)
