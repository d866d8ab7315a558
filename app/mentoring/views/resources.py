"""What helps with the next session: our own short readings, and what the reader's groups keep."""

from __future__ import annotations

import flask

from app.core.database import reading
from app.core.locale import current_language
from app.core.pages import page
from app.core.policies import current_actor, guarded_by
from app.ergs.models import Erg
from app.ergs.rules import pick_text
from app.mentoring.library import Reading, readings
from app.mentoring.models import GuideSession, Relationship
from app.mentoring.policies import may_open_workspace
from app.mentoring.queries import relationship_for
from app.mentoring.queries import suggestions as queries
from app.mentoring.views.base import bp
from app.resources.models import Resource
from app.resources.queries import text_in


@bp.app_template_global("readings_of")
def readings_of(part: GuideSession) -> list[Reading]:
    """The readings that a session of a guide names."""
    return readings(part.reading)


@bp.get("/<uuid:relationship_id>/resources")
@guarded_by(may_open_workspace, find=relationship_for)
def resources(pair: Relationship) -> flask.Response:
    """Readings for the next session and what the reader may open elsewhere, each with a reason."""
    db, actor = reading(), current_actor()
    part = queries.current_part(db, pair) if pair.guide_id else None
    goals = queries.active_goals(db, actor, pair.id)
    return page(
        "mentoring/resources.html",
        pair=pair,
        others=pair.others(actor.person_id),
        part=part,
        found=queries.suggestions(db, actor, part, goals),
        title_of=_title,
        group_of=_group,
    )


def _title(resource: Resource) -> str:
    text = text_in(resource, current_language().tag)
    return text.title if text else ""


def _group(erg: Erg) -> str:
    text = pick_text(erg.texts, current_language().tag)
    return text.name if text else erg.slug
