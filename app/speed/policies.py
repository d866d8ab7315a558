"""Who may take part and who runs a session."""

from __future__ import annotations

from app.core.database import session_of
from app.core.policies import Actor, inside
from app.events import policies as events
from app.events.models import Occurrence
from app.events.queries import rsvp_of
from app.speed.models import SpeedSeat, SpeedSession
from app.speed.queries import COMING


def may_see(actor: Actor, _occurrence: Occurrence) -> bool:
    """Everyone inside who found the date; what they see there depends on their seat."""
    return inside(actor, None)


def may_join(actor: Actor, occurrence: Occurrence) -> bool:
    """Whoever has a place at the event."""
    return inside(actor, None) and is_coming(actor, occurrence)


def is_coming(actor: Actor, occurrence: Occurrence) -> bool:
    """Whether the actor has a place at the event."""
    found = rsvp_of(session_of(occurrence), occurrence.id, actor.person_id)
    return found is not None and found.state in COMING


def may_sit(actor: Actor, seat: SpeedSeat) -> bool:
    """One's own seat."""
    return inside(actor, None) and seat.person_id == actor.person_id


def may_set_up(actor: Actor, occurrence: Occurrence) -> bool:
    """The leads of a hosting group."""
    return events.may_run(actor, occurrence)


def may_run(actor: Actor, session: SpeedSession) -> bool:
    """The leads of a hosting group."""
    return events.may_run(actor, session.occurrence)


def may_place(actor: Actor, seat: SpeedSeat) -> bool:
    """The leads of a hosting group, for everybody's seat."""
    return events.may_run(actor, seat.session.occurrence)
