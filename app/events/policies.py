"""Who may do what with an event."""

from __future__ import annotations

from typing import Any

from app.core import clock
from app.core.database import session_of
from app.core.policies import Actor, inside
from app.ergs.queries import standing
from app.events.models import Event, Occurrence
from app.events.rules import EventState, OccurrenceState


def may_see(actor: Actor, _subject: Any) -> bool:
    """Everyone inside; what is not for them was not found in the first place."""
    return inside(actor, None)


def may_answer(actor: Actor, occurrence: Occurrence) -> bool:
    """Whoever sees a published event that is neither canceled nor over."""
    return inside(actor, None) and is_open(occurrence)


def is_open(occurrence: Occurrence) -> bool:
    """Whether answers are taken."""
    return (
        occurrence.event.state is EventState.PUBLISHED
        and occurrence.state is OccurrenceState.SCHEDULED
        and clock.now() < occurrence.ends_at
    )


def may_run(actor: Actor, occurrence: Occurrence) -> bool:
    """The leads of a hosting group: change, publish and cancel."""
    return inside(actor, None) and leads_host(actor, occurrence.event)


def leads_host(actor: Actor, event: Event) -> bool:
    """Whether the actor leads one of the hosts today."""
    led = standing(session_of(event), actor).led
    return any(erg.id in led for erg in event.accepted_hosts)


def may_publish(actor: Actor, occurrence: Occurrence) -> bool:
    """Leads, while the event is a draft."""
    return may_run(actor, occurrence) and occurrence.event.state in (
        EventState.DRAFT,
        EventState.APPROVED,
    )


def may_cancel(actor: Actor, occurrence: Occurrence) -> bool:
    """Leads, until it is over or canceled."""
    fixed = (EventState.CANCELED, EventState.COMPLETED)
    return may_run(actor, occurrence) and occurrence.event.state not in fixed
