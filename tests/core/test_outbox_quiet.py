"""Quiet hours end when the person's own wall clock says so."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.quiet import is_quiet, quiet_until

EVENING, MORNING = time(20), time(8)
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Kolkata",
    "Asia/Tokyo",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "America/St_Johns",
    "Africa/Casablanca",
    "Pacific/Apia",
    "Asia/Kathmandu",
]


@pytest.mark.parametrize(
    ("now", "zone", "end"),
    [
        ("2026-11-21T19:30+00:00", "UTC", None),
        ("2026-11-21T20:00+00:00", "UTC", "2026-11-22T08:00+00:00"),
        ("2026-11-22T07:59+00:00", "UTC", "2026-11-22T08:00+00:00"),
        ("2026-11-22T08:00+00:00", "UTC", None),
        # In the night in which Berlin's clocks go forward, the quiet is an hour shorter ...
        ("2026-03-28T19:00+00:00", "Europe/Berlin", "2026-03-29T06:00+00:00"),
        # ... and in the night in which they go back, an hour longer.
        ("2026-10-24T18:00+00:00", "Europe/Berlin", "2026-10-25T07:00+00:00"),
        ("2026-11-21T12:00+00:00", "Asia/Tokyo", "2026-11-21T23:00+00:00"),
    ],
)
def test_quiet_hours_end_in_the_persons_morning(now: str, zone: str, end: str | None) -> None:
    found = quiet_until(datetime.fromisoformat(now), ZoneInfo(zone), EVENING, MORNING)
    assert found == (datetime.fromisoformat(end) if end else None)


def test_an_end_that_the_clocks_skip_is_the_jump_itself() -> None:
    now = datetime(2026, 3, 28, 22, tzinfo=UTC)
    found = quiet_until(now, ZoneInfo("Europe/Berlin"), time(22), time(2, 30))
    assert found == datetime(2026, 3, 29, 1, tzinfo=UTC)  # 03:00 there, and 02:30 never was


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1)),
    st.sampled_from(ZONES),
    st.times(),
    st.times(),
)
def test_what_is_postponed_is_not_quiet_then_and_was_quiet_just_before(
    moment: datetime, zone_name: str, begins: time, ends: time
) -> None:
    now, zone = moment.replace(tzinfo=UTC), ZoneInfo(zone_name)
    until = quiet_until(now, zone, begins, ends)
    if until is None:
        assert not is_quiet(now, zone, begins, ends)
        return
    assert now < until <= now + timedelta(hours=26)
    assert not is_quiet(until, zone, begins, ends)
