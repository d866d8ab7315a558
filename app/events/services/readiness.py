"""What an event needs before anybody is asked about it or sees it."""

from __future__ import annotations

from flask_babel import gettext as _

from app.core import clock
from app.core.errors import Refused
from app.ergs.rules import ErgState
from app.events.models import Occurrence


def require_ready(occurrence: Occurrence) -> None:
    """The questions about access are answered, there are seats, and the day lies ahead."""
    event = occurrence.event
    if not all((event.captions, event.step_free, event.access_contact)):
        raise Refused(_("Please answer the questions about accessibility first."))
    if not occurrence.modes:
        raise Refused(_("Please open seats in person, online, or both."))
    if occurrence.ends_at <= clock.now():
        raise Refused(_("This event is already over. Choose another day first."))
    if any(erg.state is not ErgState.ACTIVE for erg in event.accepted_hosts):
        raise Refused(_("The group is not active, so it cannot publish events."))
