"""Pages of events: list, event, answer, calendar, planning."""

from app.events.views import (  # noqa: F401 - they add their routes
    answering,
    calendars,
    ending,
    export,
    export_people,
    fair_time,
    guests,
    hosting,
    lists,
    one_tap,
    planning,
    seats,
    series,
    show,
    words,
)
from app.events.views.base import bp

__all__ = ["bp"]
