"""What every act at the door begins with: the lock of the date, and who may."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.attendance import queries
from app.attendance.rules import is_open, takes_scans
from app.core import clock
from app.core.database import hold
from app.core.errors import Refused
from app.ergs.queries import Standing, standing_of
from app.events.models import Occurrence
from app.events.rules import EventState, OccurrenceState

LIVE = (EventState.PUBLISHED, EventState.COMPLETED)


def hold_door(db: Session, actor_id: UUID, occurrence_id: UUID) -> tuple[Occurrence, Standing]:
    """The date under its lock, for somebody who keeps its door."""
    occurrence, mine = hold_date(db, occurrence_id), standing_of(db, actor_id)
    if not queries.at_door_of(mine, occurrence.event):
        raise Refused(_("Only leads and the check-in role of the event can do this."), 403)
    return occurrence, mine


def hold_date(db: Session, occurrence_id: UUID) -> Occurrence:
    """A date that takes place, under its lock."""
    occurrence = hold(db, Occurrence, occurrence_id)
    if occurrence is None:
        raise Refused(_("This event does not exist any more."), 404)
    if occurrence.state is OccurrenceState.CANCELED or occurrence.event.state not in LIVE:
        raise Refused(_("This event does not take place, so nobody is checked in."))
    return occurrence


def require_open(occurrence: Occurrence) -> None:
    """People are checked in from two hours before the start until an hour after the end."""
    if not is_open(clock.now(), occurrence.starts_at, occurrence.ends_at):
        raise Refused(
            _("Check-in is open from two hours before the start until an hour after the end.")
        )


def require_mergeable(occurrence: Occurrence) -> None:
    """What devices kept is taken for a week."""
    if not takes_scans(clock.now(), occurrence.starts_at, occurrence.ends_at):
        raise Refused(_("Scans are taken from two hours before the start until a week after."))
