"""Push on this device: asked for by a button, ended by another one or by signing out."""

from __future__ import annotations

from typing import Any

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core import outbound
from app.core.database import reading, writing
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by, signed_in
from app.notifications import push_channel, queries, services
from app.notifications.forms import DeviceForm, TitlesForm
from app.notifications.views.inbox import bp

TEMPLATE = "notifications/push.html"


def _context(**forms: Any) -> dict[str, Any]:
    db, actor = reading(), current_actor()
    chosen = queries.shows_titles(db, actor.person_id)
    return {
        "rings_here": queries.rings_here(db, actor),
        "form": DeviceForm(formdata=None),
        "titles_form": TitlesForm(formdata=None, shows_titles=chosen),
        **forms,
    }


@bp.get("/push")
@guarded_by(signed_in)
def push() -> flask.Response:
    """Whether this device rings, and what it may show."""
    return page(TEMPLATE, **_context())


@bp.post("/push/key")
@guarded_by(signed_in)
def push_key() -> flask.Response:
    """The public key that a browser asks for; made when nobody needed it before."""
    with writing() as db:
        key = services.ensure_key(db)
    return flask.Response(key, mimetype="text/plain")


@bp.post("/push/device")
@guarded_by(signed_in)
def push_on() -> Response:
    """Let this device ring; the browser has asked its owner before."""
    form, actor = DeviceForm(), current_actor()
    if not form.validate_on_submit() or actor.person_id is None or actor.session_id is None:
        return invalid(TEMPLATE, **_context(form=form))
    endpoint = form.endpoint.data
    with writing() as db:
        services.subscribe(
            db,
            actor.person_id,
            session_id=actor.session_id,
            endpoint=endpoint,
            p256dh=form.p256dh.data,
            auth=form.auth.data,
            is_allowed=outbound.allowed(endpoint, push_channel.hosts()),
        )
    return done(_("This device rings now."), to=flask.url_for(".push"))


@bp.post("/push/device/end")
@guarded_by(signed_in)
def push_off() -> Response:
    """This device stops ringing."""
    actor = current_actor()
    if actor.person_id and actor.session_id:
        with writing() as db:
            services.unsubscribe(db, actor.person_id, session_id=actor.session_id)
    return done(_("This device does not ring any more."), to=flask.url_for(".push"))


@bp.post("/push/titles")
@guarded_by(signed_in)
def push_titles() -> Response:
    """Whether a locked screen may show titles."""
    form, person_id = TitlesForm(), current_actor().person_id
    if not form.validate_on_submit() or person_id is None:
        return invalid(TEMPLATE, **_context(titles_form=form))
    with writing() as db:
        services.choose_titles(db, person_id, shows_titles=form.shows_titles.data)
    return done(_("Your choice is saved."), to=flask.url_for(".push"))
