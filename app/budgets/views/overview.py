"""What a group has, has set aside and has spent, by purpose."""

from __future__ import annotations

import flask

from app.budgets import policies, queries
from app.budgets.models import BudgetCycle
from app.budgets.queries import Wanted
from app.budgets.rules import Purpose, RequestState, Sums
from app.budgets.views.base import base, bp, wanted
from app.core.database import reading
from app.core.pages import page
from app.core.policies import current_actor, guarded_by
from app.ergs.models import Erg
from app.ergs.queries import erg_for


@bp.get("/ergs/<slug>/budget/")
@guarded_by(policies.may_see_money, find=erg_for)
def index(erg: Erg) -> flask.Response:
    """One cycle: its sums, a chart by purpose, its lines, and what waits."""
    db = reading()
    found = queries.cycles(db, erg)
    cycle = _chosen(found)
    sums = queries.sums_by_line(db, cycle) if cycle else {}
    waiting = Wanted(state=RequestState.SUBMITTED)
    return page(
        "budgets/index.html",
        cycles=found,
        cycle=cycle,
        sums=sums,
        total=sum(sums.values(), Sums()),
        by_purpose=_by_purpose(cycle, sums),
        waiting=queries.requests(db, current_actor(), erg, waiting),
        **base(erg),
    )


def _chosen(found: list[BudgetCycle]) -> BudgetCycle | None:
    asked = wanted().cycle_id
    return next((c for c in found if c.id == asked), found[0] if found else None)


def _by_purpose(cycle: BudgetCycle | None, sums: dict) -> dict[Purpose, Sums]:  # type: ignore[type-arg]
    lines = cycle.lines if cycle else []
    return {
        purpose: sum((sums[x.id] for x in lines if x.purpose is purpose), Sums())
        for purpose in Purpose
    }
