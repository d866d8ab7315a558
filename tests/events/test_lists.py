"""Finding events: the agenda, the month, their filters, and the addresses that keep them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from app.core.locale import first_weekday
from app.ergs.models import Erg
from app.ergs.rules import Discovery, Visibility
from app.events import services
from app.events.models import EventText
from app.events.rules import Access, Audience, Mode, Reply
from app.events.rules.months import EARLIEST, LATEST, Month, chosen_day, day_named, month_named
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg, make_member
from tests.factories.events import make_event

NOW = "2026-11-21T09:00Z"
START = datetime(2026, 12, 1, 18, 0, tzinfo=UTC)


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return {**environ, "TRELLIS_NOW": NOW}


@pytest.fixture
def people(write):
    with write() as db:
        return {
            name: make_person(
                db, f"{name.title()} Test", f"{name}@t.example", PASSWORD, zone=zone, locale=locale
            ).id
            for name, zone, locale in (
                ("bo", "Europe/Stockholm", "en"),
                ("juno", "America/Chicago", "en"),
                ("salma", "Africa/Cairo", "ar"),
                ("dalia", "Africa/Cairo", "en"),
            )
        }


@pytest.fixture
def erg(people, write):
    with write() as db:
        return make_erg(db, "women", lead=people["dalia"], roster=Visibility.COMPANY).id


@pytest.fixture
def event(erg, write):
    def make(title: str, **traits):
        traits.setdefault("starts_at", START)
        with write() as db:
            return make_event(db, db.get(Erg, traits.pop("erg", erg)), title, **traits).id

    return make


@pytest.fixture
def bo(app, people):
    return Browser(app).sign_in("bo@t.example")


def shown(page: Browser, *titles: str) -> set[str]:
    return {title for title in titles if page.has(title)}


def test_the_agenda_groups_by_the_readers_day_and_prints_both_clocks(app, event) -> None:
    """Eight in the evening in Los Angeles is the next day for a reader in Stockholm."""
    late = datetime(2026, 12, 2, 4, 0, tzinfo=UTC)
    event("Late talk", starts_at=late, zone="America/Los_Angeles")
    event("Quick chat", starts_at=START, zone="Europe/Stockholm")
    text = Browser(app).sign_in("bo@t.example").get("/events/").text.replace("\u202f", " ")
    first, second = text.split("Tuesday, December 1, 2026")[1].split("Wednesday, December 2, 2026")
    assert "Quick chat" in first and "7:00 PM" in first
    assert "Late talk" in second and "5:00 AM" in second
    assert "Tue, Dec 1" in second and "8:00 PM PST" in second, "the venue's clock with its day"
    assert first.count("GMT") == 1, "one clock where both agree"


def test_every_filter_narrows_both_views(app, event, people, write, bo) -> None:
    with write() as db:
        other = make_erg(db, "veterans", lead=people["juno"])
        make_member(db, other, people["bo"], visibility=Visibility.NOBODY)
        other_id = other.id
    base = {"Night of stories": event("Night of stories", kind="gathering", captions=Access.NO)}
    base["Résumé workshop"] = event(
        "Résumé workshop",
        erg=other_id,
        kind="workshop",
        seats_in_person=0,
        seats_online=None,
        step_free=Access.ON_REQUEST,
    )
    with write() as db:
        event_id = db.get(services.planning.Occurrence, base["Night of stories"]).event_id
        db.add(EventText(event_id=event_id, locale="es", title="Noche de cuentos"))
    for query, wanted in (
        ("group=veterans", "Résumé workshop"),
        ("group=mine", "Résumé workshop"),
        ("group=women", "Night of stories"),
        ("kind=workshop", "Résumé workshop"),
        ("mode=online", "Résumé workshop"),
        ("mode=in_person", "Night of stories"),
        ("language=es", "Night of stories"),
        ("access=captions", "Résumé workshop"),
        ("access=step_free", "Night of stories"),
        ("q=RESUME", "Résumé workshop"),
    ):
        for view in ("", "&view=month&month=2026-12"):
            page = bo.get(f"/events/?{query}{view}")
            assert shown(page, *base) == {wanted}, query + view
    both = bo.get("/events/?access=captions&access=step_free&view=month&month=2026-12")
    assert shown(both, *base) == set() and both.has("nothing that fits the filters")


def test_my_answers_are_one_filter_of_both_views(event, people, write, bo) -> None:
    mine, _other = event("Mine"), event("Another")
    with write() as db:
        services.answer(db, people["bo"], occurrence_id=mine, reply=Reply.GOING)
    for view in ("", "&view=month&month=2026-12"):
        assert shown(bo.get(f"/events/?show=mine{view}"), "Mine", "Another") == {"Mine"}, view


def test_links_of_both_views_keep_the_filters(event, bo) -> None:
    event("Night of stories", kind="gathering")
    for days in range(22):
        event(f"More {days}", kind="gathering", starts_at=START + timedelta(days=days))
    page = bo.get("/events/?kind=gathering&access=captions&q=more")
    assert "page=2" in page.html
    month = page.click("Month")
    assert "kind=gathering" in month.url and "access=captions" in month.url
    december = month.click("Next month").url
    assert "month=2026-12" in december and "kind=gathering" in december
    day = month.get(december + "&day=2026-12-05")
    chosen = day.text.split("Saturday, December 5, 2026")[1]
    assert "More 4" in chosen and "More 5" not in chosen
    back = day.click("Agenda")
    assert "kind=gathering" in back.url and "month" not in back.url
    assert day.get(december).click("Today").has("November 2026")


def test_the_month_is_a_table_whose_days_lead_to_their_events(event, bo) -> None:
    event("Breakfast", starts_at=datetime(2026, 12, 5, 23, 30, tzinfo=UTC), zone="UTC")
    page = bo.get("/events/?view=month&month=2026-12")
    assert "<table" in page.html and page.has("Sunday, December 6, 2026"), "the reader's day"
    head = page.html.split("<thead>")[1].split("</thead>")[0]
    assert head.index("Monday") < head.index("Sunday"), "weeks begin on Monday in Sweden"
    assert page.html.count("day=2026-12-") == 1
    assert bo.get("/events/?view=month&month=2026-11").has("Nothing is planned in this month")


def test_weeks_begin_where_the_reader_lives(app, event) -> None:
    for name, first in (("juno", "Sunday"), ("salma", "السبت")):
        html = Browser(app).sign_in(f"{name}@t.example").get("/events/?view=month").html
        head = html.split("<thead>")[1].split('abbr="')[1].split('"')[0]
        assert head == first


@pytest.mark.parametrize(
    ("language", "zone", "first"),
    [
        ("en", "Europe/Stockholm", 0),
        ("en", "America/Chicago", 6),
        ("en", "UTC", 6),
        ("es", "UTC", 0),
        ("ar", "UTC", 5),
        ("ar", "Asia/Dubai", 0),
        ("pt_BR", "Europe/Lisbon", 6),
        ("en", "Antarctica/Troll", 0),
        ("en", "Antarctica/Casey", 6),
    ],
)
def test_the_first_weekday_is_the_one_of_cldr(language, zone, first) -> None:
    assert first_weekday(Locale.parse(language), zone) == first


def test_nonsense_in_the_address_is_left_out(event, bo) -> None:
    event("Night of stories")
    for query in (
        "view=week&kind=rave&mode=hover&language=xx&access=wings&page=-3",
        "view=month&month=2026-13",
        "view=month&month=99999999999999-01&day=2026-02-30",
        "view=month&month=2026-12&day=2026-11-30&page=0",
        "view=month&month=²-1",
        "page=99999999999999999999",
    ):
        assert bo.get(f"/events/?{query}").status == 200, query
    assert bo.get("/events/?view=month&month=2026-12&day=2026-12-24").status == 200


def test_events_of_others_and_hidden_groups_are_in_neither_view(app, people, write, bo) -> None:
    with write() as db:
        hidden = make_erg(db, "safe", lead=people["juno"], discovery=Discovery.HIDDEN)
        make_member(db, hidden, people["salma"], visibility=Visibility.NOBODY)
        make_event(db, hidden, "Secret supper", audience=Audience.MEMBERS, starts_at=START)
    absent = bo.get("/events/?group=nothing&view=month&month=2026-12").text
    found = bo.get("/events/?group=safe&view=month&month=2026-12").text
    assert "Secret supper" not in found and found == absent
    salma = Browser(app).sign_in("salma@t.example")
    for view in ("", "&view=month&month=2026-12"):
        assert salma.get(f"/events/?group=safe{view}").has("Secret supper"), view


@pytest.mark.parametrize("address", ["/events/?lang=en", "/events/?view=month&month=2026-12"])
def test_a_list_costs_at_most_eight_statements_with_few_and_many(
    event, write, people, erg, bo, queries, address
) -> None:
    event("First")
    bo.get(address)
    with queries() as few:
        bo.get(address)
    for number in range(30):
        event(f"More {number}", starts_at=START + timedelta(hours=number))
    with queries() as many:
        bo.get(address)
    assert len(many) == len(few) <= 8, "\n\n".join(many)


@pytest.mark.parametrize("view", ["", "?view=month&month=2026-12"])
def test_a_full_list_has_at_most_seven_hundred_nodes(event, bo, view) -> None:
    for number in range(62):
        event(
            f"Evening {number}", seats_online=None, starts_at=START + timedelta(hours=12 * number)
        )
    page = bo.get(f"/events/{view}")
    assert len(list(page.tree.iter())) <= 700


def test_a_list_answers_htmx_with_its_part_in_both_views(app, event, people) -> None:
    event("Night of stories")
    browser = Browser(app, htmx=True).sign_in("bo@t.example")
    for view in ("q=night", "view=month&month=2026-12&q=night"):
        part = browser.client.get(
            f"/events/?{view}", headers={"HX-Request": "true", "HX-Request-Type": "partial"}
        ).get_data(as_text=True)
        assert part.lstrip().startswith('<div id="events"') and "Night of stories" in part


# Rules of the month


@given(
    st.builds(Month, st.integers(EARLIEST, LATEST), st.integers(1, 12)),
    st.integers(0, 6),
)
def test_a_month_holds_each_of_its_days_once_in_whole_weeks(month, first) -> None:
    weeks = month.weeks(first)
    days = [day for week in weeks for day in week if day]
    assert days == sorted(set(days)) and all(month.has(day) for day in days)
    assert len(days) == (month.later(1).first - month.first).days
    assert all(len(week) == 7 for week in weeks)
    assert {day.weekday() for week in weeks for day in week[:1] if day} <= {first}
    assert month.later(13).later(-13) == month == month_named(str(month), date(2000, 1, 1))


@given(
    st.builds(Month, st.integers(2020, 2035), st.integers(1, 12)),
    st.sampled_from(["Africa/Cairo", "America/Santiago", "Asia/Kathmandu", "Pacific/Apia"]),
)
def test_its_bounds_hold_exactly_its_days_even_where_midnight_is_skipped(month, zone) -> None:
    since, until = month.bounds(ZoneInfo(zone))
    inside = [since, until - timedelta(seconds=1)]
    assert all(month.has(at.astimezone(ZoneInfo(zone)).date()) for at in inside)
    before = (since - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date()
    assert not month.has(before) and not month.has(until.astimezone(ZoneInfo(zone)).date())


def test_the_chosen_day_is_the_next_one_with_events() -> None:
    month, today = Month(2026, 12), date(2026, 12, 10)
    days = [date(2026, 12, 3), date(2026, 12, 12), date(2026, 12, 20)]
    assert chosen_day(days, None, today) == date(2026, 12, 12)
    assert chosen_day(days[:1], None, today) == date(2026, 12, 3)
    assert chosen_day([], None, today) is None
    assert chosen_day(days, date(2026, 12, 31), today) == date(2026, 12, 31)
    assert day_named("2026-12-31", month) == date(2026, 12, 31)
    assert day_named("2027-01-01", month) is None


def test_the_modes_open_decide_online_or_in_person(event, bo) -> None:
    event("Both ways", seats_in_person=3, seats_online=None)
    for mode in Mode:
        assert bo.get(f"/events/?mode={mode}").has("Both ways")
