"""Who may do what with attendance. What is not for a reader was not found in the first place."""

from __future__ import annotations

from typing import Any

from app.attendance import queries
from app.attendance.queries import Door
from app.attendance.rules import is_open
from app.attendance.services.doors import LIVE
from app.core import clock
from app.core.database import session_of
from app.core.policies import Actor, inside
from app.ergs.queries import standing
from app.events.models import Occurrence
from app.events.policies import leads_host
from app.events.rules import OccurrenceState


def takes_place(occurrence: Occurrence) -> bool:
    """Published and not canceled."""
    is_on = occurrence.state is OccurrenceState.SCHEDULED
    return is_on and occurrence.event.state in LIVE


def may_keep_door(actor: Actor, occurrence: Occurrence) -> bool:
    """Leads and the check-in role of a hosting group, for an event that takes place."""
    return inside(actor, None) and takes_place(occurrence)


def may_change_place(actor: Actor, door: Door) -> bool:
    """The same, about one place."""
    return may_keep_door(actor, door.occurrence)


def may_show_code(actor: Actor, door: Door) -> bool:
    """Whoever has a place, for their own code."""
    has_place = door.rsvp.state in queries.CAN_ENTER
    return inside(actor, None) and has_place and takes_place(door.occurrence)


def may_arrive(actor: Actor, occurrence: Occurrence) -> bool:
    """Whoever the event is for, while check-in is open."""
    now = clock.now()
    is_now = is_open(now, occurrence.starts_at, occurrence.ends_at)
    return inside(actor, None) and takes_place(occurrence) and is_now


def may_ask(actor: Actor, door: Door) -> bool:
    """Whoever may still come, for their own needs."""
    is_ahead = clock.now() < door.occurrence.ends_at and takes_place(door.occurrence)
    return inside(actor, None) and is_ahead and door.rsvp.state in queries.ASKING


def may_read_needs(actor: Actor, occurrence: Occurrence) -> bool:
    """The access lead of a hosting group; where there is none, the leads."""
    db = session_of(occurrence)
    return inside(actor, None) and queries.reads_needs(db, standing(db, actor), occurrence.event)


def may_answer_need(actor: Actor, found: Any) -> bool:
    """The finder has asked the same already; a reader may answer."""
    return may_read_needs(actor, found[0])


def may_give_feedback(actor: Actor, _occurrence: Occurrence) -> bool:
    """Those who are asked, which the finder knows."""
    return inside(actor, None)


def may_read_feedback(actor: Actor, occurrence: Occurrence) -> bool:
    """The leads of a hosting group."""
    return inside(actor, None) and leads_host(actor, occurrence.event)


def may_see_materials(actor: Actor, occurrence: Occurrence) -> bool:
    """Whoever sees the event."""
    return inside(actor, None) and takes_place(occurrence)


def may_add_material(actor: Actor, occurrence: Occurrence) -> bool:
    """The leads of a hosting group."""
    return may_see_materials(actor, occurrence) and leads_host(actor, occurrence.event)


def may_change_material(actor: Actor, found: Any) -> bool:
    """The same, about one of them."""
    return may_add_material(actor, found[0])
