"""The rules of a cohort one by one: added, changed, taken out, and taken back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import flask
from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.pages import done, invalid, page
from app.core.policies import Actor, current_actor, guarded_by
from app.programs import factors, queries
from app.programs.factors import Topic
from app.programs.forms.ruling import MinimumForm, RuleForm, rule_form
from app.programs.models import Cohort
from app.programs.policies import may_manage
from app.programs.rules import form_from
from app.programs.saying import KINDS, sentence
from app.programs.services import weighing
from app.programs.views.base import bp
from app.programs.weights import NothingCountsError

LIST, FORM = "programs/rules.html", "programs/rule.html"
Rules = dict[str, Any]


@bp.get("/cohorts/<uuid:cohort_id>/rules")
@guarded_by(may_manage, find=queries.cohort_for)
def rules(cohort: Cohort) -> flask.Response:
    """All rules as sentences, and what others there could be."""
    return page(LIST, **_listed(cohort))


def _listed(cohort: Cohort, form: MinimumForm | None = None) -> dict[str, Any]:
    known, is_mutual = _topics(cohort), form_from(cohort.rules).is_mutual
    now = {"version": _version(cohort), "minimum": int(cohort.rules.get("minimum", 0))}
    return {
        "cohort": cohort,
        "kinds": KINDS,
        "version": _version(cohort),
        "told": [
            (one, sentence(one, is_mutual=is_mutual), factors.topic_of(one, known) is not None)
            for one in cohort.rules.get("rules", ())
        ],
        "topics": known,
        "minimum": (form or MinimumForm(data=now)) if factors.takes_minimum(cohort.rules) else None,
    }


def _topics(cohort: Cohort) -> list[Topic]:
    kept = queries.enrollment_form(reading(), cohort)
    return factors.topics(kept.fields if kept else (), cohort.rules)


def _version(cohort: Cohort) -> int:
    return int(cohort.rules.get("version", 0))


def _saved(cohort: Cohort, read: int | None, changed: Mapping[str, Any], message: str) -> Response:
    """Keep changed rules as a new version, if the reader saw the present one."""
    cohort_id, former, person_id = cohort.id, _version(cohort), current_actor().person_id
    with writing() as db:
        weighing.save_rules(db, person_id, cohort_id=cohort_id, version=read or 0, rules=changed)
    undo = url_for(".restore_rules", cohort_id=cohort_id, version=former)
    return done(message, to=url_for(".rules", cohort_id=cohort_id), undo=undo)


@bp.post("/cohorts/<uuid:cohort_id>/rules")
@guarded_by(may_manage, find=queries.cohort_for)
def set_minimum(cohort: Cohort) -> Response:
    """How many mentees every mentor gets at least."""
    form = MinimumForm()
    if not factors.takes_minimum(cohort.rules):
        raise Refused(_("Here the size of a group says how many people are together."))
    if not form.validate_on_submit():
        return invalid(LIST, **_listed(cohort, form))
    changed = factors.with_minimum(cohort.rules, form.minimum.data)
    return _saved(cohort, form.version.data, changed, _("Saved. The next run follows it."))


@bp.route("/cohorts/<uuid:cohort_id>/new-rule", methods=["GET", "POST"])
@guarded_by(may_manage, find=queries.cohort_for)
def add_rule(cohort: Cohort) -> Response:
    """A further rule about answers that are known."""
    about = flask.request.args.get("about", "")
    topic = next((one for one in _topics(cohort) if one.key == about), None)
    if topic is None:
        return page("programs/new_rule.html", cohort=cohort, topics=_topics(cohort))
    return _asked(cohort, topic, None)


def _rule_of(db: Session, actor: Actor, cohort_id: Any, rule: str) -> Cohort | None:
    """A cohort that has this rule."""
    cohort = queries.cohort_for(db, actor, cohort_id)
    return cohort if cohort is not None and factors.rule_for(cohort.rules, rule) else None


def _rule(cohort: Cohort) -> dict[str, Any]:
    """The rule that the address names, if organizers may change it."""
    rule = factors.rule_for(cohort.rules, (flask.request.view_args or {})["rule"])
    assert rule is not None, "the finder has found it"
    return rule


def _topic(cohort: Cohort, rule: Mapping[str, Any]) -> Topic:
    topic = factors.topic_of(rule, _topics(cohort))
    if topic is None:
        raise Refused(_("This rule always holds. A single pair can be fixed with a reason."))
    return topic


@bp.route("/cohorts/<uuid:cohort_id>/rules/<rule>", methods=["GET", "POST"])
@guarded_by(may_manage, find=_rule_of)
def edit_rule(cohort: Cohort) -> Response:
    """How strict a rule is, and what it compares."""
    rule = _rule(cohort)
    return _asked(cohort, _topic(cohort, rule), rule)


def _asked(cohort: Cohort, topic: Topic, rule: Mapping[str, Any] | None) -> Response:
    is_mutual = form_from(cohort.rules).is_mutual
    form = rule_form(topic, rule, _version(cohort), is_mutual=is_mutual)
    context = {"cohort": cohort, "topic": topic, "rule": rule, "form": form}
    context |= {"now": sentence(rule, is_mutual=is_mutual) if rule else ""}
    if not form.is_submitted():
        return page(FORM, **context)
    changed = _changed(cohort, topic, rule, form) if form.validate() else None
    if changed is None:
        return invalid(FORM, **context)
    said = _("Saved. The next run of the matching follows it.")
    return _saved(cohort, form.version.data, changed, said)


def _changed(
    cohort: Cohort, topic: Topic, rule: Mapping[str, Any] | None, form: RuleForm
) -> Rules | None:
    """The cohort's rules with that of the form; None, with a sentence at a field, if impossible."""
    change: Callable[[Rules, Rules], Rules] = factors.changed if rule else factors.added
    try:
        return change(cohort.rules, form.rule(topic, rule))
    except factors.DoubleError:
        form.kind.errors = [_("There is such a rule about the same already. Change that one.")]
    except NothingCountsError:
        form.kind.errors = [_("At least one factor that may be given as a reason must count.")]
    return None


@bp.post("/cohorts/<uuid:cohort_id>/rules/<rule>/removal")
@guarded_by(may_manage, find=_rule_of)
def remove_rule(cohort: Cohort) -> Response:
    """Take a rule out; it can be taken back, and added again."""
    rule, read = _rule(cohort), flask.request.form.get("version", type=int)
    _topic(cohort, rule)
    try:
        changed = factors.removed(cohort.rules, rule["key"])
    except NothingCountsError as error:
        raise Refused(
            _("At least one factor that may be given as a reason must count."), 422
        ) from error
    return _saved(cohort, read, changed, _("The rule is taken out. The next run goes without it."))
