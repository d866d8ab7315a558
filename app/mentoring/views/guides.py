"""A newer version of a pair's guide: what is different, and taking it."""

from __future__ import annotations

import flask
from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.pages import done, page
from app.core.policies import current_actor, guarded_by
from app.mentoring import queries
from app.mentoring.models import Relationship
from app.mentoring.policies import may_work
from app.mentoring.queries.guides import guide_of, newer_guide, pair_for_guide
from app.mentoring.rules.guides import PREPARATION, differences
from app.mentoring.services import upgrading
from app.mentoring.views.acting import me
from app.mentoring.views.base import bp


@bp.get("/<uuid:relationship_id>/guide/newer")
@guarded_by(may_work, find=queries.relationship_for)
def newer_version(pair: Relationship) -> flask.Response:
    """What a newer version of the guide would change, prompt by prompt."""
    db, newer = reading(), newer_guide(reading(), pair)
    old = queries.guide_sessions(db, pair.guide_id)
    return page(
        "mentoring/guide_newer.html",
        pair=pair,
        others=pair.others(current_actor().person_id),
        pinned=guide_of(db, pair),
        newer=newer,
        changes=differences(old, queries.guide_sessions(db, newer.id)) if newer else [],
        preparation=PREPARATION,
    )


@bp.post("/<uuid:relationship_id>/guide/versions/<uuid:guide_id>")
@guarded_by(may_work, find=pair_for_guide)
def take_version(pair: Relationship) -> Response:
    """Go on with this version of the guide; Undo goes back to the one before."""
    pair_id, person_id, guide_id = pair.id, me(), (request.view_args or {})["guide_id"]
    with writing() as db:
        before = upgrading.take_guide(db, person_id, relationship_id=pair_id, guide_id=guide_id)
    return done(
        _("You go on with this version of the guide. Sessions you have held stay held."),
        to=url_for(".guide", relationship_id=pair_id),
        undo=url_for(".take_version", relationship_id=pair_id, guide_id=before),
    )
