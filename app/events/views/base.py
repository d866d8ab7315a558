"""What the pages of events share."""

from __future__ import annotations

from uuid import UUID

import flask
from werkzeug.wrappers import Response

from app.core.pages import done
from app.core.policies import current_actor
from app.events.models import Occurrence
from app.events.rules import (
    Mode,
    shown_zones,
    wall_of,
)

bp = flask.Blueprint("events", __name__)


# A global, since the macros that call it are imported without context.
@bp.app_template_global("zones_of")
def zones_of(occurrence: Occurrence) -> tuple[str, str | None, bool]:
    """(first zone, second zone or None, whether both clocks show the same day)."""
    mode = Mode.IN_PERSON if Mode.IN_PERSON in occurrence.modes else Mode.ONLINE
    at = occurrence.starts_at
    first, second = shown_zones(at, occurrence.zone, current_actor().zone, mode)
    is_same_day = second is None or wall_of(at, first).date() == wall_of(at, second).date()
    return first, second, is_same_day


def saved(occurrence_id: UUID, message: str) -> Response:
    """Back to the event."""
    return done(message, to=flask.url_for(".show", occurrence_id=occurrence_id))
