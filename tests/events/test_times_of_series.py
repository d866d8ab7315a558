"""One test for each rule of clock changes, with the clock held still before the change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.database import writing
from app.ergs.models import Erg
from app.events import rules
from app.events.forms.series import choices_from, filled_with
from app.events.models import SeriesDate
from app.events.rules.series import (
    BadRule,
    Caution,
    Frequency,
    Recurrence,
    Repeats,
    cautions,
    from_then_on,
    named_days,
    on_last_day,
    parse,
    rematch,
)
from app.events.services import series as services
from tests.factories.ergs import make_erg
from tests.factories.events import make_event

DAILY = Recurrence(Frequency.DAILY)


@pytest.fixture
def dates_of(context):
    """Makes a daily series as it stands on a day, and returns its dates by day."""

    def make(zone: str, first: datetime, rule: Recurrence = DAILY):
        start = rules.instant_of(first, zone, 0)
        with clock.frozen(start - timedelta(days=2)), writing() as db:
            erg = make_erg(db, "women")
            event = make_event(db, db.get(Erg, erg.id), starts_at=start, zone=zone)
            services.repeat(db, None, occurrence_id=event.id, repeats=Repeats(rule))
            rows = db.scalars(select(SeriesDate).order_by(SeriesDate.day)).all()
            return {row.day: row.occurrence for row in rows}

    return make


def utc(found, day: date) -> str:
    return f"{found[day].starts_at:%d %H:%M}"


def test_a_gap_moves_the_one_date_to_the_same_moment_on_the_new_clock(dates_of) -> None:
    found = dates_of("Europe/Berlin", datetime(2026, 3, 26, 2, 30))
    assert [utc(found, date(2026, 3, day)) for day in (28, 29, 30)] == [
        "28 01:30",
        "29 01:30",
        "30 00:30",
    ]
    walls = [found[date(2026, 3, day)].wall_start.time() for day in (28, 29, 30)]
    assert walls == [time(2, 30), time(3, 30), time(2, 30)]


def test_an_overlap_takes_the_first_of_both(dates_of) -> None:
    found = dates_of("America/New_York", datetime(2026, 10, 30, 1, 30))
    assert [utc(found, date(2026, 11, day)) for day in (1, 2)] == ["01 05:30", "02 06:30"]
    assert found[date(2026, 11, 1)].fold == 0


def test_half_an_hour_on_lord_howe(dates_of) -> None:
    found = dates_of("Australia/Lord_Howe", datetime(2026, 10, 2, 2, 15))
    assert found[date(2026, 10, 4)].wall_start == datetime(2026, 10, 4, 2, 45)
    assert [utc(found, date(2026, 10, day)) for day in (3, 4, 5)] == [
        "02 15:45",
        "03 15:45",
        "04 15:15",
    ]


def test_the_southern_summer_begins_when_the_northern_ends(dates_of) -> None:
    found = dates_of("America/Santiago", datetime(2026, 9, 4, 18, 0))
    assert [utc(found, date(2026, 9, day)) for day in (5, 6, 7)] == [
        "05 22:00",
        "06 21:00",
        "07 21:00",
    ]


def test_a_midnight_that_is_skipped_stays_on_its_day(dates_of) -> None:
    found = dates_of("America/Santiago", datetime(2026, 9, 4, 0, 0))
    assert found[date(2026, 9, 6)].wall_start == datetime(2026, 9, 6, 1, 0)


def test_a_zone_that_gave_up_summer_time_changes_no_more(dates_of) -> None:
    found = dates_of("Asia/Tehran", datetime(2026, 3, 15, 9, 0))
    assert {row.starts_at.strftime("%H:%M") for row in found.values()} == {"05:30"}
    before = rules.settled(datetime(2022, 7, 1, 9), "Asia/Tehran").instant
    assert before.strftime("%H:%M") == "04:30"


def test_a_day_that_the_zone_left_out_is_the_next_day(dates_of) -> None:
    """Samoa went from 29 to 31 December 2011: the 30th never was."""
    found = rules.settled(datetime(2011, 12, 30, 12), "Pacific/Apia")
    assert (found.wall, found.is_moved) == (datetime(2011, 12, 31, 12), True)


@pytest.mark.parametrize(
    "zone", ["Asia/Kathmandu", "Pacific/Chatham", "America/St_Johns", "Pacific/Apia", "UTC"]
)
def test_odd_offsets_keep_the_minute(dates_of, zone) -> None:
    found = dates_of(zone, datetime(2026, 3, 20, 18, 10))
    assert {row.wall_start.time() for row in found.values()} == {time(18, 10)}
    assert all(rules.wall_of(row.starts_at, zone) == row.wall_start for row in found.values())


def test_every_zone_comes_back_from_the_database_as_it_was_entered() -> None:
    wall = datetime(2027, 5, 20, 18, 10)
    for zone in clock.zone_names():
        at = rules.settled(wall, zone)
        assert (rules.wall_of(at.instant, zone), at.is_moved) == (wall, False), zone


def test_a_rule_is_read_as_it_was_written_and_fills_its_form() -> None:
    first = date(2026, 10, 29)
    for rule in [
        *choices_from(first).values(),
        Recurrence(Frequency.WEEKLY, 2, (1, 3), count=7),
        Recurrence(Frequency.DAILY, until=date(2027, 1, 1)),
        Recurrence(Frequency.YEARLY, month_day=-1, month=2),
    ]:
        assert parse(rule.text) == rule
    for name, rule in choices_from(first).items():
        assert filled_with(rule, first)["every"] == name
        assert next(rule.days(first)) == first
    for bad in ("", "FREQ=HOURLY", "FREQ=DAILY;BYSETPOS=1", "FREQ=DAILY;INTERVAL=0", "x"):
        with pytest.raises(BadRule):
            parse(bad)


def test_the_31st_and_the_leap_day_warn_and_have_a_way_out() -> None:
    last = date(2026, 10, 31)
    monthly = Recurrence(Frequency.MONTHLY, month_day=31)
    assert cautions(monthly, last) == [Caution.SHORT_MONTHS]
    assert not cautions(on_last_day(monthly, last), last)
    ahead = on_last_day(monthly, last).days(last)
    assert [next(ahead).day for _n in range(5)] == [31, 30, 31, 31, 28]
    yearly, leap = Recurrence(Frequency.YEARLY), date(2028, 2, 29)
    assert cautions(yearly, leap) == [Caution.LEAP_YEARS]
    each = on_last_day(yearly, leap).days(leap)
    assert [next(each).isoformat() for _n in range(3)] == ["2028-02-29", "2029-02-28", "2030-02-28"]


def test_dates_are_named_to_the_horizon_but_two_at_least() -> None:
    first = date(2026, 1, 5)
    weekly = Recurrence(Frequency.WEEKLY, weekdays=(0,))
    found = named_days(weekly, first, start=date(2026, 2, 1), horizon=date(2026, 2, 28))
    assert [day.day for day in found] == [2, 9, 16, 23]
    yearly = Recurrence(Frequency.YEARLY)
    rare = named_days(yearly, first, start=date(2026, 2, 1), horizon=date(2026, 2, 28))
    assert [day.year for day in rare] == [2027, 2028]
    without = named_days(
        weekly, first, start=date(2026, 2, 1), horizon=date(2026, 2, 28), without=[date(2026, 2, 9)]
    )
    assert [day.day for day in without] == [2, 16, 23]


def test_old_days_become_new_ones_in_their_week_month_or_not_at_all() -> None:
    tuesdays = [date(2026, 9, 8) + timedelta(days=7 * n) for n in range(4)]
    thursdays = [day + timedelta(days=2) for day in tuesdays]
    assert rematch(tuesdays, thursdays, Frequency.WEEKLY) == dict(
        zip(tuesdays, thursdays, strict=True)
    )
    assert rematch(tuesdays, tuesdays[::2], Frequency.WEEKLY) == {day: day for day in tuesdays[::2]}
    firsts, lasts = [date(2026, 9, 3), date(2026, 10, 1)], [date(2026, 9, 24), date(2026, 10, 29)]
    assert rematch(firsts, lasts, Frequency.MONTHLY) == dict(zip(firsts, lasts, strict=True))


def test_of_a_number_of_dates_those_that_are_left() -> None:
    rule = Recurrence(Frequency.WEEKLY, weekdays=(1,), count=10)
    assert from_then_on(rule, date(2026, 9, 8), date(2026, 9, 29)).count == 7
    endless = Recurrence(Frequency.DAILY)
    assert from_then_on(endless, date(2026, 9, 8), date(2026, 9, 29)) == endless


def test_an_instant_of_a_series_is_utc() -> None:
    assert rules.settled(datetime(2026, 7, 1, 9), "Asia/Tokyo").instant.tzinfo is UTC
