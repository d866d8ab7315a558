"""Pages of approvals: what waits and what was decided, one decision, the chain and its rules."""

from __future__ import annotations

from typing import Any

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.approvals import forms, policies, queries, services
from app.approvals.forms import ChainForm, DecisionForm, DeputyForm
from app.approvals.models import Approval
from app.approvals.queries import Case, DeputyOf, RuleOf
from app.approvals.registry import ItemKind, kinds
from app.approvals.rules import ApprovalState, Decider, StepKind, matches
from app.core.database import reading, writing
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.core.richtext import render
from app.ergs import queries as ergs
from app.ergs.models import Erg
from app.ergs.queries.bylines import bylines
from app.ergs.rules import Viewer

bp = flask.Blueprint("approvals", __name__, url_prefix="/ergs")


def _viewer(erg: Erg) -> Viewer:
    return ergs.standing(reading(), current_actor()).viewer(erg.id)


# what waits, and what was decided


@bp.get("/<slug>/approvals/")
@guarded_by(policies.may_open, find=ergs.erg_for)
def index(erg: Erg) -> flask.Response:
    """A group's rounds, and who stands in for the reader."""
    return page("approvals/index.html", **_listed(erg))


def _listed(erg: Erg, form: DeputyForm | None = None) -> dict[str, Any]:
    db, actor, asked = reading(), current_actor(), flask.request.args.get("state", "")
    state = ApprovalState(asked) if asked in list(ApprovalState) else None
    number = max(1, flask.request.args.get("page", 1, type=int))
    listing = queries.history(db, erg.id, state, number)
    near = queries.candidates(db, erg, _viewer(erg), actor.person_id)
    own = [term for term in queries.deputies(db, erg.id) if term.person_id == actor.person_id]
    return {
        "erg": erg,
        "listing": listing,
        "items": queries.described(db, listing.rows),
        "kinds": kinds,
        "states": forms.STATES,
        "state": asked if state else "",
        "form": form or DeputyForm.of(near),
        "names": dict(near),
        "terms": own,
    }


@bp.post("/<slug>/approvals/deputies")
@guarded_by(policies.may_name_deputy, find=ergs.erg_for)
def name_deputy(erg: Erg) -> Response:
    """Let somebody decide in one's place."""
    db, person_id = reading(), current_actor().person_id
    form = DeputyForm.of(queries.candidates(db, erg, _viewer(erg), person_id))
    if not form.validate_on_submit():
        return invalid("approvals/index.html", **_listed(erg, form))
    erg_id, slug = erg.id, erg.slug
    with writing() as db:
        row = services.name_deputy(
            db,
            person_id,
            erg_id=erg_id,
            deputy_id=form.deputy.data,
            starts_on=form.starts_on.data,
            ends_on=form.ends_on.data,
        )
        term = row.id
    return done(
        _("Saved. Your deputy decides in your place on these days."),
        to=flask.url_for(".index", slug=slug),
        undo=flask.url_for(".end_deputy", slug=slug, deputy_id=term),
    )


@bp.post("/<slug>/approvals/deputies/<uuid:deputy_id>/end")
@guarded_by(policies.may_end_deputy, find=queries.deputy_for)
def end_deputy(found: DeputyOf) -> Response:
    """Decide oneself again."""
    person_id, deputy_id, slug = current_actor().person_id, found.deputy.id, found.erg.slug
    with writing() as db:
        services.end_deputy(db, person_id, deputy_id=deputy_id)
    undo = flask.url_for(".resume_deputy", slug=slug, deputy_id=deputy_id)
    return done(_("You decide yourself again."), to=flask.url_for(".index", slug=slug), undo=undo)


@bp.post("/<slug>/approvals/deputies/<uuid:deputy_id>/resume")
@guarded_by(policies.may_end_deputy, find=queries.deputy_for)
def resume_deputy(found: DeputyOf) -> Response:
    """Take that back."""
    person_id, deputy_id, slug = current_actor().person_id, found.deputy.id, found.erg.slug
    with writing() as db:
        services.resume_deputy(db, person_id, deputy_id=deputy_id)
    return done(_("Your deputy is back."), to=flask.url_for(".index", slug=slug))


