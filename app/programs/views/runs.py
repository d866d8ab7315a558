"""Matching for organizers: start, progress, review, decisions, publication."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import flask
from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.accounts.messages import shown_name
from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.htmx import htmx
from app.core.locale import format_percent
from app.core.pages import done, go, page
from app.core.policies import Actor, current_actor, guarded_by
from app.core.search import normalize
from app.matching.explain import Explainer
from app.programs import feed, queries
from app.programs.figures import prices_of
from app.programs.forms import DecisionForm
from app.programs.labels import PHASES
from app.programs.models import Cohort, MatchRun
from app.programs.policies import may_manage
from app.programs.rules import LIVE_RUNS, Decision, form_from
from app.programs.services import runs as services
from app.programs.texts import message_text
from app.programs.views.base import bp
from app.programs.views.reviewing import review_of


@bp.post("/cohorts/<uuid:cohort_id>/runs")
@guarded_by(may_manage, find=queries.cohort_for)
def start_run(cohort: Cohort) -> Response:
    """Start the matching."""
    cohort_id, person_id = cohort.id, current_actor().person_id
    with writing() as db:
        run = services.start_run(db, person_id, cohort_id=cohort_id)
    return done(
        _("The matching has started. You may leave this page meanwhile."),
        to=url_for(".run", run_id=run.id),
    )


@bp.get("/runs/<uuid:run_id>/")
@guarded_by(may_manage, find=queries.run_for)
def run(run: MatchRun) -> Response:
    """A run: its progress, then its pairs to review."""
    if run.is_trial:
        return go(url_for(".weights", cohort_id=run.cohort_id, trial=run.id))
    if run.state in LIVE_RUNS:
        return page("programs/run.html", fragment="programs/_progress.html", run=run, phases=PHASES)
    if htmx.is_partial:  # the page that was polling has news in more places than its progress
        return go(url_for(".run", run_id=run.id))
    return page("programs/run.html", phases=PHASES, **review_of(run))


def _candidate(db: Session, actor: Actor, run_id: UUID, mentee_id: UUID) -> Any:
    """The run with one of its mentees, for an organizer who is not that mentee."""
    found = queries.run_and_person(db, actor, run_id, mentee_id)
    if found is None or found[1].id == actor.person_id:
        return None
    return _MenteeOfRun(found[0], mentee_id, found[1])


class _MenteeOfRun:
    """A run and one of its mentees: what the page "why not somebody else?" is about."""

    def __init__(self, run: MatchRun, mentee_id: UUID, person: Any) -> None:
        self.run, self.mentee_id, self.person = run, mentee_id, person
        self.cohort = run.cohort


def may_ask(actor: Actor, subject: _MenteeOfRun) -> bool:
    """Whoever runs the cohort."""
    return may_manage(actor, subject.cohort)


@bp.get("/runs/<uuid:run_id>/mentees/<uuid:mentee_id>/alternatives")
@guarded_by(may_ask, find=_candidate)
def alternatives(subject: _MenteeOfRun) -> flask.Response:
    """The next best mentors of a mentee, and why not each of them."""
    db, run = reading(), subject.run
    pool = feed.load_pool(db, run.cohort_id, run.rules)
    if all(one.id != subject.mentee_id for one in pool.mentees):
        raise Refused(_("This person is not in the pool any more. Run the matching again."))
    mates = queries.mates_of(db, run.id)
    instance = feed.instance_of(pool, run.rules, run.seed)
    explainer = Explainer(
        instance, mates, prices_of(run.prices, form_from(run.rules), mates.values())
    )
    mentee = str(subject.mentee_id)
    q = flask.request.args.get("q", "")[:200]
    people = {str(one.id): one.person for one in pool.mentors if one.person_id != _own_id()}
    rows = [
        (
            UUID(mentor),
            people[mentor],
            format_percent(score, 1),
            message_text(services.message_json(explainer.why_not(mentee, mentor)), {}),
        )
        for mentor, score in _asked_for(explainer, mentee, people, q)
    ]
    return page(
        "programs/alternatives.html",
        run=run,
        mentee_id=subject.mentee_id,
        person=subject.person,
        rows=rows,
        q=q,
        form=DecisionForm(),
    )


def _own_id() -> UUID | None:
    return current_actor().person_id


def _asked_for(
    explainer: Explainer, mentee: str, people: dict[str, Any], q: str
) -> list[tuple[str, float]]:
    """The next best mentors with their scores; with words, whoever is called so."""
    if not normalize(q):
        best = explainer.alternatives(mentee, 9)
        return [(one.mentor, one.score) for one in best if one.mentor in people][:8]
    words = normalize(q).split()
    named = [
        mentor
        for mentor, person in people.items()
        if all(word in normalize(shown_name(person)) for word in words)
    ]
    return [(one, explainer.explain_pair(mentee, one).score) for one in named[:8]]


@bp.post("/runs/<uuid:run_id>/decisions")
@guarded_by(may_manage, find=queries.run_for)
def decide(run: MatchRun) -> Response:
    """Fix a pair or rule it out."""
    form = DecisionForm()
    run_id, person_id = run.id, current_actor().person_id
    try:
        ids = [UUID(field.data or "") for field in (form.mentee, form.mentor)]
        pair = dict(zip(("mentee_id", "mentor_id"), ids, strict=True))
        kind = Decision(form.kind.data)
    except ValueError as error:
        raise Refused(_("Choose a mentee and a mentor of this cohort."), 422) from error
    with writing() as db:
        services.decide(
            db, person_id, run_id=run_id, kind=kind, reason=form.reason.data or "", **pair
        )
    return done(
        _("Noted. Run the matching again to let it work around your decision."),
        to=url_for(".run", run_id=run_id),
    )


@bp.post("/runs/<uuid:run_id>/decisions/<uuid:decision_id>/undoing")
@guarded_by(
    may_manage, find=lambda db, actor, run_id, decision_id: queries.run_for(db, actor, run_id)
)
def undo_decision(run: MatchRun) -> Response:
    """Take a decision back."""
    run_id, person_id = run.id, current_actor().person_id
    decision_id: UUID = (flask.request.view_args or {})["decision_id"]
    with writing() as db:
        services.undo_decision(db, person_id, run_id=run_id, decision_id=decision_id)
    return done(_("The decision is taken back."), to=url_for(".run", run_id=run_id))


@bp.post("/runs/<uuid:run_id>/publication")
@guarded_by(may_manage, find=queries.run_for)
def publish(run: MatchRun) -> Response:
    """Publish: the offers go out when the recall window has passed."""
    return _act(
        run,
        services.publish,
        _("Published. Nothing leaves for thirty minutes; until then you can recall it."),
    )


@bp.post("/runs/<uuid:run_id>/recall")
@guarded_by(may_manage, find=queries.run_for)
def recall(run: MatchRun) -> Response:
    """Take the publication back."""
    return _act(run, services.recall, _("Recalled. Nobody has heard of it."))


@bp.post("/runs/<uuid:run_id>/discarding")
@guarded_by(may_manage, find=queries.run_for)
def discard(run: MatchRun) -> Response:
    """Put the run aside."""
    return _act(run, services.discard, _("The run is put aside."))


def _act(run: MatchRun, verb: Any, message: str) -> Response:
    run_id, person_id = run.id, current_actor().person_id
    with writing() as db:
        verb(db, person_id, run_id=run_id)
    return done(message, to=url_for(".run", run_id=run_id))
