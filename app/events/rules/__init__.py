"""Pure rules of events: states, seats, local time."""

from app.events.rules.seats import (
    Claim,
    Decision,
    Ladder,
    Verdict,
    admit,
    free_seats,
    ladder_at,
)
from app.events.rules.states import (
    EVENT_TRANSITIONS,
    HELD,
    RSVP_TRANSITIONS,
    SHOWN_EVENTS,
    Access,
    Audience,
    EventKind,
    EventState,
    HostState,
    Mode,
    OccurrenceState,
    Phase,
    Reply,
    RsvpState,
)
from app.events.rules.times import (
    AmbiguousTime,
    NonexistentTime,
    Reminder,
    instant_of,
    offer_deadline,
    phase_at,
    reminders,
    shown_zones,
    wall_of,
)

__all__ = [
    "EVENT_TRANSITIONS", "HELD", "RSVP_TRANSITIONS", "SHOWN_EVENTS", "Access", "AmbiguousTime",
    "Audience", "Claim", "Decision", "EventKind", "EventState", "HostState", "Ladder", "Mode",
    "NonexistentTime", "OccurrenceState", "Phase", "Reminder", "Reply", "RsvpState", "Verdict",
    "admit", "free_seats", "instant_of", "ladder_at", "offer_deadline", "phase_at",
    "reminders", "shown_zones", "wall_of",
]