# one decision


@bp.get("/<slug>/approvals/<uuid:approval_id>/")
@guarded_by(policies.may_see, find=queries.case_for)
def show(case: Case) -> flask.Response:
    """An item, what was said so far, and one's own decision."""
    return page("approvals/show.html", **_about(case))


def _about(case: Case, form: DecisionForm | None = None) -> dict[str, Any]:
    db, actor, approval = reading(), current_actor(), case.approval
    item = queries.described(db, [approval]).get(approval.subject_id)
    people = {step.person_id for step in approval.steps} | {
        step.for_person_id for step in approval.steps
    }
    named = {person for person in people if person is not None}
    return {
        "case": case,
        "erg": case.erg,
        "approval": approval,
        "item": item,
        "body": render(item.body) if item else "",
        "form": form or DecisionForm(),
        "states": forms.STATES,
        "steps": forms.STEPS,
        "deciders": forms.DECIDERS,
        "is_official": lambda step: _is_official(approval, step),
        "names": bylines(db, case.erg, named, viewer=_viewer(case.erg), reader=actor.person_id),
        "mandate": queries.own_mandate(db, actor, approval),
        "backups": approval.deciders[1:],
    }


def _is_official(approval: Approval, step: Any) -> bool:
    """An administrator acts for the organization and appears as that."""
    is_decision = step.kind not in (StepKind.ASKED, StepKind.WITHDRAWN)
    at = approval.chain[step.stage].decider if step.stage < len(approval.stages) else None
    return is_decision and at is Decider.ORG_ADMIN


@bp.post("/<slug>/approvals/<uuid:approval_id>/decision")
@guarded_by(policies.may_decide, find=queries.case_for)
def decide(case: Case) -> Response:
    """Approve, ask for changes, or reject with a reason."""
    form = DecisionForm()
    if not form.validate_on_submit():
        return invalid("approvals/show.html", **_about(case, form))
    person_id, approval_id, slug = current_actor().person_id, case.approval.id, case.erg.slug
    with writing() as db:
        services.decide(
            db,
            person_id,
            approval_id=approval_id,
            verdict=form.verdict.data,
            reason=form.reason.data or "",
        )
    return done(
        _("Your decision is noted. The author is told in a few minutes."),
        to=flask.url_for(".show", slug=slug, approval_id=approval_id),
        undo=flask.url_for(".undo", slug=slug, approval_id=approval_id),
    )


@bp.post("/<slug>/approvals/<uuid:approval_id>/undo")
@guarded_by(policies.may_undo, find=queries.case_for)
def undo(case: Case) -> Response:
    """Take one's last decision back."""
    person_id, approval_id, slug = current_actor().person_id, case.approval.id, case.erg.slug
    with writing() as db:
        services.undo(db, person_id, approval_id=approval_id)
    to = flask.url_for(".show", slug=slug, approval_id=approval_id)
    return done(_("Taken back. It waits for a decision again."), to=to)


# the chain and its rules


@bp.get("/<slug>/manage/approvals/")
@guarded_by(policies.may_arrange, find=ergs.erg_for)
def arrange(erg: Erg) -> flask.Response:
    """Who has to say yes; which items need nobody; what a new rule would have done."""
    return page("approvals/arrange.html", **_arranged(erg))


def _kind() -> str:
    asked = flask.request.args.get("kind", "")
    return asked if kinds.get(asked) else _kinds()[0][0]


def _kinds() -> list[tuple[str, ItemKind]]:
    """All kinds in one order, whichever domain was registered first: posts before events."""
    return sorted(kinds, key=lambda found: found[0], reverse=True)


