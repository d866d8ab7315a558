"""Wall time, instants, deadlines and reminders, through both clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.events import rules
from app.events.rules import Mode, NonexistentTime

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
ZONES = [
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Tokyo",
    "America/Sao_Paulo",
    "Africa/Lagos",
    "Asia/Dubai",
    "Pacific/Auckland",
    "America/Los_Angeles",
]


@given(
    st.sampled_from(ZONES),
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)).map(
        lambda d: d.replace(second=0, microsecond=0)
    ),
    st.sampled_from([0, 1]),
)
def test_a_wall_time_is_kept_to_the_minute_or_refused(zone, wall, fold) -> None:
    try:
        instant = rules.instant_of(wall, zone, fold)
    except NonexistentTime as skipped:
        again = rules.instant_of(skipped.suggestion, zone, 0)
        assert rules.wall_of(again, zone) == skipped.suggestion > wall
    else:
        assert rules.wall_of(instant, zone) == wall


@pytest.mark.parametrize(
    ("zone", "wall", "suggestion"),
    [
        ("Europe/Berlin", datetime(2026, 3, 29, 2, 30), datetime(2026, 3, 29, 3, 30)),
        ("America/New_York", datetime(2026, 3, 8, 2, 0), datetime(2026, 3, 8, 3, 0)),
        ("Australia/Lord_Howe", datetime(2026, 10, 4, 2, 15), datetime(2026, 10, 4, 2, 45)),
    ],
)
def test_a_time_the_clocks_skip_is_refused_with_a_suggestion(zone, wall, suggestion) -> None:
    with pytest.raises(NonexistentTime) as refused:
        rules.instant_of(wall, zone)
    assert refused.value.suggestion == suggestion


@pytest.mark.parametrize(
    ("zone", "wall", "apart"),
    [
        ("Europe/Berlin", datetime(2026, 10, 25, 2, 30), timedelta(hours=1)),
        ("Australia/Lord_Howe", datetime(2026, 4, 5, 1, 45), timedelta(minutes=30)),
    ],
)
def test_a_time_the_clocks_show_twice_asks_which(zone, wall, apart) -> None:
    with pytest.raises(rules.AmbiguousTime):
        rules.instant_of(wall, zone)
    assert rules.instant_of(wall, zone, 1) - rules.instant_of(wall, zone, 0) == apart


def test_todays_offset_is_not_used_across_a_clock_change() -> None:
    summer = rules.instant_of(datetime(2026, 7, 1, 18, 0), "Europe/Berlin")
    winter = rules.instant_of(datetime(2026, 12, 1, 18, 0), "Europe/Berlin")
    assert (summer.hour, winter.hour) == (16, 17)


def test_an_evening_event_west_of_utc_stays_on_its_day() -> None:
    instant = rules.instant_of(datetime(2026, 12, 1, 20, 0), "America/Los_Angeles")
    assert instant.day == 2
    assert rules.wall_of(instant, "America/Los_Angeles") == datetime(2026, 12, 1, 20, 0)


def test_in_person_the_venues_clock_comes_first_online_the_viewers() -> None:
    at = datetime(2026, 12, 1, 12, tzinfo=UTC)
    shown = rules.shown_zones
    assert shown(at, "Asia/Tokyo", "Europe/Paris", Mode.IN_PERSON) == ("Asia/Tokyo", "Europe/Paris")
    assert shown(at, "Asia/Tokyo", "Europe/Paris", Mode.ONLINE) == ("Europe/Paris", "Asia/Tokyo")
    assert shown(at, "Europe/Berlin", "Europe/Paris", Mode.ONLINE) == ("Europe/Paris", None)


@given(st.integers(4, 48), st.integers(0, 24 * 60), st.sampled_from(ZONES))
def test_an_offer_ends_after_six_waking_hours_but_never_in_the_last_three(left, minute, zone):
    now = NOW + timedelta(minutes=minute)
    start = now + timedelta(hours=left)
    until = rules.offer_deadline(now, start, zone, time(22), time(7))
    assert now < until <= start - timedelta(hours=3)
    awake = sum(
        not is_asleep(now + timedelta(minutes=n), zone)
        for n in range(int((until - now).total_seconds() // 60))
    )
    assert awake <= 6 * 60
    if until < start - timedelta(hours=3):
        assert awake == 6 * 60


def is_asleep(instant: datetime, zone: str) -> bool:
    clock = instant.astimezone(ZoneInfo(zone)).time()
    return clock >= time(22) or clock < time(7)


def test_an_offer_made_in_the_evening_lasts_over_night() -> None:
    evening = datetime(2026, 11, 21, 21, 0, tzinfo=UTC)
    until = rules.offer_deadline(evening, evening + timedelta(hours=40), "UTC", time(22), time(7))
    assert until == datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def test_reminders_lie_ahead_and_expire_when_they_are_of_no_more_use() -> None:
    start = NOW + timedelta(hours=30)
    assert [(r.name, start - r.due) for r in rules.reminders(start, NOW)] == [
        ("event_tomorrow", timedelta(hours=24)),
        ("event_soon", timedelta(hours=1)),
    ]
    assert [r.name for r in rules.reminders(NOW + timedelta(hours=5), NOW)] == ["event_soon"]
    assert rules.reminders(NOW + timedelta(minutes=30), NOW) == []
    assert all(r.due < r.expires <= start for r in rules.reminders(start, NOW))
