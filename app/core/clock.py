"""The time people live by (`now`) and the time machines count by (`machine_now`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

_DURATION = re.compile(
    r"^(?P<sign>[+-])P(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?)?$"
)

_frozen: datetime | None = None
_shift = timedelta()
_override: ContextVar[datetime | None] = ContextVar("clock_override", default=None)


def now() -> datetime:
    """The current instant in UTC, as people see it; tests and the demo may freeze or shift it."""
    override = _override.get()
    if override is not None:
        return override
    return _frozen if _frozen is not None else machine_now() + _shift


def machine_now() -> datetime:
    """The machine's own instant in UTC, for leases and timeouts; never frozen or shifted."""
    return datetime.now(UTC)


def configure(spec: str | None) -> None:
    """Apply TRELLIS_NOW: an instant freezes, `+P3D` or `-PT2H` shifts, None runs normally."""
    global _frozen, _shift
    _frozen, _shift = None, timedelta()
    if not spec:
        return
    match = _DURATION.match(spec)
    if match is None:
        _frozen = parse_instant(spec)
        return
    parts = {k: int(v) for k, v in match.groupdict().items() if v and k != "sign"}
    _shift = timedelta(**parts) * (-1 if match["sign"] == "-" else 1)


def parse_instant(text: str) -> datetime:
    """An ISO 8601 instant with zone, in UTC; ValueError when the zone is missing."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"{text!r} has no zone; add Z for UTC.")
    return instant.astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """The last minute of a day, UTC: for deadlines that are days."""
    return datetime.combine(day, time(23, 59), UTC)


@cache
def zone_names() -> tuple[str, ...]:
    """All IANA zone names in order; asked once, because asking walks the file system."""
    return tuple(sorted(available_timezones()))


@cache
def zone(name: str) -> ZoneInfo:
    """A zone by its IANA name; UTC when unknown."""
    return ZoneInfo(name if name in zone_names() else "UTC")


@contextmanager
def frozen(instant: datetime) -> Iterator[None]:
    """Hold `now` at one instant for a block (tests, seeds)."""
    token = _override.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _override.reset(token)
