"""Calendar entries of sessions: discreet, updated when one moves, gone when it is canceled."""

from __future__ import annotations

from datetime import timedelta

import icalendar

from app.core import clock
from app.core.outbox import Attachment
from app.mentoring.models import Meeting


def entry(meeting: Meeting, title: str, *, is_canceled: bool = False) -> Attachment:
    """One session as an iCalendar file; the title says no more than the caller wants."""
    method = "CANCEL" if is_canceled else "REQUEST"
    event = icalendar.Event()
    start = meeting.starts_at.astimezone(clock.zone(meeting.zone))
    event.add("uid", f"session-{meeting.id}@trellis")
    event.add("dtstamp", clock.now())
    event.add("dtstart", start)
    event.add("dtend", start + timedelta(minutes=meeting.minutes))
    event.add("summary", title)
    event.add("sequence", meeting.revision)
    event.add("status", "CANCELLED" if is_canceled else "CONFIRMED")
    event.add("class", "PRIVATE")
    if meeting.place and not is_canceled:
        event.add("location", meeting.place)
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Trellis//Sessions//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(event)
    calendar.add_missing_timezones()
    return Attachment("session.ics", "text/calendar", calendar.to_ical(), method)