def _arranged(erg: Erg, form: ChainForm | None = None) -> dict[str, Any]:
    db, kind = reading(), _kind()
    wanted = forms.conditions_from(kind, flask.request.args)
    tried = _replay(erg, kind, wanted) if flask.request.args.get("try") else None
    rules = queries.rules_of(db, erg.id, kind)
    return {
        "erg": erg,
        "kind": kind,
        "kinds": _kinds(),
        "form": form or ChainForm.of(queries.chain(db, erg.id, kind)),
        "facts": forms.facts_of(kind),
        "rules": [(rule, forms.spelled(kind, rule.conditions)) for rule in rules],
        "wanted": wanted,
        "words": forms.spelled(kind, wanted),
        "tried": tried,
    }


def _replay(erg: Erg, kind: str, wanted: dict[str, str]) -> list[tuple[Any, Approval, bool]]:
    """The last items: (item, its round, whether the rule would have approved it)."""
    db, reader = reading(), current_actor().person_id
    past = queries.recent(db, erg.id, kind)
    items = queries.described(db, past)
    return [
        (
            items[row.subject_id],
            row,
            matches(wanted, row.facts) and reader not in row.authors,
        )
        for row in past
        if row.subject_id in items
    ]


@bp.post("/<slug>/manage/approvals/chain")
@guarded_by(policies.may_arrange, find=ergs.erg_for)
def set_chain(erg: Erg) -> Response:
    """Save who decides in which order."""
    form, kind = ChainForm(), _kind()
    if not form.validate_on_submit():
        return invalid("approvals/arrange.html", **_arranged(erg, form))
    person_id, erg_id, slug = current_actor().person_id, erg.id, erg.slug
    with writing() as db:
        services.set_chain(db, person_id, erg_id=erg_id, kind=kind, stages=form.stages)
    return done(
        _("Saved. What is on its way already keeps the chain it began with."),
        to=flask.url_for(".arrange", slug=slug, kind=kind),
    )


@bp.post("/<slug>/manage/approvals/rules")
@guarded_by(policies.may_arrange, find=ergs.erg_for)
def add_rule(erg: Erg) -> Response:
    """Save a rule whose replay was shown."""
    kind = _kind()
    conditions = forms.conditions_from(kind, flask.request.form)
    person_id, erg_id, slug = current_actor().person_id, erg.id, erg.slug
    with writing() as db:
        rule = services.add_rule(db, person_id, erg_id=erg_id, kind=kind, conditions=conditions)
        rule_id = rule.id
    return done(
        _("Saved. From now on, these items need nobody."),
        to=flask.url_for(".arrange", slug=slug, kind=kind),
        undo=flask.url_for(".end_rule", slug=slug, rule_id=rule_id),
    )


@bp.post("/<slug>/manage/approvals/rules/<uuid:rule_id>/end")
@guarded_by(policies.may_end_rule, find=queries.rule_for)
def end_rule(found: RuleOf) -> Response:
    """Stop a rule."""
    person_id, rule_id = current_actor().person_id, found.rule.id
    slug, kind = found.erg.slug, found.rule.kind
    with writing() as db:
        services.end_rule(db, person_id, rule_id=rule_id)
    return done(
        _("The rule is ended. What it approved stays approved."),
        to=flask.url_for(".arrange", slug=slug, kind=kind),
        undo=flask.url_for(".resume_rule", slug=slug, rule_id=rule_id),
    )


@bp.post("/<slug>/manage/approvals/rules/<uuid:rule_id>/resume")
@guarded_by(policies.may_end_rule, find=queries.rule_for)
def resume_rule(found: RuleOf) -> Response:
    """Take that back."""
    person_id, rule_id = current_actor().person_id, found.rule.id
    slug, kind = found.erg.slug, found.rule.kind
    with writing() as db:
        services.resume_rule(db, person_id, rule_id=rule_id)
    return done(
        _("The rule is in force again."), to=flask.url_for(".arrange", slug=slug, kind=kind)
    )
