"""What the pages of events share."""

from __future__ import annotations

from uuid import UUID

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import reading
from app.core.pages import done
from app.core.policies import current_actor
from app.events.models import Occurrence
from app.events.queries import series as queries
from app.events.queries.series import DatesLike
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


@bp.app_template_global("dates_meant")
def dates_meant() -> str | None:
    """What `?dates=` says: `all` of the series, or none, which is this date alone."""
    return "all" if flask.request.args.get("dates") == "all" else None


def is_for_all() -> bool:
    """Whether an act is meant for all dates of the series that are like this one."""
    return dates_meant() is not None


@bp.app_template_global("dates_like")
def dates_like(occurrence: Occurrence) -> DatesLike | None:
    """Of a date that is like others of its series: how many there are ahead, and for whom."""
    found = queries.dates_like(reading(), occurrence)
    return found if found.dates else None


def said(message: str) -> str:
    """What was done, and to how much of a series where it was more than one date."""
    if not is_for_all():
        return message
    return _("%(message)s This holds for all dates of the series that lie ahead.", message=message)


def saved(occurrence_id: UUID, message: str) -> Response:
    """Back to the event."""
    return done(message, to=flask.url_for(".show", occurrence_id=occurrence_id))
