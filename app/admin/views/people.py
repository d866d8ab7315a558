"""Everybody there is."""

from __future__ import annotations

import flask
from werkzeug.wrappers import Response

from app.accounts import queries
from app.accounts.messages import status_labels
from app.accounts.policies import may_manage_people
from app.admin.views.base import bp
from app.core.database import reading
from app.core.pages import page
from app.core.policies import guarded_by


@bp.get("/people/")
@guarded_by(may_manage_people)
def people() -> Response:
    """All people with search and filter, those without a name or account too."""
    args = flask.request.args
    q, status = args.get("q", "").strip()[:200], args.get("status", "")
    found = queries.everybody(reading(), q=q, status=status, number=args.get("page", 1, type=int))
    return page(
        "admin/people.html",
        fragment="admin/_everybody.html",
        found=found,
        q=q,
        chosen=status,
        statuses=status_labels(),
    )
