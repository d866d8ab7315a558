"""The inbox."""

from __future__ import annotations

from typing import Any

import flask
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.local import LocalProxy
from werkzeug.wrappers import Response

from app.core import clock
from app.core.database import reading, writing
from app.core.pages import done, page
from app.core.policies import current_actor, guarded_by, signed_in
from app.notifications import queries, services
from app.notifications.forms import MarkAllForm, MarkForm
from app.notifications.models import Notification
from app.notifications.policies import may_read

bp = flask.Blueprint("notifications", __name__, url_prefix="/notifications")
PAGE = 20
INBOX = "notifications/_inbox.html"


@bp.app_context_processor
def _unread() -> dict[str, object]:
    """The number at the bell; it is counted only when a template shows it."""
    return {"unread": LocalProxy(unread)}


def unread() -> int:
    """How many unread notifications the reader has, counted once per request."""
    if "unread" not in flask.g:
        try:
            flask.g.unread = queries.unread_count(reading(), current_actor())
        except SQLAlchemyError:
            flask.g.unread = 0  # the page that says the database is away has a bell too
    count: int = flask.g.unread
    return count


@bp.get("/")
@guarded_by(signed_in)
def index() -> flask.Response:
    """The reader's notifications, searched and filtered."""
    return page("notifications/index.html", fragment=INBOX, **_inbox())


def _inbox() -> dict[str, Any]:
    """What the list shows; the form that acts on it sends the same filters along."""
    sent = flask.request.values
    q, only = sent.get("q", "").strip()[:200], sent.get("show") == "unread"
    db, found = reading(), queries.inbox(current_actor(), q, only)
    last = max(1, -(-queries.count(db, found) // PAGE))
    number = min(max(sent.get("page", 1, int), 1), last)
    rows = db.scalars(found.limit(PAGE).offset((number - 1) * PAGE)).all()
    return {
        "rows": rows,
        "q": q,
        "only_unread": only,
        "number": number,
        "last": last,
        "drawn_at": clock.now().isoformat(),
    }


def _back() -> str:
    sent = flask.request.values
    kept = {name: sent[name] for name in ("q", "show", "page") if sent.get(name)}
    return flask.url_for(".index", **kept)  # type: ignore[arg-type]


@bp.post("/<uuid:notification_id>/reading")
@guarded_by(may_read, find=queries.notification_for)
def mark(notification: Notification) -> Response:
    """Mark one as read, or take that back."""
    form, notification_id = MarkForm(), notification.id
    if not form.validate_on_submit():
        flask.abort(400)
    is_read = bool(form.is_read.data)
    with writing() as db:
        services.mark(db, _me(), notification_id=notification_id, is_read=is_read)
    said = _("Marked as read.") if is_read else _("Marked as unread.")
    return done(said, to=_back(), fragment=INBOX, **_inbox())


@bp.post("/reading")
@guarded_by(signed_in)
def mark_all() -> Response:
    """Mark as read what the page has shown; what arrived since stays unread."""
    form = MarkAllForm()
    if not form.validate_on_submit():
        flask.abort(400)
    with writing() as db:
        services.mark_all_read(db, _me(), until=form.instant)
    return done(_("All marked as read."), to=_back(), fragment=INBOX, **_inbox())


def _me() -> Any:
    return current_actor().person_id
