"""Administrators choose handlers, two of them for each, and say whom to turn to outside."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import flask
from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts import queries as people
from app.concerns import policies, queries
from app.concerns.forms import AppointForm, SettingForm
from app.concerns.models import ConcernHandler
from app.concerns.services import handlers as services
from app.concerns.views.base import bp, me
from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.pages import done, invalid, page
from app.core.policies import guarded_by

PAGE = "concerns/handlers.html"


@bp.get("/handlers/")
@guarded_by(policies.may_appoint)
def handlers() -> flask.Response:
    """Who handles concerns, who is proposed, and what is set."""
    return page(PAGE, fragment="concerns/_found.html", **_shown())


def _shown(form: SettingForm | None = None) -> dict[str, Any]:
    db, q = reading(), flask.request.args.get("q", "").strip()[:200]
    kept = queries.setting(db)
    said = {"outside": kept.outside, "kept_months": str(kept.kept_months)}
    return {
        "roles": queries.roles(db),
        "me": me(),
        "q": q,
        "found": people.directory(db, q=q) if q else None,
        "form": form or SettingForm(formdata=None, data=said),
    }


def _back(message: str) -> Response:
    return done(message, to=url_for(".handlers"))


@bp.post("/handlers/")
@guarded_by(policies.may_appoint)
def propose() -> Response:
    """Name somebody."""
    actor_id, chosen = me(), _uuid(AppointForm().person_id.data)
    with writing() as db:
        services.propose(db, actor_id, person_id=chosen)
    return _back(_("Proposed. The role holds as soon as another administrator agrees."))


def _uuid(text: str | None) -> UUID:
    try:
        return UUID(text or "")
    except ValueError:
        raise Refused(_("Choose a person from the list."), 422) from None


@bp.post("/handlers/<uuid:role_id>/confirmation")
@guarded_by(policies.may_confirm, find=queries.role_for)
def confirm(role: ConcernHandler) -> Response:
    """The second administrator agrees."""
    actor_id, role_id = me(), role.id
    with writing() as db:
        services.confirm(db, actor_id, role_id=role_id)
    return _back(_("Confirmed. Whoever raises a concern sees the name from now on."))


@bp.post("/handlers/<uuid:role_id>/end")
@guarded_by(policies.may_appoint, find=queries.role_for)
def end(role: ConcernHandler) -> Response:
    """End a role, or drop a proposal."""
    actor_id, role_id = me(), role.id
    with writing() as db:
        services.end(db, actor_id, role_id=role_id)
    return _back(_("Ended. This person cannot read any concern any more."))


@bp.post("/handlers/setting")
@guarded_by(policies.may_appoint)
def set_up() -> Response:
    """Say whom to turn to outside, and how long closed concerns are kept."""
    form, actor_id = SettingForm(), me()
    if not form.validate_on_submit():
        return invalid(PAGE, **_shown(form))
    with writing() as db:
        services.set_up(
            db,
            actor_id,
            outside=form.outside.data or "",
            kept_months=int(form.kept_months.data),
        )
    return _back(_("Saved."))
