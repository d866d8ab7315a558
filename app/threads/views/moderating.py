"""Reported posts, for those who may decide about them."""

from __future__ import annotations

from typing import Any

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.pages import done, go, invalid, page
from app.core.policies import current_actor, guarded_by
from app.ergs import queries as ergs
from app.ergs.models import Erg
from app.threads import policies, queries, services
from app.threads.forms import VerdictForm
from app.threads.queries import Case
from app.threads.rules import ReportState
from app.threads.views.base import bp, group_of


@bp.get("/<slug>/threads/reports/")
@guarded_by(policies.may_judge, find=ergs.erg_for)
def reports(erg: Erg) -> flask.Response:
    """What waits for a decision, and what was decided lately."""
    found = queries.cases(reading(), current_actor(), erg)
    appeals = queries.appeals(reading(), current_actor(), erg)
    return page("threads/reports.html", cases=found, appeals=appeals, **group_of(erg))


@bp.get("/reports/<uuid:report_id>")
@guarded_by(policies.may_decide, find=queries.case_of_report)
def waiting(case: Case) -> Response:
    """From a message to the report it speaks of."""
    return go(flask.url_for(".case", slug=case.erg.slug, post_id=case.post.id))


@bp.get("/<slug>/threads/reports/<uuid:post_id>/")
@guarded_by(policies.may_decide, find=queries.case_for)
def case(case: Case) -> flask.Response:
    """A reported post and what is said against it."""
    return page("threads/case.html", form=VerdictForm(), **_of(case))


@bp.post("/<slug>/threads/reports/<uuid:post_id>/")
@guarded_by(policies.may_decide, find=queries.case_for)
def decide(case: Case) -> Response:
    """Remove the post, or keep it."""
    form = VerdictForm()
    if not form.validate_on_submit():
        return invalid("threads/case.html", form=form, **_of(case))
    slug, post_id, verdict = case.erg.slug, case.post.id, form.verdict.data
    with writing() as db:
        services.decide(
            db,
            current_actor().person_id,
            post_id=post_id,
            verdict=verdict,
            reason=form.reason.data or "",
        )
    message = (
        _("Removed. The author reads your reason.")
        if verdict is ReportState.UPHELD
        else _("The post stays.")
    )
    undo = flask.url_for(".reconsider", slug=slug, post_id=post_id)
    return done(message, to=flask.url_for(".reports", slug=slug), undo=undo)


@bp.post("/<slug>/threads/reports/<uuid:post_id>/return")
@guarded_by(policies.may_decide, find=queries.case_for)
def reconsider(case: Case) -> Response:
    """Take the decision back."""
    slug, post_id = case.erg.slug, case.post.id
    with writing() as db:
        services.reconsider(db, current_actor().person_id, post_id=post_id)
    to = flask.url_for(".case", slug=slug, post_id=post_id)
    return done(_("Your decision is taken back; the report is open again."), to=to)


def _of(case: Case) -> dict[str, Any]:
    return {"case": case, **group_of(case.erg)}
