"""Fair time: hours on local clocks, shares, and slots that take turns."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.ergs.models import Erg
from app.ergs.rules import Visibility
from app.events.queries.fair_time import fair_time
from app.events.rules import wall_of
from app.events.rules.fair_time import (
    WEIGHT,
    Burden,
    Hour,
    Region,
    burdens_of,
    hour_of,
    next_slots,
    regions_of,
    share_of,
)
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_chapter, make_erg, make_member
from tests.factories.events import make_event

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
TODAY = date(2026, 11, 21)
ZONES = (
    "Europe/Stockholm",
    "America/Chicago",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "UTC",
)


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return {**environ, "TRELLIS_NOW": NOW.isoformat()}


@pytest.mark.parametrize(
    ("starts_at", "minutes", "zone", "hour"),
    [
        (datetime(2026, 12, 1, 7, 0, tzinfo=UTC), 60, "Europe/Stockholm", Hour.FINE),
        (datetime(2026, 12, 1, 6, 59, tzinfo=UTC), 60, "Europe/Stockholm", Hour.BAD),
        (datetime(2026, 12, 1, 16, 0, tzinfo=UTC), 60, "Europe/Stockholm", Hour.FINE),
        (datetime(2026, 12, 1, 16, 1, tzinfo=UTC), 60, "Europe/Stockholm", Hour.BAD),
        (datetime(2026, 12, 1, 20, 0, tzinfo=UTC), 60, "Europe/Stockholm", Hour.BAD),
        (datetime(2026, 12, 1, 20, 30, tzinfo=UTC), 60, "Europe/Stockholm", Hour.NIGHT),
        (datetime(2026, 12, 1, 4, 59, tzinfo=UTC), 30, "Europe/Stockholm", Hour.NIGHT),
        (datetime(2026, 12, 1, 5, 0, tzinfo=UTC), 30, "Europe/Stockholm", Hour.BAD),
        # Half-hour and quarter-hour clocks: 8:00 in Kolkata is 2:30, in Kathmandu 2:15.
        (datetime(2026, 12, 1, 2, 30, tzinfo=UTC), 60, "Asia/Kolkata", Hour.FINE),
        (datetime(2026, 12, 1, 2, 29, tzinfo=UTC), 60, "Asia/Kolkata", Hour.BAD),
        (datetime(2026, 12, 1, 2, 15, tzinfo=UTC), 60, "Asia/Kathmandu", Hour.FINE),
        (datetime(2026, 12, 1, 2, 14, tzinfo=UTC), 60, "Asia/Kathmandu", Hour.BAD),
        # The same hour of the day UTC, before and after the clocks change.
        (datetime(2026, 3, 27, 7, 0, tzinfo=UTC), 60, "Europe/Stockholm", Hour.FINE),
        (datetime(2026, 3, 30, 6, 0, tzinfo=UTC), 60, "Europe/Stockholm", Hour.FINE),
        (datetime(2026, 3, 27, 6, 0, tzinfo=UTC), 60, "Europe/Stockholm", Hour.BAD),
        # Two days long, both ends at noon: the night lies between.
        (datetime(2026, 12, 1, 11, 0, tzinfo=UTC), 1440, "Europe/Stockholm", Hour.NIGHT),
    ],
)
def test_the_hour_is_read_from_local_clocks(starts_at, minutes, zone, hour) -> None:
    assert hour_of(starts_at, minutes, zone) is hour


def test_zones_whose_clocks_agree_are_one_region_and_few_people_are_none() -> None:
    people = {
        "Europe/Berlin": 3,
        "Europe/Stockholm": 2,
        "Africa/Lagos": 4,  # agrees in winter only
        "Asia/Kolkata": 5,
        "America/Chicago": 9,
    }
    found = regions_of(people, 2026)
    assert [region.zones for region in found] == [
        ("America/Chicago",),
        ("Europe/Berlin", "Europe/Stockholm"),
        ("Asia/Kolkata",),
    ]
    assert regions_of(dict(reversed(people.items())), 2026) == found, (
        "the order asked in is nothing"
    )


def test_shares_weigh_nights_three_times() -> None:
    regions = [Region(("Europe/Stockholm",)), Region(("Asia/Kolkata",)), Region(("UTC",))]
    night_in_india = datetime(2026, 12, 1, 17, 0, tzinfo=UTC)  # 18:00, 22:30, 17:00
    early_in_sweden = datetime(2026, 12, 2, 6, 0, tzinfo=UTC)  # 7:00, 11:30, 6:00
    burdens = burdens_of(regions, [(night_in_india, 60), (early_in_sweden, 60)])
    assert [(b.bad, b.nights) for b in burdens] == [(2, 0), (0, 1), (1, 0)]
    assert [share_of(b, burdens) for b in burdens] == [2 / 6, 3 / 6, 1 / 6]
    assert share_of(burdens_of(regions, [])[0], burdens_of(regions, [])) == 0


def test_whoever_carried_least_carries_next() -> None:
    west, east = Region(("America/New_York",)), Region(("Asia/Singapore",))
    slots = next_slots([Burden(west, 9, 9, 0), Burden(east, 9, 0, 0)], TODAY, "UTC", 60)
    assert [slot.hours for slot in slots] == [(Hour.FINE, Hour.BAD)] * 3
    slots = next_slots([Burden(west, 0, 0, 0), Burden(east, 0, 0, 0)], TODAY, "UTC", 60, 4)
    turns = [slot.hours.index(Hour.BAD) for slot in slots]
    assert sorted(turns) == [0, 0, 1, 1] and turns[0] != turns[1], "they take turns"


def test_nobody_is_asked_where_one_hour_suits_all() -> None:
    regions = [Burden(Region((zone,)), 5, n, 0) for n, zone in enumerate(("UTC", "Asia/Kolkata"))]
    slots = next_slots(regions, TODAY, "Asia/Kolkata", 60)
    assert all(slot.hours == (Hour.FINE, Hour.FINE) for slot in slots)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.sampled_from(ZONES), min_size=2, max_size=4, unique=True),
    st.lists(st.integers(0, 6), min_size=4, max_size=4),
    st.sampled_from(ZONES),
    st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    st.integers(15, 180),
)
def test_slots_are_real_times_on_weekdays_the_same_for_the_same_question(
    zones, carried, home, today, minutes
) -> None:
    burdens = [Burden(Region((z,)), 9, n, 0) for z, n in zip(zones, carried, strict=False)]
    slots = next_slots(burdens, today, home, minutes, 2)
    assert slots == next_slots(burdens, today, home, minutes, 2)
    for slot in slots:
        assert wall_of(slot.starts_at, home) == slot.wall and slot.wall.weekday() < 5
        assert slot.hours == tuple(hour_of(slot.starts_at, minutes, zone) for zone in zones)
        assert timedelta(days=6) <= slot.wall - datetime.combine(today, datetime.min.time())


@settings(deadline=None, max_examples=15)
@given(st.lists(st.sampled_from(ZONES), min_size=2, max_size=3, unique=True))
def test_a_year_of_proposed_slots_leaves_no_region_behind(zones) -> None:
    """Turns are fair over time: no region ends more than one night ahead of another."""
    burdens = [Burden(Region((zone,)), 0, 0, 0) for zone in zones]
    slots = next_slots(burdens, TODAY, "UTC", 60, 12)
    weights = [sum(WEIGHT[slot.hours[place]] for slot in slots) for place in range(len(zones))]
    assert max(weights) - min(weights) <= 12, weights


# The page


@pytest.fixture
def world(write):
    """A global group: seven in Stockholm, five in Kolkata, four in Lima; and a sensitive one."""
    with write() as db:
        dalia = make_person(db, "Dalia Test", "dalia@t.example", PASSWORD).id
        make_person(db, "Bo Test", "bo@t.example", PASSWORD)
        erg = make_erg(db, "women", lead=dalia, roster=Visibility.COMPANY, zone="Europe/Stockholm")
        safe = make_erg(db, "safe", lead=dalia, roster=Visibility.NOBODY, says_sensitive=True)
        for zone, count in (("Europe/Stockholm", 7), ("Asia/Kolkata", 5), ("America/Lima", 4)):
            for number in range(count):
                person = make_person(db, f"{zone} {number}", zone=zone)
                for group in (erg, safe):
                    make_member(db, group, person.id, visibility=Visibility.COMPANY)
        online = {"seats_in_person": 0, "seats_online": None}
        make_event(db, erg, "Late", starts_at=datetime(2026, 12, 1, 17, 0, tzinfo=UTC), **online)
        make_event(db, erg, "Hall", starts_at=datetime(2026, 12, 2, 3, 0, tzinfo=UTC))
        return dalia


def test_the_page_shows_shares_and_leads_to_a_form_with_the_slot(app, world) -> None:
    page = Browser(app).sign_in("dalia@t.example").get("/ergs/women/fair-time/")
    assert page.has("Stockholm") and page.has("Kolkata") and not page.has("Lima")
    assert page.has("1 online event is counted") and page.has("Share of all bad hours")
    assert page.has("100%") or page.has("75%")
    link = dict(page.links())["Plan an event then"]
    assert "host=women" in link and "day=20" in link and "start=" in link
    form = page.get(f"{link}&kind=webinar").html
    assert all(part.split("=")[1] in form for part in unquote(link).split("&")[1:]), "filled in"
    before_choices = form.split('<datalist id="zones"')[0]
    assert 'value="Europe/Stockholm"' in before_choices, "not the zone of the last event"
    assert page.get("/events/new?host=women&kind=webinar&day=soon&start=25:99").status == 200
    assert page.get("/ergs/women/manage/").click("Fair time").has("The next slots")


def test_the_page_is_for_leads(app, world) -> None:
    assert Browser(app).sign_in("bo@t.example").get("/ergs/women/fair-time/").status == 403


def test_people_whom_not_everybody_may_see_are_not_counted(app, world, write) -> None:
    with write() as db:
        erg = db.query(Erg).filter_by(slug="women").one()
        before = fair_time(db, erg)
        extra = make_person(db, "Fifth in Lima", zone="America/Lima")
        make_member(db, erg, extra.id, visibility=Visibility.LEADS)
        db.flush()
        assert fair_time(db, erg) == before
        visible = make_person(db, "Sixth in Lima", zone="America/Lima")
        make_member(db, erg, visible.id, visibility=Visibility.COMPANY)
        db.flush()
        assert "America/Lima" in {r.zone for r in fair_time(db, erg).regions}


def test_of_a_sensitive_group_only_the_zones_of_chapters_are_looked_at(app, world, write) -> None:
    with write() as db:
        erg = db.query(Erg).filter_by(slug="safe").one()
        assert fair_time(db, erg).regions == []
        for slug, zone in (("cairo", "Africa/Cairo"), ("osaka", "Asia/Tokyo")):
            make_chapter(db, erg, slug).zone = zone
        db.flush()
        found = fair_time(db, erg)
        assert [r.zone for r in found.regions] == ["Africa/Cairo", "Asia/Tokyo"]
        assert found.is_by_chapters and len(found.slots) == 3


def test_the_page_costs_at_most_eight_statements(app, world, queries) -> None:
    page = Browser(app).sign_in("dalia@t.example").get("/ergs/women/fair-time/")
    with queries() as seen:
        page.get("/ergs/women/fair-time/")
    assert len(seen) <= 8, "\n\n".join(seen)
