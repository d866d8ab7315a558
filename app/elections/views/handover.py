"""The handover pack of a group."""

from __future__ import annotations

import csv
import io
from typing import Any

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.locale import date_text
from app.core.pages import done, page
from app.core.policies import current_actor, guarded_by
from app.elections import forms, policies, queries, services
from app.elections.rules import Check
from app.elections.views.base import bp, head, viewer_of
from app.ergs import queries as ergs
from app.ergs.models import Erg
from app.ergs.registry import handover_sections
from app.ergs.rules import RoleName


@bp.get("/<slug>/handover/")
@guarded_by(policies.may_hand_over, find=ergs.erg_for)
def handover(erg: Erg) -> flask.Response:
    """All that those who will lead need to know, and the steps of handing over."""
    db, actor = reading(), current_actor()
    terms = queries.terms(db, erg, viewer_of(erg.id))
    waiting = ergs.waiting_requests(db, [erg.id])
    return page(
        "elections/handover.html",
        fragment="elections/_checklist.html",
        terms=terms,
        sponsors=[name for grant, name in terms if grant.role is RoleName.SPONSOR],
        requests=waiting[0][1] if waiting else 0,
        sections=[build(db, actor, erg) for _name, build in handover_sections],
        **{**head(erg), **_checklist(erg)},
    )


def _checklist(erg: Erg) -> dict[str, Any]:
    return {"checks": forms.CHECKS, "ticks": queries.ticks(reading(), erg.id), "erg": erg}


@bp.post("/<slug>/handover/steps")
@guarded_by(policies.may_hand_over, find=ergs.erg_for)
def tick(erg: Erg) -> Response:
    """Mark a step as done, or as not done after all."""
    given = flask.request.form
    if given.get("step") not in list(Check):
        raise Refused(_("Choose one of the steps of the list."), 422)
    person_id, erg_id, slug = current_actor().person_id, erg.id, erg.slug
    step, is_done = Check(given["step"]), given.get("done") == "1"
    with writing() as db:
        services.tick(db, person_id, erg_id=erg_id, step=step, is_done=is_done)
    fresh = ergs.erg_for(reading(), current_actor(), slug)
    return done(
        _("Noted as done.") if is_done else _("Noted as open."),
        to=flask.url_for(".handover", slug=slug),
        fragment="elections/_checklist.html",
        **_checklist(fresh),
    )


@bp.get("/<slug>/handover/checklist.csv")
@guarded_by(policies.may_hand_over, find=ergs.erg_for)
def checklist(erg: Erg) -> flask.Response:
    """The steps as a sheet."""
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow([_("Step"), _("Done by"), _("Day")])
    ticks = _checklist(erg)["ticks"]
    for step, words in forms.CHECKS.items():
        name, when = ticks.get(step, ("", None))
        sheet.writerow([str(words), _tame(name), date_text(when) if when else ""])
    answer = flask.make_response("\ufeff" + out.getvalue())
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = 'attachment; filename="handover.csv"'
    return answer


def _tame(text: str) -> str:
    """No cell of a sheet becomes a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" and text else text
