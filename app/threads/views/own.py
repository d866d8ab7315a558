"""What somebody wrote in their groups, and taking it all away, also after leaving."""

from __future__ import annotations

import flask
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.pages import done, page
from app.core.policies import current_actor, guarded_by, inside
from app.threads import policies, queries, services
from app.threads.queries import Own
from app.threads.views.base import bp


@bp.get("/my-posts/")
@guarded_by(inside)
def mine() -> flask.Response:
    """Where one has written."""
    return page("threads/mine.html", groups=queries.own_groups(reading(), current_actor()))


@bp.post("/my-posts/<uuid:erg_id>/removal")
@guarded_by(policies.wrote_there, find=queries.own_for)
def remove_all(own: Own) -> Response:
    """Take everything away."""
    person_id, erg_id = current_actor().person_id, own.erg.id
    with writing() as db:
        n = services.remove_all(db, person_id, erg_id=erg_id)
    message = ngettext("%(num)s post is deleted.", "%(num)s posts are deleted.", n)
    undo = flask.url_for(".restore_all", erg_id=erg_id)
    return done(message, to=flask.url_for(".mine"), undo=undo if n else None)


@bp.post("/my-posts/<uuid:erg_id>/return")
@guarded_by(policies.wrote_there, find=queries.own_for)
def restore_all(own: Own) -> Response:
    """Bring back what was taken away last."""
    person_id, erg_id = current_actor().person_id, own.erg.id
    with writing() as db:
        n = services.restore_all(db, person_id, erg_id=erg_id)
    message = ngettext("%(num)s post is back.", "%(num)s posts are back.", n)
    return done(message, to=flask.url_for(".mine"))
