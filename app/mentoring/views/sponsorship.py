"""The ledger of a sponsorship, the commitments of a reverse pair, and their totals for desks."""

from __future__ import annotations

from typing import Any

import flask
from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core import clock
from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.mentoring import queries
from app.mentoring.forms.sponsorship import ACTS, ActionForm, ResultForm
from app.mentoring.models import Relationship, SponsorAction
from app.mentoring.policies import (
    may_change_action,
    may_keep_ledger,
    may_remove_action,
    may_see_commitments,
    may_see_ledger,
    may_see_status,
    may_work,
)
from app.mentoring.queries import sponsorship as seen
from app.mentoring.queries import surveys
from app.mentoring.rules import LIVE
from app.mentoring.rules.sponsorship import SponsorAct
from app.mentoring.services import sponsoring
from app.mentoring.views.acting import found_pair, me
from app.mentoring.views.base import bp
from app.mentoring.views.lifecycle import said_yes
from app.programs.forms import BASELINE
from app.programs.models import Cohort

LEDGER = "mentoring/sponsorship.html"


@bp.post("/<uuid:relationship_id>/sponsorship-answer")
@guarded_by(may_work, find=queries.relationship_for)
def answer_sponsorship(pair: Relationship) -> Response:
    """Answer in private whether one goes on as sponsorship."""
    pair_id, person_id, says_yes = pair.id, me(), said_yes()
    with writing() as db:
        is_open = sponsoring.answer(db, person_id, relationship_id=pair_id, says_yes=says_yes)
    if is_open:
        said = _("Both of you want it. Here is what you do, in the words of you two.")
        return done(said, to=url_for(".sponsorship", relationship_id=pair_id))
    said = _("Your answer is kept for you alone. You can change it until the day.")
    return done(said, to=url_for(".going_on", relationship_id=pair_id))


@bp.get("/<uuid:relationship_id>/sponsorship")
@guarded_by(may_see_ledger, find=queries.relationship_for)
def sponsorship(pair: Relationship) -> flask.Response:
    """What was done, when, and what came of it."""
    return page(LEDGER, **_ledger(pair))


def _ledger(pair: Relationship, form: ActionForm | None = None) -> dict[str, Any]:
    today = clock.now().astimezone(clock.zone(current_actor().zone)).date()
    return {
        "pair": pair,
        "others": pair.others(current_actor().person_id),
        "lines": seen.ledger_of(reading(), pair.id),
        "acts": ACTS,
        "me": me(),
        "is_live": pair.state in LIVE,
        "form": form or ActionForm(formdata=None, data={"acted_on": today}),
    }


@bp.post("/<uuid:relationship_id>/sponsorship")
@guarded_by(may_keep_ledger, find=queries.relationship_for)
def note_action(pair: Relationship) -> Response:
    """Write down what was done."""
    form, pair_id, person_id = ActionForm(), pair.id, me()
    if not form.validate_on_submit():
        return invalid(LEDGER, **_ledger(pair, form))
    with writing() as db:
        row = sponsoring.note_action(
            db,
            person_id,
            relationship_id=pair_id,
            act=SponsorAct(form.act.data),
            acted_on=form.acted_on.data,
            whom=form.whom.data or "",
            result=form.result.data or "",
        )
        action_id = row.id
    undo = url_for(".remove_action", action_id=action_id)
    return done(_("Noted."), to=url_for(".sponsorship", relationship_id=pair_id), undo=undo)


@bp.post("/sponsorship/<uuid:action_id>/result")
@guarded_by(may_change_action, find=seen.action_for)
def tell_result(row: SponsorAction) -> Response:
    """Say what came of it."""
    form, pair, action_id = ResultForm(), row.pair, row.id
    if not form.validate_on_submit():
        return invalid(LEDGER, result_form=form, result_of=action_id, **_ledger(pair))
    pair_id, person_id, said = pair.id, me(), form.words
    try:
        with writing() as db:
            sponsoring.tell_result(db, person_id, action_id=action_id, **said)
    except Refused as refused:
        form.result.errors = [refused.message]
        pair = found_pair(pair_id)
        return invalid(LEDGER, result_form=form, result_of=action_id, **_ledger(pair))
    return done(_("Noted."), to=url_for(".sponsorship", relationship_id=pair_id))


@bp.post("/sponsorship/<uuid:action_id>/removal")
@guarded_by(may_remove_action, find=seen.action_for)
def remove_action(row: SponsorAction) -> Response:
    """Take a line out."""
    action_id, person_id = row.id, me()
    to = url_for(".sponsorship", relationship_id=row.relationship_id)
    with writing() as db:
        sponsoring.remove_action(db, person_id, action_id=action_id)
    return done(_("Taken out."), to=to, undo=url_for(".return_action", action_id=action_id))


@bp.post("/sponsorship/<uuid:action_id>/return")
@guarded_by(may_remove_action, find=seen.action_for)
def return_action(row: SponsorAction) -> Response:
    """Put it back."""
    action_id, person_id = row.id, me()
    to = url_for(".sponsorship", relationship_id=row.relationship_id)
    with writing() as db:
        sponsoring.return_action(db, person_id, action_id=action_id)
    return done(_("It is back."), to=to)


@bp.get("/<uuid:relationship_id>/commitments")
@guarded_by(may_see_commitments, find=queries.relationship_for)
def commitments(pair: Relationship) -> flask.Response:
    """What the senior wrote to do differently, and whether they did."""
    found = seen.commitments_of(reading(), pair)
    kept = sum(one.is_kept is True for one in found)
    others = pair.others(current_actor().person_id)
    shown = {"found": found, "kept": kept, "others": others}
    role = pair.role_of(current_actor().person_id)
    return page("mentoring/commitments.html", pair=pair, role=role, **shown)


@bp.get("/cohorts/<uuid:cohort_id>/what-came-of-it")
@guarded_by(may_see_status, find=queries.managed_cohort)
def totals(cohort: Cohort) -> flask.Response:
    """Sponsorship and commitments of a cohort: numbers behind which enough people stand."""
    found = seen.totals_of(reading(), cohort.id)
    outcomes = surveys.outcomes_of(reading(), cohort.id)
    shown = {"totals": found, "outcomes": outcomes, "measures": BASELINE}
    return page("mentoring/totals.html", cohort=cohort, **shown)
