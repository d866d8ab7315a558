"""What would change in a run without one rule, or with one more place; nothing is kept."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import flask
from flask_babel import gettext as _

from app.core.database import reading
from app.core.errors import Refused
from app.core.pages import page
from app.core.policies import current_actor, guarded_by
from app.matching.comparing import Comparison, if_relaxed, with_one_more
from app.matching.text import MatchingError
from app.matching.types import Instance, Outcome
from app.programs import feed, queries
from app.programs.feed import Pool
from app.programs.forming import formed
from app.programs.models import MatchRun
from app.programs.policies import may_manage
from app.programs.rules import Form, form_from
from app.programs.services.replays import is_small
from app.programs.views.base import bp
from app.programs.weights import hard_rules

SHOWN = 30  # people named; the figures count everybody


@bp.get("/runs/<uuid:run_id>/relaxed")
@guarded_by(may_manage, find=queries.run_for)
def relaxed(run: MatchRun) -> flask.Response:
    """What a rule costs, and what a place is worth: who would gain a match, and who another one."""
    rules = [label for _kind, label in hard_rules(run.rules)]
    wanted, more = (flask.request.args.get(name, "") for name in ("rule", "more"))
    pool = feed.load_pool(reading(), run.cohort_id, run.rules)
    own = current_actor().person_id
    sides = [*pool.mentees, *pool.mentors]
    people = {str(one.id): one.person for one in sides if one.person_id != own}
    mentors = [] if pool.form.is_mutual else [str(one.id) for one in pool.mentors]
    mentors = [one for one in mentors if one in people]
    found = None
    if wanted in rules or more in mentors:
        found = _compared(run, pool, wanted if wanted in rules else "", more)
    return page(
        "programs/relaxed.html",
        run=run,
        rules=rules,
        wanted=wanted,
        mentors=mentors,
        more=more,
        found=found,
        people=people,
        most=SHOWN,
    )


def _compared(run: MatchRun, pool: Pool, rule: str, mentor: str) -> Comparison:
    """Both are solved now, from public factors alone: what the solver knows in private stays out
    on either side, so that a difference says something of the question and of nothing else."""
    instance = feed.public_of(feed.instance_of(pool, run.rules, run.seed))
    instance = replace(instance, current=frozenset())
    if not instance.mentees or not instance.mentors or not is_small(instance):
        raise Refused(
            _("This is worked out on the page for up to 300 mentees and 100 mentors in the pool.")
        )
    solver = partial(_solved, form_from(run.rules))
    try:
        before = solver(instance)
        if rule:
            return if_relaxed(instance, before, rule, solver)
        return with_one_more(instance, before, mentor, solver)
    except MatchingError as error:
        raise Refused(_("These rules cannot be met: no matching satisfies all of them.")) from error


def _solved(form: Form, instance: Instance) -> Outcome:
    return formed(form, instance, {}, explain=False)
