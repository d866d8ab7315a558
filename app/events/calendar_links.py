"""Links that open another calendar's form with an event filled in; plain links, nothing is sent."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

from app.events.ical import Entry

GOOGLE = "https://calendar.google.com/calendar/render"
OUTLOOK = "https://outlook.office.com/calendar/0/deeplink/compose"


def links_for(entry: Entry) -> dict[str, str]:
    """Addresses by calendar; none for an entry with neutral words, which only a file carries.

    Such a link would tell another company what this one keeps to itself.
    """
    if entry.is_private:
        return {}
    google = {
        "action": "TEMPLATE",
        "text": entry.summary,
        "dates": f"{_basic(entry.starts_at)}/{_basic(entry.ends_at)}",
        "ctz": entry.zone,
        "details": entry.description,
        "location": entry.location,
    }
    outlook = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": entry.summary,
        "startdt": _extended(entry.starts_at),
        "enddt": _extended(entry.ends_at),
        "body": entry.description,
        "location": entry.location,
    }
    return {
        "google": f"{GOOGLE}?{urlencode(google)}",
        "outlook": f"{OUTLOOK}?{urlencode(outlook)}",
    }


def _basic(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _extended(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
