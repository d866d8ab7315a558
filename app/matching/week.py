"""Free hours as people write them, such as ``Mon-Wed 9-12; Fri morning``, as quarters of a week.

A quarter counts when all of it is free. Weeks are told in UTC, so that people in different zones
can be compared; zones that are half or three quarters of an hour apart stay exact.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

MINUTES = 15
QUARTERS = 24 * 60 // MINUTES  # of a day
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
PARTS = {"morning": (8, 12), "midday": (12, 14), "afternoon": (14, 18), "evening": (18, 21)}

_WORD = r"[^\W\d_]+"
_ITEM = re.compile(rf"({_WORD})\.?(?:\s*[-–]\s*({_WORD})\.?)?\s+(.+)")
_CLOCK = r"(\d{1,2})(?:[:.](\d{2}))?\s*([ap]m)?"
_SPAN = re.compile(rf"{_CLOCK}\s*[-–]\s*{_CLOCK}")


def free_quarters(items: Iterable[str], offset: float, days: Sequence[str] = DAYS) -> int:
    """The quarters of the UTC week in these items, one bit each; ``offset`` is hours from UTC.

    Raises ValueError with the item that cannot be read.
    """
    mask, shift = 0, round(offset * 60 / MINUTES)
    for item in items:
        found = _ITEM.fullmatch(item.strip().casefold())
        span = _span(found[3].strip()) if found else None
        named = _days(found[1], found[2], days) if found else []
        if span is None or not named:
            raise ValueError(item.strip())
        for day in named:
            for quarter in range(*span):
                mask |= 1 << (day * QUARTERS + quarter - shift) % (7 * QUARTERS)
    return mask


def _days(first: str, last: str | None, names: Sequence[str]) -> list[int]:
    """A day or a run of days; empty where a word is none or might be several."""
    start, end = _day(first, names), _day(last or first, names)
    if start is None or end is None:
        return []
    return [(start + step) % 7 for step in range((end - start) % 7 + 1)]


def _day(word: str, names: Sequence[str]) -> int | None:
    known = [name.strip().casefold() for name in names]
    if word in known:
        return known.index(word)
    near = [at for at, name in enumerate(known) if name.startswith(word) or word.startswith(name)]
    return near[0] if len(near) == 1 else None


def _span(text: str) -> tuple[int, int] | None:
    """The first quarter and the one after the last; None for what is no stretch of one day."""
    if text in PARTS:
        first, last = PARTS[text]
        return first * 60 // MINUTES, last * 60 // MINUTES
    found = _SPAN.fullmatch(text)
    if found is None:
        return None
    start, end = _minutes(*found.groups()[:3]), _minutes(*found.groups()[3:])
    if start is None or end is None or start >= (end or 24 * 60):
        return None
    return -(-start // MINUTES), (end or 24 * 60) // MINUTES


def _minutes(hour: str, minute: str | None, half: str | None) -> int | None:
    whole = int(hour)
    if half:
        if not 1 <= whole <= 12:
            return None
        whole = whole % 12 + (12 if half == "pm" else 0)
    told = whole * 60 + int(minute or 0)
    return told if int(minute or 0) < 60 and told <= 24 * 60 else None
