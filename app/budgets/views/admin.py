"""What administrators do: cycles, allocations, rates."""

from __future__ import annotations

from typing import Any

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.budgets import policies, queries, services
from app.budgets.forms import AllocationForm, CycleForm, RateForm
from app.budgets.queries import OfCycle, OfEntry, Wanted
from app.budgets.views.base import base, bp, wanted
from app.core import clock
from app.core.database import reading, writing
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.ergs.models import Erg
from app.ergs.queries import erg_for


@bp.get("/ergs/<slug>/budget/cycles/new")
@guarded_by(policies.may_allocate, find=erg_for)
def new_cycle(erg: Erg) -> flask.Response:
    """An empty cycle."""
    return page("budgets/cycle_edit.html", form=CycleForm.of(erg), cycle=None, **base(erg))


@bp.post("/ergs/<slug>/budget/cycles/new")
@guarded_by(policies.may_allocate, find=erg_for)
def create_cycle(erg: Erg) -> Response:
    """Open it."""
    form = CycleForm.of(erg)
    if not form.validate_on_submit():
        return invalid("budgets/cycle_edit.html", form=form, cycle=None, **base(erg))
    person_id, erg_id = current_actor().person_id, erg.id
    with writing() as db:
        made = services.open_cycle(
            db,
            person_id,
            erg_id=erg_id,
            terms=form.terms(),
            currency=form.currency.data,
            chapter_ids=form.chapters.data,
        ).id
    message = _("The cycle is open. Allocate money to its lines now.")
    return done(message, to=flask.url_for(".cycle", cycle_id=made))


@bp.get("/budgets/cycles/<uuid:cycle_id>/")
@guarded_by(policies.may_change_cycle, find=queries.cycle_for)
def cycle(found: OfCycle) -> flask.Response:
    """A cycle: its lines, what was allocated, and a form for more."""
    return page("budgets/cycle.html", **_about(found, AllocationForm.of(found.erg, found.cycle)))


def _about(found: OfCycle, form: AllocationForm, **more: Any) -> dict[str, Any]:
    db, of_cycle = reading(), Wanted(cycle_id=found.cycle.id, number=wanted().number)
    return {
        **base(found.erg),
        "found": found,
        "cycle": found.cycle,
        "form": form,
        "sums": queries.sums_by_line(db, found.cycle),
        "listing": queries.allocations(db, found.erg, of_cycle),
        **more,
    }


@bp.post("/budgets/cycles/<uuid:cycle_id>/allocations")
@guarded_by(policies.may_change_cycle, find=queries.cycle_for)
def allocate(found: OfCycle) -> Response:
    """Give money to a line."""
    form = AllocationForm.of(found.erg, found.cycle)
    if not form.validate_on_submit():
        return invalid("budgets/cycle.html", **_about(found, form))
    person_id, cycle_id = current_actor().person_id, found.cycle.id
    with writing() as db:
        entry_id = services.allocate(
            db, person_id, line_id=form.line_id.data, amount=form.minor, note=form.note.data
        ).id
    return done(
        _("Allocated."),
        to=flask.url_for(".cycle", cycle_id=cycle_id),
        undo=flask.url_for(".reverse", entry_id=entry_id),
    )


@bp.post("/budgets/entries/<uuid:entry_id>/reversal")
@guarded_by(policies.may_reverse, find=queries.entry_for)
def reverse(found: OfEntry) -> Response:
    """Take an allocation back by an entry of its own."""
    person_id, entry_id = current_actor().person_id, found.entry.id
    cycle_id = found.entry.line.cycle_id
    with writing() as db:
        services.reverse(db, person_id, entry_id=entry_id)
    message = _("Taken back by an entry of its own. To undo, allocate the amount again.")
    return done(message, to=flask.url_for(".cycle", cycle_id=cycle_id))


@bp.get("/budgets/cycles/<uuid:cycle_id>/edit")
@guarded_by(policies.may_change_cycle, find=queries.cycle_for)
def edit_cycle(found: OfCycle) -> flask.Response:
    """Name, days and limit as a form."""
    form = CycleForm.of(found.erg, found.cycle)
    return page("budgets/cycle_edit.html", form=form, cycle=found.cycle, **base(found.erg))


@bp.post("/budgets/cycles/<uuid:cycle_id>/edit")
@guarded_by(policies.may_change_cycle, find=queries.cycle_for)
def change_cycle(found: OfCycle) -> Response:
    """Save them."""
    form = CycleForm.of(found.erg, found.cycle)
    if not form.validate_on_submit():
        context = {"form": form, "cycle": found.cycle, **base(found.erg)}
        return invalid("budgets/cycle_edit.html", **context)
    person_id, cycle_id = current_actor().person_id, found.cycle.id
    with writing() as db:
        services.change_cycle(db, person_id, cycle_id=cycle_id, terms=form.terms())
    return done(_("Saved."), to=flask.url_for(".cycle", cycle_id=cycle_id))


@bp.post("/budgets/cycles/<uuid:cycle_id>/end")
@guarded_by(policies.may_change_cycle, find=queries.cycle_for)
def close_cycle(found: OfCycle) -> Response:
    """No more requests."""
    return _turn(found, services.close_cycle, _("The cycle is closed."), ".reopen_cycle")


@bp.post("/budgets/cycles/<uuid:cycle_id>/reopening")
@guarded_by(policies.may_change_cycle, find=queries.cycle_for)
def reopen_cycle(found: OfCycle) -> Response:
    """Undo."""
    return _turn(found, services.reopen_cycle, _("The cycle is open again."), ".close_cycle")


def _turn(found: OfCycle, verb: Any, message: str, undo: str) -> Response:
    person_id, cycle_id = current_actor().person_id, found.cycle.id
    with writing() as db:
        verb(db, person_id, cycle_id=cycle_id)
    return done(
        message,
        to=flask.url_for(".cycle", cycle_id=cycle_id),
        undo=flask.url_for(undo, cycle_id=cycle_id),
    )


@bp.get("/budgets/rates/")
@guarded_by(policies.may_allocate)
def rates() -> flask.Response:
    """Dated rates with their source."""
    form = RateForm(formdata=None, data={"day": clock.now().date(), "into": "USD"})
    return page("budgets/rates.html", fragment="budgets/_rates.html", **_rates(form))


def _rates(form: RateForm) -> dict[str, Any]:
    currency = flask.request.args.get("q", "").strip().upper()[:3]
    return {
        "form": form,
        "q": currency,
        "listing": queries.rates(reading(), currency, wanted().number),
    }


@bp.post("/budgets/rates/")
@guarded_by(policies.may_allocate)
def enter_rate() -> Response:
    """Write down a day's rate; the same day again replaces it."""
    form = RateForm()
    if not form.validate_on_submit():
        return invalid("budgets/rates.html", **_rates(form))
    person_id = current_actor().person_id
    with writing() as db:
        services.enter_rate(
            db,
            person_id,
            currency=form.currency.data,
            into=form.into.data,
            day=form.day.data,
            rate=form.value,
            source=form.source.data,
        )
    message = _("Saved. Entering the same day again replaces it; written entries keep theirs.")
    return done(message, to=flask.url_for(".rates"))
