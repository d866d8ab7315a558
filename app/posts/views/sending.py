"""Sending a post now or at a time, and recalling it."""

from __future__ import annotations

from typing import Any

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.queries import used_zones
from app.core.database import reading, writing
from app.core.pages import invalid, page
from app.core.policies import current_actor, guarded_by
from app.posts import policies, queries, services
from app.posts.forms import ScheduleForm
from app.posts.queries import Entry
from app.posts.views.base import about, back, bp, where


@bp.get("/ergs/<slug>/posts/<uuid:post_id>/schedule")
@guarded_by(policies.may_send, find=queries.entry_for)
def plan(entry: Entry) -> flask.Response:
    """When to send it."""
    return page("posts/schedule.html", **_planning(entry))


def _planning(entry: Entry, form: ScheduleForm | None = None) -> dict[str, Any]:
    form = form or ScheduleForm.of(entry.post, entry.erg.zone)
    return {**about(entry), "form": form, "zones": used_zones(reading())}


@bp.post("/ergs/<slug>/posts/<uuid:post_id>/schedule")
@guarded_by(policies.may_send, find=queries.entry_for)
def schedule(entry: Entry) -> Response:
    """Send it when the clocks show that time."""
    form = ScheduleForm.of(entry.post, entry.erg.zone)
    if not form.validate_on_submit():
        return invalid("posts/schedule.html", **_planning(entry, form))
    person_id, to = current_actor().person_id, where(entry)
    with writing() as db:
        services.schedule(
            db,
            person_id,
            post_id=to["post_id"],
            wall=form.wall,
            zone=form.zone.data,
            fold=form.fold.data,
        )
    undo = flask.url_for(".unschedule", **to)
    return back(_("Scheduled. Until then you can change your mind."), to, undo)


@bp.post("/ergs/<slug>/posts/<uuid:post_id>/unscheduling")
@guarded_by(policies.may_unschedule, find=queries.entry_for)
def unschedule(entry: Entry) -> Response:
    """Do not send it yet."""
    person_id, to = current_actor().person_id, where(entry)
    with writing() as db:
        services.unschedule(db, person_id, post_id=to["post_id"])
    return back(_("It is not scheduled any more. It stays approved."), to)


@bp.post("/ergs/<slug>/posts/<uuid:post_id>/sending")
@guarded_by(policies.may_send, find=queries.entry_for)
def send(entry: Entry) -> Response:
    """Send it now."""
    person_id, to = current_actor().person_id, where(entry)
    with writing() as db:
        services.send_now(db, person_id, post_id=to["post_id"])
    return back(_("On its way. It reaches its readers in ten minutes; until then recall it."), to)


@bp.post("/ergs/<slug>/posts/<uuid:post_id>/recall")
@guarded_by(policies.may_recall, find=queries.entry_for)
def recall(entry: Entry) -> Response:
    """Take it back before it reaches anybody."""
    person_id, to = current_actor().person_id, where(entry)
    with writing() as db:
        services.recall(db, person_id, post_id=to["post_id"])
    return back(_("Recalled. Nobody has read it; it stays approved."), to)
