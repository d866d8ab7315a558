"""What an event needs before anybody is asked about it or sees it."""

from __future__ import annotations

from flask_babel import gettext as _

from app.core import clock
from app.core.errors import Refused
from app.ergs.rules import ErgState
from app.events.models import Event, Occurrence


def require_access(event: Event) -> None:
    """What others see or decide about says how everybody can take part."""
    if not all((event.captions, event.step_free, event.access_contact.strip())):
        raise Refused(_("Please answer the questions about accessibility first."))


def require_ready(occurrence: Occurrence) -> None:
    """The questions about access are answered, there are seats, and the day lies ahead."""
    event = occurrence.event
    _require_access_of(occurrence)
    if not occurrence.modes:
        raise Refused(_("Please open seats in person, online, or both."))
    if occurrence.ends_at <= clock.now():
        raise Refused(_("This event is already over. Choose another day first."))
    if any(erg.state is not ErgState.ACTIVE for erg in event.accepted_hosts):
        raise Refused(_("The group is not active, so it cannot publish events."))


def _require_access_of(occurrence: Occurrence) -> None:
    """Of a series the answers are those of all its dates, so the way there is another one."""
    place = occurrence.place_in_series
    try:
        require_access(occurrence.event)
    except Refused:
        if place is None or place.is_edited:
            raise
        raise Refused(
            _(
                "Please answer the questions about accessibility first. For all dates at once "
                "they are on the page “Change the series”."
            )
        ) from None
