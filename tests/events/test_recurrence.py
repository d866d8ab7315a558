"""Rules of repeating against an independent expander."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta

import icalendar
import pytest
import recurring_ical_events
from dateutil import tz

from app.core.clock import zone as zone_named
from app.events import rules
from app.events.rules import series
from app.events.rules.series import Frequency, Recurrence

ZONES = (
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "America/New_York",
    "Africa/Cairo",
    "America/Santiago",
    "Africa/Casablanca",
    "Asia/Tehran",
    "Pacific/Apia",
    "UTC",
)
YEARS = 5


def any_rule(dice: random.Random, first: date) -> Recurrence:
    """A rule of our subset that names its first day."""
    frequency = dice.choice(list(Frequency))
    interval = dice.choice((1, 1, 1, 2, 3))
    ends = dice.choice(
        (
            {},
            {},
            {"count": dice.randint(1, 90)},
            {"until": first + timedelta(dice.randint(1, 1600))},
        )
    )
    weekday = first.weekday()
    if frequency is Frequency.WEEKLY:
        others = dice.sample(range(7), dice.randint(0, 2))
        return Recurrence(frequency, interval, tuple(sorted({weekday, *others})), **ends)
    if frequency is Frequency.MONTHLY and dice.random() < 0.5:
        return Recurrence(frequency, interval, (weekday,), nth=series.nth_of(first), **ends)
    if frequency is Frequency.MONTHLY:
        last = series.is_last_of_month(first) and dice.random() < 0.5
        return Recurrence(frequency, interval, month_day=-1 if last else first.day, **ends)
    return Recurrence(frequency, interval, **ends)


def ours(rule, first, at, zone, until: datetime, without=()) -> list[datetime]:
    found = []
    for day in rule.days(first):
        instant = rules.settled(datetime.combine(day, at), zone).instant
        if instant >= until:
            return found
        if day not in without:
            found.append(instant)
    return found


def theirs(rule, first, at, zone, until: datetime, without=()) -> list[datetime]:
    event = icalendar.Event()
    start = datetime.combine(first, at, zone_named(zone))
    event.add("uid", "x")
    event.add("dtstart", start)
    event.add("dtend", start + timedelta(minutes=30))
    parts = dict(part.split("=") for part in rule.text.split(";"))
    if "UNTIL" in parts:  # RFC 5545 wants UTC beside a zone
        last = datetime.combine(rule.until, time(23, 59, 59), zone_named(zone)).astimezone(UTC)
        parts["UNTIL"] = f"{last:%Y%m%dT%H%M%SZ}"
    text = ";".join(f"{key}={value}" for key, value in parts.items())
    event.add("rrule", icalendar.vRecur.from_ical(text))
    for day in without:
        event.add("exdate", datetime.combine(day, at, zone_named(zone)))
    calendar = icalendar.Calendar()
    calendar.add_component(event)
    found = recurring_ical_events.of(calendar).between(
        start.astimezone(UTC) - timedelta(days=1), until
    )
    return sorted(one.start.astimezone(UTC) for one in found)


def compare(how_many: int, seed: str) -> int:
    """Compare so many random series; returns how many dates agreed."""
    dice, dates = random.Random(seed), 0
    for number in range(how_many):
        zone = ZONES[number % len(ZONES)]
        first = date(2024, 1, 1) + timedelta(days=dice.randrange(730))
        at = time(dice.choice((0, 1, 2, 2, 2, 3, 9, 12, 18, 23)), dice.choice((0, 15, 30, 45)))
        if rules.settled(datetime.combine(first, at), zone).is_moved:
            continue  # the first date is entered by a person, who is asked
        rule = any_rule(dice, first)
        until = datetime.combine(first, at, UTC) + timedelta(days=365 * YEARS)
        named = ours(rule, first, at, zone, until)
        without = (
            tuple(day for day in rule.days(first) if dice.random() < 0.05) if rule.count else ()
        )
        left = ours(rule, first, at, zone, until, without)
        assert left == theirs(rule, first, at, zone, until, without), (zone, first, at, rule.text)
        for instant in named:
            wall = rules.wall_of(instant, zone)
            assert (
                wall.time() == at
                or tz.datetime_exists(datetime.combine(wall.date(), at), tz.gettz(zone)) is False
            )
        dates += len(left)
    return dates


def test_sixty_series_over_five_years_have_no_wrong_local_time() -> None:
    assert compare(60, "suite") > 3_000


@pytest.mark.soak
def test_three_thousand_series_over_five_years_have_no_wrong_local_time() -> None:
    assert compare(3_000, "soak") > 100_000
