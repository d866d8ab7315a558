"""Who may do what with an event."""

from __future__ import annotations

from typing import Any

from app.core import clock
from app.core.database import session_of
from app.core.policies import Actor, inside
from app.ergs.queries import standing
from app.events.models import Event, Occurrence, Rsvp, Series
from app.events.queries import AskedHost, needs_approval, rsvp_of
from app.events.rules import CONCERNED, UNSEEN_EVENTS, EventState, OccurrenceState


def may_see(actor: Actor, _subject: Any) -> bool:
    """Everyone inside; what is not for them was not found in the first place."""
    return inside(actor, None)


def may_answer(actor: Actor, occurrence: Occurrence) -> bool:
    """Whoever sees a published event that is neither canceled nor over.

    While it is put off, those who answered: they may still step back.
    """
    return inside(actor, None) and (is_open(occurrence) or _may_step_back(actor, occurrence))


def _may_step_back(actor: Actor, occurrence: Occurrence) -> bool:
    if not is_paused(occurrence):
        return False
    rsvp = rsvp_of(session_of(occurrence), occurrence.id, actor.person_id)
    return rsvp is not None and rsvp.state in CONCERNED


def is_open(occurrence: Occurrence) -> bool:
    """Whether answers are taken."""
    return (
        occurrence.event.state is EventState.PUBLISHED
        and occurrence.state is OccurrenceState.SCHEDULED
        and clock.now() < occurrence.ends_at
    )


def is_paused(occurrence: Occurrence) -> bool:
    """Whether it is put off: seats are kept, and its new time is not known yet."""
    return occurrence.event.state is EventState.POSTPONED


def may_run(actor: Actor, occurrence: Occurrence) -> bool:
    """The leads of a hosting group: change, publish and cancel."""
    return inside(actor, None) and leads_host(actor, occurrence.event)


def leads_host(actor: Actor, event: Event) -> bool:
    """Whether the actor leads one of the hosts today."""
    led = standing(session_of(event), actor).led
    return any(erg.id in led for erg in event.accepted_hosts)


def may_publish(actor: Actor, occurrence: Occurrence) -> bool:
    """Leads, while the event is a draft that needs no approval, or approved."""
    event = occurrence.event
    if not may_run(actor, occurrence):
        return False
    is_free = event.state is EventState.DRAFT and not needs_approval(session_of(event), event)
    return is_free or event.state is EventState.APPROVED


def may_submit(actor: Actor, occurrence: Occurrence) -> bool:
    """Leads, of what is not on its way yet, where the group has a chain of approval."""
    event = occurrence.event
    is_here = event.state in (EventState.DRAFT, EventState.CHANGES_REQUESTED)
    return (
        may_run(actor, occurrence) and is_here and needs_approval(session_of(event), event)
    ) or (may_run(actor, occurrence) and event.state is EventState.CHANGES_REQUESTED)


def may_take_back(actor: Actor, occurrence: Occurrence) -> bool:
    """Leads, while it is on its way and nobody else has seen it."""
    on_its_way = UNSEEN_EVENTS - {EventState.DRAFT}
    return may_run(actor, occurrence) and occurrence.event.state in on_its_way


def may_postpone(actor: Actor, occurrence: Occurrence) -> bool:
    """Leads, before a published event is over."""
    is_ahead = occurrence.ends_at > clock.now()
    return may_run(actor, occurrence) and is_ahead and is_published(occurrence)


def is_published(occurrence: Occurrence) -> bool:
    """Whether its audience may answer."""
    return occurrence.event.state is EventState.PUBLISHED


def may_resume(actor: Actor, occurrence: Occurrence) -> bool:
    """Leads, of a postponed event."""
    return may_run(actor, occurrence) and is_paused(occurrence)


def may_answer_for(actor: Actor, asked: AskedHost) -> bool:
    """The leads of the group that was asked."""
    return inside(actor, None) and asked.row.erg_id in standing(session_of(asked.row), actor).led


def may_cancel(actor: Actor, occurrence: Occurrence) -> bool:
    """Leads, until it is over or canceled."""
    fixed = (EventState.CANCELED, EventState.COMPLETED)
    return may_run(actor, occurrence) and occurrence.event.state not in fixed


def may_decide(actor: Actor, rsvp: Rsvp) -> bool:
    """Leads about everybody's place but their own."""
    return may_run(actor, rsvp.occurrence) and rsvp.person_id != actor.person_id


def may_run_series(actor: Actor, series: Series) -> bool:
    """The leads of a hosting group, while it goes on."""
    return inside(actor, None) and series.ended_at is None and leads_host(actor, series.event)


def may_repeat(actor: Actor, occurrence: Occurrence) -> bool:
    """Leads, while the event lies ahead and does not repeat yet."""
    is_ahead = clock.now() < occurrence.starts_at
    return may_run(actor, occurrence) and is_ahead and occurrence.event.state in MAY_REPEAT


def may_come_to_all(actor: Actor, series: Series) -> bool:
    """Whoever sees a published series that goes on."""
    is_open = series.ended_at is None and series.event.state is EventState.PUBLISHED
    return inside(actor, None) and is_open


MAY_REPEAT = (
    EventState.DRAFT,
    EventState.CHANGES_REQUESTED,
    EventState.APPROVED,
    EventState.PUBLISHED,
)
