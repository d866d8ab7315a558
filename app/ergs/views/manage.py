"""What waits for the leads."""

from __future__ import annotations

from typing import Any

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core import clock
from app.core.database import reading, writing
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.ergs import forms, policies, queries, services
from app.ergs.forms import RefusalForm
from app.ergs.models import Erg
from app.ergs.rules import alias
from app.ergs.rules.terms import answer_due
from app.ergs.services.membership import undo_decision as undo_decision_of
from app.ergs.views.base import bp, text_of


@bp.get("/<slug>/manage/")
@guarded_by(policies.may_lead, find=queries.erg_for)
def manage(erg: Erg) -> flask.Response:
    """What waits for the leads."""
    return page("ergs/manage.html", text=text_of(erg), **_requests(erg))


def _requests(erg: Erg, **more: Any) -> dict[str, Any]:
    found = queries.requests(reading(), erg.id)
    rows = [
        (
            row,
            name or _("Person %(alias)s", alias=alias(row.id)),
            name is None,
            answer_due(row.asked_at),
        )
        for row, name in found
    ]
    return {
        "erg": erg,
        "requests": rows,
        "relations": forms.RELATION_BADGES,
        "form": RefusalForm(),
        "today": clock.now().date(),
        "refused_id": None,
        **more,
    }


@bp.post("/<slug>/manage/requests/<uuid:request_id>/approval")
@guarded_by(policies.may_decide, find=queries.request_for)
def approve(request: queries.Request) -> Response:
    """Let a person in."""
    return _decided(
        request,
        services.approve,
        _("Approved. The person is told in ten minutes; until then you can take it back."),
    )


@bp.post("/<slug>/manage/requests/<uuid:request_id>/refusal")
@guarded_by(policies.may_decide, find=queries.request_for)
def decline(request: queries.Request) -> Response:
    """Refuse with a reason."""
    form = RefusalForm()
    if not form.validate_on_submit():
        return invalid(
            "ergs/manage.html",
            fragment="ergs/_requests.html",
            text=text_of(request.erg),
            **_requests(request.erg, form=form, refused_id=request.row.id),
        )
    return _decided(
        request,
        services.decline,
        _("Declined. The person is told in ten minutes; until then you can take it back."),
        reason=form.reason.data,
    )


@bp.post("/<slug>/manage/requests/<uuid:request_id>/undo")
@guarded_by(policies.may_decide, find=queries.request_for)
def undo_decision(request: queries.Request) -> Response:
    """Take an answer back before the person is told."""
    return _decided(request, undo_decision_of, _("Taken back. The request is open again."))


def _decided(request: queries.Request, act: Any, message: str, **fields: Any) -> Response:
    person_id, request_id, slug = current_actor().person_id, request.row.id, request.erg.slug
    with writing() as db:
        act(db, person_id, request_id=request_id, **fields)
    erg = queries.erg_for(reading(), current_actor(), slug)
    again = flask.url_for(".undo_decision", slug=slug, request_id=request_id)
    return done(
        message,
        to=flask.url_for(".manage", slug=slug),
        fragment="ergs/_requests.html",
        undo=None if act is undo_decision_of else again,
        **_requests(erg),
    )
