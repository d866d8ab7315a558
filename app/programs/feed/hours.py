"""Zones and weekly windows as numbers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from app.core import clock

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PARTS = {"morning": (8, 12), "midday": (12, 14), "afternoon": (14, 18), "evening": (18, 21)}


def zone_hours(zone: str, at: datetime) -> float:
    """A zone's distance from UTC in hours at an instant."""
    offset = at.astimezone(clock.zone(zone)).utcoffset() or timedelta()
    return offset.total_seconds() / 3600


def week_mask(windows: Iterable[str], zone: str, at: datetime) -> int | None:
    """Weekly windows such as `mon-morning` in a zone, as bits of the 168 hours of a UTC week."""
    shift = round(zone_hours(zone, at))
    mask = 0
    for window in windows:
        day, _, part = window.partition("-")
        if day in DAYS and part in PARTS:
            for hour in range(*PARTS[part]):
                mask |= 1 << ((DAYS.index(day) * 24 + hour - shift) % 168)
    return mask or None
