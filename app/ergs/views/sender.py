"""The sender of a group's news."""

from __future__ import annotations

from typing import Any

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import writing
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.ergs import policies, queries
from app.ergs.forms.sender import SenderForm
from app.ergs.models import Erg
from app.ergs.services.sender import set_sender as set_sender_of
from app.ergs.views.base import bp, text_of


@bp.get("/<slug>/sender/")
@guarded_by(policies.may_shape, find=queries.erg_for)
def sender(erg: Erg) -> flask.Response:
    """Under which name mails of the group's news stand."""
    return page("ergs/sender.html", **_sender(erg, SenderForm.of(erg)))


@bp.post("/<slug>/sender/")
@guarded_by(policies.may_shape, find=queries.erg_for)
def set_sender(erg: Erg) -> Response:
    """Save both."""
    form = SenderForm()
    if not form.validate_on_submit():
        return invalid("ergs/sender.html", **_sender(erg, form))
    actor_id, erg_id, slug = current_actor().person_id, erg.id, erg.slug
    name, reply_to = form.values
    with writing() as db:
        set_sender_of(db, actor_id, erg_id=erg_id, name=name, reply_to=reply_to)
    return done(_("Saved. It holds for mails from now on."), to=flask.url_for(".sender", slug=slug))


def _sender(erg: Erg, form: SenderForm) -> dict[str, Any]:
    return {"erg": erg, "text": text_of(erg), "form": form}
