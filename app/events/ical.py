"""Calendar entries as iCalendar text (RFC 5545/5546); pure, no other address than the reader's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vText

UID_HOST = "trellis"
PRODUCT = "-//Trellis//Events//EN"
# Clock changes are described this far around the entries; further ones would only add weight.
MARGIN = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of one person's calendar; `uid` stays, `sequence` rises with each change."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    zone: str
    summary: str
    stamp: datetime
    url: str
    description: str = ""
    location: str = ""
    is_private: bool = False
    is_canceled: bool = False
    is_tentative: bool = False


@dataclass(frozen=True, slots=True)
class Parties:
    """Who sends an invitation (a service mailbox) and the one person who gets it."""

    organizer: str
    organizer_name: str
    attendee: str
    attendee_name: str
    expects_reply: bool = False


def calendar(
    entries: list[Entry], *, method: str, parties: Parties | None = None, name: str | None = None
) -> bytes:
    """The text of a calendar with VTIMEZONEs; PUBLISH has no parties, REQUEST and CANCEL do."""
    found = Calendar()
    found.add("prodid", PRODUCT)
    found.add("version", "2.0")
    found.add("calscale", "GREGORIAN")
    found.add("method", method)
    if name is not None:
        found.add("x-wr-calname", name)
    for entry in entries:
        found.add_component(_event(entry, parties))
    if entries:
        days = [entry.starts_at.date() for entry in entries]
        found.add_missing_timezones(min(days) - MARGIN, max(days) + MARGIN)
    return found.to_ical()


def _event(entry: Entry, parties: Parties | None) -> Event:
    zone = ZoneInfo(entry.zone)
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.stamp)
    event.add("dtstart", entry.starts_at.astimezone(zone))
    event.add("dtend", entry.ends_at.astimezone(zone))
    event.add("summary", entry.summary)
    event.add("url", entry.url)
    event.add("status", _status(entry))
    event.add("class", "PRIVATE" if entry.is_private else "PUBLIC")
    for key, value in (("description", entry.description), ("location", entry.location)):
        if value:
            event.add(key, value)
    if parties is not None:
        event["organizer"] = _address(parties.organizer, parties.organizer_name)
        event["attendee"] = _address(parties.attendee, parties.attendee_name)
        answered = "NEEDS-ACTION" if entry.is_tentative else "ACCEPTED"
        event["attendee"].params["PARTSTAT"] = vText(answered)
        event["attendee"].params["RSVP"] = vText("TRUE" if parties.expects_reply else "FALSE")
    return event


def _status(entry: Entry) -> str:
    if entry.is_canceled:
        return "CANCELLED"
    return "TENTATIVE" if entry.is_tentative else "CONFIRMED"


def _address(email: str, name: str) -> vCalAddress:
    address = vCalAddress(f"MAILTO:{email}")
    address.params["CN"] = vText(name.replace('"', "'"))
    return address
