"""The plan of a year."""

from __future__ import annotations

from typing import Any

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.budgets.queries import shown_names
from app.core import clock
from app.core.database import reading, writing
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.ergs.models import Erg
from app.ergs.queries import erg_for
from app.ergs.rules import alias
from app.plans import policies, queries, services
from app.plans.forms import PlanForm
from app.plans.models import Initiative, Plan
from app.plans.queries import PAGE, Line, OfPlan
from app.plans.rules import PlanState
from app.plans.views.base import base, bp, wanted


@bp.get("/ergs/<slug>/plan/")
@guarded_by(policies.may_see, find=erg_for)
def index(erg: Erg) -> flask.Response:
    """One year: its initiatives with progress."""
    db, actor = reading(), current_actor()
    years = queries.plans(db, erg, with_drafts=queries.leads_it(db, actor, erg))
    plan = _chosen(years)
    lines = queries.lines(db, plan) if plan else []
    return page(
        "plans/index.html",
        fragment="plans/_initiatives.html",
        years=years,
        plan=plan,
        found=OfPlan(erg, plan) if plan else None,
        overall=sum(line.progress for line in lines) / len(lines) if lines else None,
        **_page_of(erg, lines),
        **base(erg),
    )


def _chosen(years: list[Plan]) -> Plan | None:
    asked = flask.request.args.get("year", clock.now().year, type=int)
    return next((p for p in years if p.year == asked), years[0] if years else None)


def _page_of(erg: Erg, lines: list[Line]) -> dict[str, Any]:
    asked = wanted()
    chosen = queries.filtered(lines, asked)
    first = (asked.number - 1) * PAGE
    shown = chosen[first : first + PAGE]
    return {
        "wanted": asked,
        "lines": shown,
        "number": asked.number,
        "last": max(1, -(-len(chosen) // PAGE)),
        "owners": owners(erg, [line.initiative for line in shown]),
    }


def owners(erg: Erg, rows: list[Initiative]) -> dict[Any, str]:
    """The owner of each initiative as this reader may know them."""
    names = shown_names(reading(), current_actor(), erg, [row.owner_id for row in rows])
    return {
        row.id: names.get(row.owner_id) or _("Person %(alias)s", alias=alias(row.id))
        for row in rows
        if row.owner_id is not None
    }


@bp.get("/ergs/<slug>/plan/new")
@guarded_by(policies.may_plan, find=erg_for)
def new(erg: Erg) -> flask.Response:
    """The year of a new plan."""
    form = PlanForm(data={"year": clock.now().year})
    return page("plans/new.html", form=form, **base(erg))


@bp.post("/ergs/<slug>/plan/new")
@guarded_by(policies.may_plan, find=erg_for)
def create(erg: Erg) -> Response:
    """Begin it as a draft."""
    form = PlanForm()
    if not form.validate_on_submit():
        return invalid("plans/new.html", form=form, **base(erg))
    person_id, erg_id, slug = current_actor().person_id, erg.id, erg.slug
    with writing() as db:
        services.begin_plan(
            db, person_id, erg_id=erg_id, year=form.year.data, summary=form.summary.data
        )
    message = _("The plan is a draft. Only leads see it until it is agreed.")
    return done(message, to=flask.url_for(".index", slug=slug, year=form.year.data))


def _moved(found: OfPlan, to: PlanState, message: str, undo: str) -> Response:
    person_id, plan_id, year = current_actor().person_id, found.plan.id, found.plan.year
    slug = found.erg.slug
    with writing() as db:
        services.move_plan(db, person_id, plan_id=plan_id, to=to)
    return done(
        message,
        to=flask.url_for(".index", slug=slug, year=year),
        undo=flask.url_for(undo, plan_id=plan_id),
    )


@bp.post("/plans/<uuid:plan_id>/agreement")
@guarded_by(policies.may_move, find=queries.plan_for)
def agree(found: OfPlan) -> Response:
    """Show it to everyone who sees the group; also opens a closed one again."""
    undo = ".close" if found.plan.state is PlanState.CLOSED else ".redraft"
    message = _("Agreed. Everyone who sees the group can read it now.")
    return _moved(found, PlanState.AGREED, message, undo)


@bp.post("/plans/<uuid:plan_id>/agreement/end")
@guarded_by(policies.may_move, find=queries.plan_for)
def redraft(found: OfPlan) -> Response:
    """A draft again."""
    return _moved(found, PlanState.DRAFT, _("It is a draft again. Only leads see it."), ".agree")


@bp.post("/plans/<uuid:plan_id>/end")
@guarded_by(policies.may_move, find=queries.plan_for)
def close(found: OfPlan) -> Response:
    """The year is over: nothing changes any more."""
    return _moved(found, PlanState.CLOSED, _("The plan is closed and stays readable."), ".agree")
