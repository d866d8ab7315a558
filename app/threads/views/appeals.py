"""A second look at a removed post: authors ask for it, somebody else decides."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import writing
from app.core.pages import done, go, invalid, page
from app.core.policies import current_actor, guarded_by
from app.threads import policies, queries, services
from app.threads.forms import AppealForm, AppealVerdictForm
from app.threads.queries import Appealed, Removed
from app.threads.rules import AppealState
from app.threads.views.base import bp, group_of


@bp.get("/removed/<uuid:post_id>/")
@guarded_by(policies.may_appeal, find=queries.removed_for)
def removed(removed: Removed) -> flask.Response:
    """Why an own post was removed, and the way to a second look."""
    return page("threads/removed.html", form=AppealForm(), **_own(removed))


@bp.post("/removed/<uuid:post_id>/appeal")
@guarded_by(policies.may_appeal, find=queries.removed_for)
def appeal(removed: Removed) -> Response:
    """Ask for a second look."""
    form = AppealForm()
    if not form.validate_on_submit():
        return invalid("threads/removed.html", form=form, **_own(removed))
    actor_id, post_id = current_actor().person_id, removed.post.id
    with writing() as db:
        services.appeal(db, actor_id, post_id=post_id, words=form.plea.data or "")
    message = _("Sent. Somebody who did not remove it looks at it, and you are told.")
    return done(message, to=flask.url_for(".removed", post_id=post_id))


@bp.get("/appeals/<uuid:appeal_id>/")
@guarded_by(policies.may_decide_appeal, find=queries.appeal_by_id)
def appeal_waiting(found: Appealed) -> Response:
    """From a message to the appeal it speaks of."""
    return go(flask.url_for(".appealed", slug=found.erg.slug, appeal_id=found.appeal.id))


@bp.get("/<slug>/threads/appeals/<uuid:appeal_id>/")
@guarded_by(policies.may_decide_appeal, find=queries.appeal_for)
def appealed(found: Appealed) -> flask.Response:
    """What was written, why it was removed, and why its author sees it differently."""
    return page("threads/appealed.html", form=AppealVerdictForm(), **_of(found))


@bp.post("/<slug>/threads/appeals/<uuid:appeal_id>/")
@guarded_by(policies.may_decide_appeal, find=queries.appeal_for)
def decide_appeal(found: Appealed) -> Response:
    """Show it again, or let the removal stand."""
    form = AppealVerdictForm()
    if not form.validate_on_submit():
        return invalid("threads/appealed.html", form=form, **_of(found))
    verdict = form.verdict.data
    message = (
        _("The post is shown again. The author is told in ten minutes.")
        if verdict is AppealState.GRANTED
        else _("The removal stands. The author is told in ten minutes.")
    )
    fields = {"verdict": verdict, "answer": form.answer.data or ""}
    return _decided(found, services.decide_appeal, message, **fields)


@bp.post("/<slug>/threads/appeals/<uuid:appeal_id>/return")
@guarded_by(policies.may_decide_appeal, find=queries.appeal_for)
def undo_appeal(found: Appealed) -> Response:
    """Take the decision back."""
    return _decided(found, services.undo_appeal, _("Taken back. The appeal waits again."))


def _decided(found: Appealed, act: Any, message: str, **fields: Any) -> Response:
    slug, appeal_id = found.erg.slug, found.appeal.id
    actor_id: UUID | None = current_actor().person_id
    with writing() as db:
        act(db, actor_id, appeal_id=appeal_id, **fields)
    again = flask.url_for(".undo_appeal", slug=slug, appeal_id=appeal_id)
    to = flask.url_for(".appealed", slug=slug, appeal_id=appeal_id)
    return done(message, to=to, undo=again if fields else None)


def _own(removed: Removed) -> dict[str, Any]:
    return {"removed": removed, **group_of(removed.erg)}


def _of(found: Appealed) -> dict[str, Any]:
    return {"found": found, **group_of(found.erg)}
