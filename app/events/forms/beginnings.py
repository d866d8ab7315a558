"""Where the form of a new event begins: the kind's usual, what the group did last, or a copy."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.ergs.models import Erg
from app.ergs.rules import Discovery
from app.events.forms.outlines import OUTLINES
from app.events.models import Occurrence
from app.events.rules import USUAL, Audience, EventKind

AHEAD, WEEK, SATURDAY = 14, 7, 5


def usual(kind: EventKind, erg: Erg, last: Occurrence | None, now: datetime) -> dict[str, Any]:
    """A new event of a kind: place, zone, contact and answers about access as the last time."""
    use, zone = USUAL[kind], last.zone if last else erg.zone
    values: dict[str, Any] = {
        "kind": kind,
        "description": str(OUTLINES[kind]),
        "day": _working_day(now.astimezone(ZoneInfo(zone)).date() + timedelta(days=AHEAD)),
        "start": use.at,
        "minutes": use.minutes,
        "zone": zone,
        "in_person": use.in_person != 0,
        "online": use.online != 0,
        "seats_in_person": use.in_person or None,
        "seats_online": use.online or None,
        "guest_limit": use.guests,
        "audience": Audience.MEMBERS if erg.discovery is Discovery.HIDDEN else Audience.COMPANY,
    }
    return values | (_remembered(last) if last else {})


def _remembered(last: Occurrence) -> dict[str, Any]:
    event = last.event
    names = ("venue", "captions", "step_free", "access_contact", "quiet_room", "sign_language")
    return {name: getattr(event, name) for name in names} | {"audience": event.audience}


def again(values: dict[str, Any], now: datetime, zone: str) -> dict[str, Any]:
    """A copy of another event on the same day of the week, at least two weeks ahead."""
    first = now.astimezone(ZoneInfo(zone)).date() + timedelta(days=AHEAD)
    day: date = values["day"]
    ahead = (day.weekday() - first.weekday()) % WEEK
    return values | {"day": first + timedelta(days=ahead), "fold": 0}


def _working_day(day: date) -> date:
    late = day.weekday() - SATURDAY
    return day if late < 0 else day + timedelta(days=2 - late)
