"""What events write to people. Of a hidden event nothing is said but that there is something."""

from app.events.messages.about import About, entry_of, time_of, title_of
from app.events.messages.calendars import ReplyRefused, Summary
from app.events.messages.entry import CalendarEntry, Canceled, Left, Moved, WaitOver, was_sent
from app.events.messages.planning import (
    ChangedSince,
    HostAnswered,
    HostAsked,
    Postponed,
    Resumed,
)
from app.events.messages.reminders import Soon, Tomorrow
from app.events.messages.seats import SeatFound, SeatOffered, SeatsCalled
from app.events.messages.subscriptions import Unanswered

__all__ = [
    "About",
    "CalendarEntry",
    "Canceled",
    "ChangedSince",
    "HostAnswered",
    "HostAsked",
    "Left",
    "Moved",
    "Postponed",
    "ReplyRefused",
    "Resumed",
    "SeatFound",
    "SeatOffered",
    "SeatsCalled",
    "Soon",
    "Summary",
    "Tomorrow",
    "Unanswered",
    "WaitOver",
    "entry_of",
    "time_of",
    "title_of",
    "was_sent",
]
