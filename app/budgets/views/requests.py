"""Asking for money, deciding, spending."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.budgets import policies, queries, services
from app.budgets.forms import ReasonForm, ReceiptForm, RequestForm, SpendForm
from app.budgets.queries import OfRequest
from app.budgets.rules import EDITABLE, WAITING, approvals_needed
from app.budgets.views.base import base, bp, wanted
from app.core.database import reading, writing
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.ergs.models import Erg
from app.ergs.queries import erg_for
from app.ergs.rules import alias


@bp.get("/ergs/<slug>/budget/requests/")
@guarded_by(policies.may_see_money, find=erg_for)
def requests(erg: Erg) -> flask.Response:
    """Requests of a group, those that changed last first."""
    asked = wanted()
    return page(
        "budgets/requests.html",
        fragment="budgets/_requests.html",
        listing=queries.requests(reading(), current_actor(), erg, asked),
        wanted=asked,
        **base(erg),
    )


def _empty_form(erg: Erg, found: OfRequest | None = None) -> RequestForm:
    db = reading()
    request = found.request if found else None
    form = RequestForm.of(erg, queries.cycles(db, erg), queries.group_events(db, erg), request)
    asked_for = flask.request.args.get("event", "")
    if found is None and not form.is_submitted() and asked_for in _choices(form):
        form.event_id.data = _choices(form)[asked_for]
    return form


def _choices(form: RequestForm) -> dict[str, Any]:
    """The events that may be chosen, by the text of their id."""
    return {str(value): value for value, _title in form.event_id.choices if value}


@bp.get("/ergs/<slug>/budget/requests/new")
@guarded_by(policies.may_ask, find=erg_for)
def new(erg: Erg) -> flask.Response:
    """An empty request."""
    return page("budgets/edit.html", form=_empty_form(erg), found=None, **base(erg))


@bp.post("/ergs/<slug>/budget/requests/new")
@guarded_by(policies.may_ask, find=erg_for)
def create(erg: Erg) -> Response:
    """Write it down as a draft."""
    form = _empty_form(erg)
    if not form.validate_on_submit():
        return invalid("budgets/edit.html", form=form, found=None, **base(erg))
    person_id, erg_id, wish = current_actor().person_id, erg.id, form.wish()
    with writing() as db:
        made = services.ask(db, person_id, erg_id=erg_id, wish=wish).id
    message = _("Saved as a draft. Only you see it until you submit it.")
    return done(message, to=flask.url_for(".request", request_id=made))


@bp.get("/budgets/requests/<uuid:request_id>/")
@guarded_by(policies.may_see_request, find=queries.request_for)
def request(found: OfRequest) -> flask.Response:
    """A request, where it stands, and what can be done."""
    return page("budgets/request.html", **_about(found))


def _about(found: OfRequest, **more: Any) -> dict[str, Any]:
    db, actor, row = reading(), current_actor(), found.request
    names = queries.shown_names(db, actor, found.erg, [row.requested_by, *row.approvers])
    is_waiting = row.state in WAITING or row.state in EDITABLE
    cycle = row.line.cycle
    priced = queries.price(db, row, cycle.currency) if is_waiting else None
    return {
        **base(found.erg),
        "found": found,
        "req": row,
        "cycle": cycle,
        "priced": priced,
        "needed": approvals_needed(priced.amount, cycle.two_people_above) if priced else 1,
        "is_waiting": is_waiting,
        "left": queries.line_sums(db, row.line_id).balance if is_waiting else None,
        "entries": [] if is_waiting else queries.entries_of(db, row.id),
        "asked_by": names.get(row.requested_by) or _alias(row.id),
        "approved_by": [names.get(person) or _alias(row.id) for person in row.approvers],
        "approved_it": actor.person_id in row.approvers,
        "is_own": row.requested_by == actor.person_id,
        "reason_form": ReasonForm(formdata=None),
        "spend_form": SpendForm.of(row, posted=False),
        "receipt_form": ReceiptForm(formdata=None, data={"receipt": row.receipt}),
        **more,
    }


def _alias(request_id: Any) -> str:
    return _("Person %(alias)s", alias=alias(request_id))


@bp.get("/budgets/requests/<uuid:request_id>/edit")
@guarded_by(policies.may_revise, find=queries.request_for)
def edit(found: OfRequest) -> flask.Response:
    """The request as a form."""
    form = _empty_form(found.erg, found)
    return page("budgets/edit.html", form=form, found=found, **base(found.erg))


@bp.post("/budgets/requests/<uuid:request_id>/edit")
@guarded_by(policies.may_revise, find=queries.request_for)
def revise(found: OfRequest) -> Response:
    """Save what changed."""
    form = _empty_form(found.erg, found)
    if not form.validate_on_submit():
        return invalid("budgets/edit.html", form=form, found=found, **base(found.erg))
    person_id, request_id, wish = current_actor().person_id, found.request.id, form.wish()
    with writing() as db:
        services.revise(db, person_id, request_id=request_id, wish=wish)
    return done(_("Saved."), to=flask.url_for(".request", request_id=request_id))


def _act(
    found: OfRequest, verb: Callable[..., Any], message: str, undo: str | None = None, **fields: Any
) -> Response:
    """Do one thing to a request and show it as it is now."""
    person_id, request_id = current_actor().person_id, found.request.id
    with writing() as db:
        verb(db, person_id, request_id=request_id, **fields)
    return done(
        message,
        to=flask.url_for(".request", request_id=request_id),
        undo=flask.url_for(undo, request_id=request_id) if undo else None,
        fragment="budgets/_request.html",
        **_about(queries.request_for(reading(), current_actor(), request_id)),  # type: ignore[arg-type]
    )


@bp.post("/budgets/requests/<uuid:request_id>/submission")
@guarded_by(policies.may_revise, find=queries.request_for)
def submit(found: OfRequest) -> Response:
    """Hand it to those who decide."""
    message = _("Submitted. Those who decide have been told.")
    return _act(found, services.submit, message, ".recall")


@bp.post("/budgets/requests/<uuid:request_id>/recall")
@guarded_by(policies.may_recall, find=queries.request_for)
def recall(found: OfRequest) -> Response:
    """Take it back."""
    return _act(found, services.recall, _("Taken back. It is a draft again."), ".submit")


@bp.post("/budgets/requests/<uuid:request_id>/approval")
@guarded_by(policies.may_approve, find=queries.request_for)
def approve(found: OfRequest) -> Response:
    """Agree."""
    return _act(found, services.approve, _("Your approval is noted."), ".take_back")


@bp.post("/budgets/requests/<uuid:request_id>/approval/end")
@guarded_by(policies.may_take_back, find=queries.request_for)
def take_back(found: OfRequest) -> Response:
    """Take one's own approval back; the money is free again."""
    return _act(found, services.take_back, _("Your approval is taken back."), ".approve")


