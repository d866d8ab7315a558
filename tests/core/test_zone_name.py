"""A time zone is shown as a city and its distance from UTC, in the reader's language."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.core import clock
from app.core.database import writing
from app.core.locale import speaking, zone_name
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person

WINTER, SUMMER = (datetime(2026, month, 15, 12, tzinfo=UTC) for month in (1, 7))


@pytest.mark.parametrize(
    ("zone", "at", "shown"),
    [
        ("Africa/Nairobi", WINTER, "Nairobi (UTC+3)"),
        ("America/New_York", WINTER, "New York (UTC-5)"),
        ("America/New_York", SUMMER, "New York (UTC-4)"),
        ("Asia/Kolkata", WINTER, "Kolkata (UTC+5:30)"),
        ("America/St_Johns", WINTER, "St. John’s (UTC-3:30)"),
        ("Europe/London", WINTER, "London (UTC)"),
        ("America/Argentina/Buenos_Aires", WINTER, "Buenos Aires (UTC-3)"),
        ("UTC", WINTER, "UTC"),
        ("Etc/GMT+3", WINTER, "UTC-3"),
        ("Mars/Olympus", WINTER, "Mars/Olympus"),
    ],
)
def test_a_zone_has_a_city_and_a_distance(context, zone, at, shown):
    assert zone_name(zone, at) == shown


def test_the_city_is_in_the_readers_language(context):
    with speaking("ar", "UTC"):
        assert zone_name("Africa/Nairobi", WINTER).startswith("نيروبي (UTC+3)")
    with speaking("es", "UTC"):
        assert zone_name("America/New_York", WINTER) == "Nueva York (UTC-5)"


def test_every_zone_that_can_be_chosen_has_a_name(context):
    odd = [zone for zone in clock.zone_names() if "_" in zone_name(zone, WINTER)]
    assert odd == []


def test_the_foot_of_a_page_says_the_city(app):
    with app.app_context(), writing() as db:
        make_person(db, "Ana", "ana@t.example", PASSWORD, zone="America/Mexico_City")
    browser = Browser(app).sign_in("ana@t.example").get("/")
    assert browser.has("Mexico City (UTC-6)") and not browser.has("America/Mexico")
