"""Events with texts and hosts, their occurrences, people's answers, calendar feeds."""

from app.events.models.answers import Rsvp
from app.events.models.base import Event, EventHost, EventText, Occurrence
from app.events.models.feeds import CalendarChoice, CalendarFeed, EntryChoice, ReplyRead
from app.events.models.planning import EventChapter, EventInvited
from app.events.models.series import Series, SeriesDate, SeriesSubscription

__all__ = [
    "CalendarChoice",
    "CalendarFeed",
    "EntryChoice",
    "Event",
    "EventChapter",
    "EventHost",
    "EventInvited",
    "EventText",
    "Occurrence",
    "ReplyRead",
    "Rsvp",
    "Series",
    "SeriesDate",
    "SeriesSubscription",
]
