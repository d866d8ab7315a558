"""Initiatives, key results, updates."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.budgets.policies import may_see_money
from app.budgets.queries import group_events
from app.core import clock
from app.core.database import reading, writing
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.ergs.models import Erg
from app.plans import policies, queries, services
from app.plans.forms import InitiativeForm, ProgressForm, ResultForm
from app.plans.models import Initiative
from app.plans.queries import OfInitiative, OfPlan, OfResult
from app.plans.rules import InitiativeState, is_overdue, share
from app.plans.views.base import base, bp
from app.plans.views.plans import owners


def _form(erg: Erg, row: Initiative | None = None) -> InitiativeForm:
    db, actor = reading(), current_actor()
    assert actor.person_id is not None
    return InitiativeForm.of(
        actor.person_id,
        queries.choosable(db, actor, erg),
        group_events(db, erg),
        queries.group_requests(db, actor, erg),
        row,
    )


@bp.get("/plans/<uuid:plan_id>/initiatives/new")
@guarded_by(policies.may_add, find=queries.plan_for)
def new_initiative(found: OfPlan) -> flask.Response:
    """An empty initiative."""
    return page("plans/edit.html", form=_form(found.erg), found=found, **base(found.erg))


@bp.post("/plans/<uuid:plan_id>/initiatives/new")
@guarded_by(policies.may_add, find=queries.plan_for)
def create_initiative(found: OfPlan) -> Response:
    """Add it to the plan."""
    form = _form(found.erg)
    if not form.validate_on_submit():
        return invalid("plans/edit.html", form=form, found=found, **base(found.erg))
    person_id, plan_id, aim = current_actor().person_id, found.plan.id, form.aim()
    with writing() as db:
        made = services.add_initiative(db, person_id, plan_id=plan_id, aim=aim).id
    return _shown(made, _("Added. Say now what tells that it succeeded."))


def _shown(initiative_id: UUID, message: str, undo: str | None = None) -> Response:
    return done(
        message,
        to=flask.url_for(".initiative", initiative_id=initiative_id),
        undo=flask.url_for(undo, initiative_id=initiative_id) if undo else None,
    )


@bp.get("/plans/initiatives/<uuid:initiative_id>/")
@guarded_by(policies.may_see, find=queries.initiative_for)
def initiative(found: OfInitiative) -> flask.Response:
    """An initiative, how far it has come, and what serves it."""
    return page("plans/initiative.html", **_about(found))


def _about(found: OfInitiative, **more: Any) -> dict[str, Any]:
    db, actor, row = reading(), current_actor(), found.initiative
    sees_money = may_see_money(actor, found.erg)
    is_open = row.state is InitiativeState.OPEN
    return {
        **base(found.erg),
        "found": found,
        "row": row,
        "progress": queries.progress_of(row),
        "share": share,
        "is_late": is_open and is_overdue(row.due_on, clock.now().date()),
        "owner": owners(found.erg, [row]).get(row.id),
        "events": queries.linked_events(db, row),
        "money": queries.linked_requests(db, actor, row) if sees_money else [],
        "of_result": lambda result: OfResult(found.erg, row, result),
        "result_form": None,
        "wrong_id": None,
        "today": clock.now().date(),
        **more,
    }


@bp.get("/plans/initiatives/<uuid:initiative_id>/edit")
@guarded_by(policies.may_change, find=queries.editable_for)
def edit_initiative(found: OfInitiative) -> flask.Response:
    """The initiative as a form."""
    form = _form(found.erg, found.initiative)
    return page("plans/edit.html", form=form, found=found, **base(found.erg))


@bp.post("/plans/initiatives/<uuid:initiative_id>/edit")
@guarded_by(policies.may_change, find=queries.editable_for)
def change_initiative(found: OfInitiative) -> Response:
    """Save what changed."""
    form = _form(found.erg, found.initiative)
    if not form.validate_on_submit():
        return invalid("plans/edit.html", form=form, found=found, **base(found.erg))
    person_id, row_id, aim = current_actor().person_id, found.initiative.id, form.aim()
    with writing() as db:
        services.change_initiative(db, person_id, initiative_id=row_id, aim=aim)
    return _shown(row_id, _("Saved."))


def _moved(found: OfInitiative, to: InitiativeState, message: str, undo: str | None) -> Response:
    person_id, row_id = current_actor().person_id, found.initiative.id
    with writing() as db:
        services.move_initiative(db, person_id, initiative_id=row_id, to=to)
    return _shown(row_id, message, undo)


@bp.post("/plans/initiatives/<uuid:initiative_id>/completion")
@guarded_by(policies.may_work, find=queries.initiative_for)
def finish(found: OfInitiative) -> Response:
    """It is done."""
    return _moved(found, InitiativeState.DONE, _("Done. Well carried."), ".resume")


@bp.post("/plans/initiatives/<uuid:initiative_id>/dropping")
@guarded_by(policies.may_work, find=queries.initiative_for)
def drop(found: OfInitiative) -> Response:
    """It is not pursued any more."""
    return _moved(found, InitiativeState.DROPPED, _("Dropped. It stays readable."), ".resume")


@bp.post("/plans/initiatives/<uuid:initiative_id>/resumption")
@guarded_by(policies.may_work, find=queries.initiative_for)
def resume(found: OfInitiative) -> Response:
    """Undo either."""
    return _moved(found, InitiativeState.OPEN, _("It is under way again."), None)


@bp.get("/plans/initiatives/<uuid:initiative_id>/results/new")
@guarded_by(policies.may_change, find=queries.initiative_for)
def new_result(found: OfInitiative) -> flask.Response:
    """An empty key result."""
    form = ResultForm.of()
    return page("plans/result.html", form=form, found=found, result=None, **base(found.erg))


@bp.post("/plans/initiatives/<uuid:initiative_id>/results/new")
@guarded_by(policies.may_change, find=queries.initiative_for)
def create_result(found: OfInitiative) -> Response:
    """Add it."""
    form = ResultForm.of()
    if not form.validate_on_submit():
        context = {"form": form, "found": found, "result": None, **base(found.erg)}
        return invalid("plans/result.html", **context)
    person_id, row_id, measure = current_actor().person_id, found.initiative.id, form.measure()
    with writing() as db:
        services.add_result(db, person_id, initiative_id=row_id, measure=measure)
    return _shown(row_id, _("Added. Write down from time to time where it stands."))


@bp.get("/plans/results/<uuid:result_id>/edit")
@guarded_by(policies.may_change, find=queries.result_for)
def edit_result(found: OfResult) -> flask.Response:
    """A key result as a form."""
    form = ResultForm.of(found.result)
    return page("plans/result.html", form=form, found=found, result=found.result, **base(found.erg))


@bp.post("/plans/results/<uuid:result_id>/edit")
@guarded_by(policies.may_change, find=queries.result_for)
def change_result(found: OfResult) -> Response:
    """Save what it counts."""
    form = ResultForm.of(found.result)
    if not form.validate_on_submit():
        context = {"form": form, "found": found, "result": found.result, **base(found.erg)}
        return invalid("plans/result.html", **context)
    person_id, row_id, result_id = _ids(found)
    measure = form.measure()
    with writing() as db:
        services.change_result(db, person_id, result_id=result_id, measure=measure)
    return _shown(row_id, _("Saved."))


def _ids(found: OfResult) -> tuple[Any, UUID, UUID]:
    return current_actor().person_id, found.initiative.id, found.result.id


@bp.get("/plans/results/<uuid:result_id>/updates")
@guarded_by(policies.may_work, find=queries.result_for)
def progress(found: OfResult) -> flask.Response:
    """Where a key result stands, and how it stood before."""
    form = ProgressForm(data={"day": clock.now().date()})
    return page("plans/progress.html", form=form, found=found, **base(found.erg))


@bp.post("/plans/results/<uuid:result_id>/updates")
@guarded_by(policies.may_work, find=queries.result_for)
def note_progress(found: OfResult) -> Response:
    """Write down where it stands."""
    form = ProgressForm()
    if not form.validate_on_submit():
        return invalid("plans/progress.html", form=form, found=found, **base(found.erg))
    person_id, row_id, result_id = _ids(found)
    with writing() as db:
        services.note_progress(
            db,
            person_id,
            result_id=result_id,
            day=form.day.data,
            value=form.number,
            note=form.note.data,
        )
    return _shown(row_id, _("Noted. What was written before stays in the history."))
