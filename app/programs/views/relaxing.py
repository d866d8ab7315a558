"""What would change in a run if one rule no longer held; nothing is kept."""

from __future__ import annotations

from dataclasses import replace

import flask
from flask_babel import gettext as _

from app.accounts.models import Person
from app.core.database import reading
from app.core.errors import Refused
from app.core.pages import page
from app.core.policies import current_actor, guarded_by
from app.matching.comparing import Comparison, if_relaxed
from app.matching.solver import solve
from app.programs import feed, queries
from app.programs.models import MatchRun
from app.programs.policies import may_manage
from app.programs.services.replays import is_small
from app.programs.views.base import bp
from app.programs.weights import hard_rules

SHOWN = 30  # people named; the figures count everybody


@bp.get("/runs/<uuid:run_id>/relaxed")
@guarded_by(may_manage, find=queries.run_for)
def relaxed(run: MatchRun) -> flask.Response:
    """What a rule costs: who would gain a match without it, and who another one."""
    rules = [label for _kind, label in hard_rules(run.rules)]
    wanted = flask.request.args.get("rule", "")
    found, people = _without(run, wanted) if wanted in rules else (None, {})
    return page(
        "programs/relaxed.html",
        run=run,
        rules=rules,
        wanted=wanted,
        found=found,
        people=people,
        most=SHOWN,
    )


def _without(run: MatchRun, label: str) -> tuple[Comparison, dict[str, Person]]:
    """Both are solved now, from public factors alone: what the solver knows in private stays out
    on either side, so that a difference says something of the rule and of nothing else."""
    pool = feed.load_pool(reading(), run.cohort_id)
    instance = replace(feed.instance_of(pool, run.rules, run.seed), current=frozenset())
    if not instance.mentees or not instance.mentors or not is_small(instance):
        raise Refused(
            _("This is worked out on the page for up to 300 mentees and 100 mentors in the pool.")
        )
    own = current_actor().person_id
    everybody = [*pool.mentees, *pool.mentors]
    people = {str(one.id): one.person for one in everybody if one.person_id != own}
    return if_relaxed(instance, solve(instance), label), people
