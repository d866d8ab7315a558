"""When a digest is due, and what a post may become."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.walls import AmbiguousTime, NonexistentTime, instant_of
from app.posts.rules import (
    POST_TRANSITIONS,
    PostState,
    Rhythm,
    last_slot,
)

BERLIN = ZoneInfo("Europe/Berlin")
zones = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Tokyo"])


def test_by_default_a_digest_comes_on_working_days_at_the_persons_hour() -> None:
    sunday = datetime(2026, 11, 22, 12, tzinfo=UTC)
    day, at = last_slot(sunday, BERLIN, Rhythm.DAILY, 9, 0)
    assert str(day) == "2026-11-20" and at == datetime(2026, 11, 20, 8, tzinfo=UTC)
    monday_early = datetime(2026, 11, 23, 7, 59, tzinfo=UTC)
    assert last_slot(monday_early, BERLIN, Rhythm.DAILY, 9, 0) == (day, at)
    assert str(last_slot(monday_early, BERLIN, Rhythm.DAILY, 8, 0)[0]) == "2026-11-23"


def test_once_a_week_or_never() -> None:
    now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert str(last_slot(now, BERLIN, Rhythm.WEEKLY, 9, 2)[0]) == "2026-11-18"
    assert last_slot(now, BERLIN, Rhythm.NONE, 9, 2) is None


@settings(max_examples=150, deadline=None)
@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),
    zones,
    st.sampled_from([Rhythm.DAILY, Rhythm.WEEKLY]),
    st.integers(0, 23),
    st.integers(0, 6),
)
def test_a_slot_lies_behind_and_later_moments_never_go_back(wall, zone, rhythm, hour, weekday):
    now = wall.replace(tzinfo=UTC)
    day, at = last_slot(now, ZoneInfo(zone), rhythm, hour, weekday)
    assert now - timedelta(days=8) < at <= now
    later = last_slot(now + timedelta(hours=5), ZoneInfo(zone), rhythm, hour, weekday)
    assert later >= (day, at)


def test_only_what_was_approved_is_sent_and_only_what_was_sent_is_recalled() -> None:
    before_sent = {state for state, to in POST_TRANSITIONS.items() if PostState.SENT in to}
    assert before_sent == {PostState.SCHEDULED, PostState.ARCHIVED}
    assert {s for s, to in POST_TRANSITIONS.items() if PostState.SCHEDULED in to} == {
        PostState.APPROVED
    }


def test_wall_times_that_are_skipped_or_shown_twice_are_asked_about() -> None:
    with pytest.raises(NonexistentTime) as skipped:
        instant_of(datetime(2026, 3, 29, 2, 30), "Europe/Berlin")
    assert skipped.value.suggestion == datetime(2026, 3, 29, 3, 30)
    twice = datetime(2026, 10, 25, 2, 30)
    with pytest.raises(AmbiguousTime):
        instant_of(twice, "Europe/Berlin")
    first, second = (instant_of(twice, "Europe/Berlin", fold) for fold in (0, 1))
    assert second - first == timedelta(hours=1)
