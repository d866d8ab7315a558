"""The organizers' desk of risk flags: the list, one flag, and what is done about it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import flask
from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.health.rules import Kind, share_cell
from app.mentoring import queries
from app.mentoring.forms.risks import OutcomeForm, OwnerForm, PlayForm, SnoozeForm
from app.mentoring.models import RiskFlag
from app.mentoring.policies import may_handle_flag, may_see_desk, may_see_status
from app.mentoring.queries import risks as seen
from app.mentoring.risk_words import ADVICE, OUTCOMES, PLAYS, RISKS, STATES, evidence_text
from app.mentoring.rules.risks import RULES, Outcome, Play, Risk
from app.mentoring.services import deciding
from app.mentoring.views.acting import me
from app.mentoring.views.base import bp
from app.programs.models import Cohort


@bp.app_template_filter("evidence")
def evidence(flag: RiskFlag) -> str:
    """What the rule of a flag has seen."""
    return evidence_text(flag.rule, flag.evidence)


@bp.get("/risks/")
@guarded_by(may_see_desk, find=seen.desk_of)
def risks(_desk: seen.Desk) -> flask.Response:
    """The flags of all programs one runs."""
    return page("mentoring/risks.html", fragment="mentoring/_risks.html", **_listed(None))


@bp.get("/cohorts/<uuid:cohort_id>/risks/")
@guarded_by(may_see_status, find=queries.managed_cohort)
def cohort_risks(cohort: Cohort) -> flask.Response:
    """The flags of one cohort."""
    return page("mentoring/risks.html", fragment="mentoring/_risks.html", **_listed(cohort))


def _listed(cohort: Cohort | None) -> dict[str, Any]:
    db, actor, args = reading(), current_actor(), request.args
    wanted = seen.Wanted(
        cohort_id=cohort.id if cohort else None,
        q=args.get("q", "").strip()[:100],
        rule=args.get("rule", ""),
        state=args.get("state", ""),
        owner=args.get("owner", ""),
        number=args.get("page", 1, type=int),
    )
    flagging = [rule for rule in Risk if RULES[rule].flag is not None]
    return {
        "cohort": cohort,
        "wanted": wanted,
        "found": seen.flags_page(db, actor, wanted),
        "rates": {rule: _rate(*pair) for rule, pair in seen.hit_rates(db, actor).items()},
        "cohorts": [] if cohort else seen.cohorts_with_flags(db, actor),
        "flagging": flagging,
        "rule_options": [(rule.value, RISKS[rule]) for rule in flagging],
        "state_options": [(state.value, label) for state, (label, _tone) in STATES.items()],
        "here": _here(cohort),
        **_words(),
    }


def _here(cohort: Cohort | None) -> str:
    return url_for(".cohort_risks", cohort_id=cohort.id) if cohort else url_for(".risks")


def _rate(right: int, settled: int) -> tuple[int, int] | None:
    """A hit rate with its denominator; none while the numbers are small."""
    cell = share_cell(right, settled)
    is_shown = cell.kind is Kind.EXACT and cell.value is not None and cell.of
    return (right, settled) if is_shown else None


def _words() -> dict[str, Any]:
    return {
        "risk_labels": RISKS,
        "flag_states": STATES,
        "plays": PLAYS,
        "advice": ADVICE,
        "outcomes": OUTCOMES,
        "suggested": {rule: RULES[rule].play for rule in Risk},
    }


@bp.post("/risks/seen")
@guarded_by(may_see_desk, find=seen.desk_of)
def acknowledge(_desk: seen.Desk) -> Response:
    """Acknowledge the chosen flags in one go."""
    chosen = _uuids(request.form.getlist("shown" if request.form.get("all") else "flag"))
    flag_ids = seen.visible_ids(reading(), current_actor(), chosen)
    if not flag_ids:
        problem = _("Choose at least one flag.")
        return invalid("mentoring/risks.html", problem=problem, **_listed(None))
    with writing() as db:
        batch_id, number = deciding.acknowledge(db, me(), flag_ids=flag_ids)
    said = ngettext("%(num)s flag is marked as seen.", "%(num)s flags are marked as seen.", number)
    undo = url_for(".unacknowledge", batch_id=batch_id) if number else None
    return done(said, to=url_for(".risks"), undo=undo)


def _uuids(texts: list[str]) -> list[UUID]:
    found = []
    for text in texts[:100]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


@bp.post("/risks/seen/<uuid:batch_id>/undo")
@guarded_by(may_see_desk, find=seen.batch_for)
def unacknowledge(batch_id: UUID) -> Response:
    """Take that back."""
    with writing() as db:
        number = deciding.unacknowledge(db, me(), batch_id=batch_id)
    said = ngettext("%(num)s flag is open again.", "%(num)s flags are open again.", number)
    return done(said, to=url_for(".risks"))


@bp.get("/risks/<uuid:flag_id>/")
@guarded_by(may_handle_flag, find=seen.flag_for)
def risk(flag: RiskFlag) -> flask.Response:
    """One flag: what the rule has seen, what one can do, what was done."""
    return page("mentoring/risk.html", **_context(flag))


def _context(flag: RiskFlag, **forms: Any) -> dict[str, Any]:
    people = seen.owners_for(reading(), current_actor(), flag)
    owner = str(flag.owner_id or "")
    return {
        "flag": flag,
        "pair": flag.pair,
        "owner_form": OwnerForm(people, formdata=None, owner=owner),
        "snooze_form": SnoozeForm(formdata=None),
        "play_form": PlayForm(formdata=None, play=(flag.play or RULES[flag.rule].play).value),
        "outcome_form": OutcomeForm(formdata=None),
        "letters": deciding.LETTERS,
        **_words(),
        **forms,
    }


def _back(said: str, flag_id: UUID, undo: bool = True) -> Response:
    back = url_for(".reopen_flag", flag_id=flag_id) if undo else None
    return done(said, to=url_for(".risk", flag_id=flag_id), undo=back)


@bp.post("/risks/<uuid:flag_id>/owner")
@guarded_by(may_handle_flag, find=seen.flag_for)
def own_flag(flag: RiskFlag) -> Response:
    """Say who looks after it."""
    form = OwnerForm(seen.owners_for(reading(), current_actor(), flag))
    if not form.validate_on_submit():
        return invalid("mentoring/risk.html", **_context(flag, owner_form=form))
    flag_id, owner_id = flag.id, UUID(form.owner.data) if form.owner.data else None
    with writing() as db:
        deciding.own(db, me(), flag_id=flag_id, owner_id=owner_id)
    return _back(_("Noted who looks after it."), flag_id, undo=False)


@bp.post("/risks/<uuid:flag_id>/rest")
@guarded_by(may_handle_flag, find=seen.flag_for)
def snooze_flag(flag: RiskFlag) -> Response:
    """Put it off."""
    form = SnoozeForm()
    if not form.validate_on_submit():
        return invalid("mentoring/risk.html", **_context(flag, snooze_form=form))
    flag_id = flag.id
    with writing() as db:
        deciding.snooze(db, me(), flag_id=flag_id, until=form.until.data)
    return _back(_("It comes back on that day, unless it has settled itself."), flag_id)


@bp.post("/risks/<uuid:flag_id>/play")
@guarded_by(may_handle_flag, find=seen.flag_for)
def act_on_flag(flag: RiskFlag) -> Response:
    """Record what was done, and send its message."""
    form = PlayForm()
    if not form.validate_on_submit():
        return invalid("mentoring/risk.html", **_context(flag, play_form=form))
    flag_id, play = flag.id, Play(form.play.data)
    with writing() as db:
        wrote = deciding.act(db, me(), flag_id=flag_id, play=play, writes=form.writes.data)
    if wrote:
        return _back(_("Noted, and everybody gets the same message."), flag_id, undo=False)
    return _back(_("Noted what you do."), flag_id)


@bp.post("/risks/<uuid:flag_id>/outcome")
@guarded_by(may_handle_flag, find=seen.flag_for)
def settle_flag(flag: RiskFlag) -> Response:
    """Say what became of it."""
    form = OutcomeForm()
    if not form.validate_on_submit():
        return invalid("mentoring/risk.html", **_context(flag, outcome_form=form))
    flag_id, outcome = flag.id, Outcome(form.outcome.data)
    with writing() as db:
        deciding.conclude(db, me(), flag_id=flag_id, outcome=outcome)
    return _back(_("Settled. It counts for how often this rule is right."), flag_id)


@bp.post("/risks/<uuid:flag_id>/reopening")
@guarded_by(may_handle_flag, find=seen.flag_for)
def reopen_flag(flag: RiskFlag) -> Response:
    """Take back what was done last."""
    flag_id = flag.id
    with writing() as db:
        deciding.open_again(db, me(), flag_id=flag_id)
    return _back(_("It is open again."), flag_id, undo=False)