@bp.post("/budgets/requests/<uuid:request_id>/refusal")
@guarded_by(policies.may_decide, find=queries.request_for)
def refuse(found: OfRequest) -> Response:
    """Reject, or ask for changes, with a reason."""
    form = ReasonForm()
    if not form.validate_on_submit():
        context = _about(found, reason_form=form)
        return invalid("budgets/request.html", fragment="budgets/_request.html", **context)
    reason = form.reason.data
    if flask.request.form.get("answer") == "changes":
        message = _("Sent back. The person who asked will read what should change.")
        return _act(found, services.ask_changes, message, ".reopen", reason=reason)
    message = _("Rejected. The person who asked will read your reason.")
    return _act(found, services.reject, message, ".reopen", reason=reason)


@bp.post("/budgets/requests/<uuid:request_id>/refusal/end")
@guarded_by(policies.may_reopen, find=queries.request_for)
def reopen(found: OfRequest) -> Response:
    """Undo the answer."""
    return _act(found, services.reopen, _("The request waits for an answer again."))


@bp.post("/budgets/requests/<uuid:request_id>/spending")
@guarded_by(policies.may_spend, find=queries.request_for)
def spend(found: OfRequest) -> Response:
    """Write down what was paid."""
    form = SpendForm.of(found.request)
    if not form.validate_on_submit():
        context = _about(found, spend_form=form)
        return invalid("budgets/request.html", fragment="budgets/_request.html", **context)
    return _act(
        found,
        services.spend,
        _("Noted as spent. What was not needed is free again."),
        ".unspend",
        amount=form.minor,
        receipt=form.receipt.data,
        note=form.note.data,
    )


@bp.post("/budgets/requests/<uuid:request_id>/spending/end")
@guarded_by(policies.may_reconcile, find=queries.request_for)
def unspend(found: OfRequest) -> Response:
    """Undo the spending by a correction."""
    return _act(found, services.unspend, _("The spending is corrected; the money is set aside."))


@bp.post("/budgets/requests/<uuid:request_id>/reconciliation")
@guarded_by(policies.may_reconcile, find=queries.request_for)
def reconcile(found: OfRequest) -> Response:
    """The receipt was compared with the books."""
    form = ReceiptForm()
    if not form.validate_on_submit():
        context = _about(found, receipt_form=form)
        return invalid("budgets/request.html", fragment="budgets/_request.html", **context)
    receipt, message = form.receipt.data, _("Reconciled.")
    return _act(found, services.reconcile, message, ".unreconcile", receipt=receipt)


@bp.post("/budgets/requests/<uuid:request_id>/reconciliation/end")
@guarded_by(policies.may_unreconcile, find=queries.request_for)
def unreconcile(found: OfRequest) -> Response:
    """Undo."""
    return _act(found, services.unreconcile, _("It is open again."))


@bp.post("/budgets/requests/<uuid:request_id>/release")
@guarded_by(policies.may_spend, find=queries.request_for)
def release(found: OfRequest) -> Response:
    """Give the money back."""
    message = _("The money is free again.")
    return _act(found, services.release, message, ".recommit")


@bp.post("/budgets/requests/<uuid:request_id>/release/end")
@guarded_by(policies.may_recommit, find=queries.request_for)
def recommit(found: OfRequest) -> Response:
    """Undo giving back."""
    return _act(found, services.recommit, _("The money is set aside again."))
