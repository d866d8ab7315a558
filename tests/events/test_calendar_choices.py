"""What people choose about entries, and what organizers choose about reminders."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import icalendar
import pytest
from sqlalchemy import select

from app.core import clock
from app.core.errors import Refused
from app.core.outbox import Delivery, DeliveryState
from app.ergs.rules import Visibility
from app.events import services
from app.events.models import Event, Occurrence
from app.events.rules import Audience, Reply, offsets, reminders
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg, make_member
from tests.factories.events import make_event, make_plan

START = datetime(2026, 12, 1, 18, tzinfo=UTC)
NOW = START - timedelta(days=10)


@pytest.fixture(autouse=True)
def stopped_clock():
    with clock.frozen(NOW):
        yield


@pytest.fixture
def world(app, write):
    """(lead, Bo, occurrence, hidden occurrence): Bo goes to both."""
    with write() as db:
        lead = make_person(db, "Dalia", "dalia@t.example", PASSWORD).id
        bo = make_person(db, "Bo", "bo@t.example", PASSWORD, zone="Europe/Madrid").id
        erg = make_erg(db, "women", lead=lead, roster=Visibility.COMPANY)
        open_id = make_event(db, erg, "Night of stories", starts_at=START, venue="Hall 7").id
        circle = make_erg(db, "quiet", lead=lead, roster=Visibility.NOBODY, name="Quiet")
        make_member(db, circle, bo, visibility=Visibility.NOBODY)
        hidden_id = make_event(
            db, circle, "Quiet evening", starts_at=START, audience=Audience.MEMBERS
        ).id
        for occurrence_id in (open_id, hidden_id):
            services.answer(db, bo, occurrence_id=occurrence_id, reply=Reply.GOING)
    return lead, bo, open_id, hidden_id


@pytest.fixture
def bo(app, world) -> Browser:
    return Browser(app).sign_in("bo@t.example")


def entry_of(browser: Browser, occurrence_id) -> icalendar.Event:
    answer = browser.client.get(f"/events/{occurrence_id}/calendar.ics")
    [entry] = icalendar.Calendar.from_ical(answer.get_data()).walk("VEVENT")
    return entry


def due(write, person, *states: DeliveryState) -> dict[str, set[datetime]]:
    """When a person is reminded, by kind and offset; pending ones unless told otherwise."""
    found: dict[str, set[datetime]] = {}
    with write() as db:
        rows = db.scalars(
            select(Delivery).where(
                Delivery.person_id == person,
                Delivery.state.in_(states or (DeliveryState.PENDING,)),
                Delivery.due_at > NOW,
            )
        )
        for row in rows:
            found.setdefault(f"{row.kind}{row.occasion}", set()).add(row.due_at)
    return found


def test_a_neutral_entry_says_only_when_it_is(bo, world) -> None:
    _, _, open_id, _ = world
    before = entry_of(bo, open_id)
    bo.get(f"/events/{open_id}/calendar")
    bo.submit(action=f"/events/{open_id}/calendar", wording="neutral")
    after = entry_of(bo, open_id)
    assert (str(before["SUMMARY"]), str(before["CLASS"])) == ("Night of stories", "PUBLIC")
    assert str(after["CLASS"]) == "PRIVATE" and "LOCATION" not in after
    assert b"stories" not in after.to_ical() and b"Hall" not in after.to_ical()
    assert after["SEQUENCE"] == before["SEQUENCE"] + 1, "calendars take over the neutral words"
    bo.submit(action=f"/events/{open_id}/calendar", wording="full")
    assert str(entry_of(bo, open_id)["SUMMARY"]) == "Night of stories"


def test_the_usual_choice_holds_for_all_entries_but_those_chosen_alone(bo, world, write) -> None:
    _, _, open_id, _ = world
    bo.get("/events/calendar").submit(action="/events/calendar/entries", is_discreet="y")
    assert str(entry_of(bo, open_id)["CLASS"]) == "PRIVATE"
    bo.get(f"/events/{open_id}/calendar")
    bo.submit(action=f"/events/{open_id}/calendar", wording="full")
    assert str(entry_of(bo, open_id)["SUMMARY"]) == "Night of stories"


def test_links_to_other_calendars_stand_only_where_nothing_is_given_away(bo, world) -> None:
    _, _, open_id, hidden_id = world
    targets = [href for _, href in bo.get(f"/events/{open_id}/calendar").links()]
    [google] = [href for href in targets if "google" in href]
    [outlook] = [href for href in targets if "outlook" in href]
    assert "20261201T180000Z" in google and "Night+of+stories" in google
    assert "2026-12-01T18%3A00%3A00Z" in outlook
    assert not [h for _, h in bo.get(f"/events/{hidden_id}/calendar").links() if "http" in h]
    bo.get(f"/events/{open_id}/calendar")
    bo.submit(action=f"/events/{open_id}/calendar", wording="neutral")
    assert not [h for _, h in bo.get(f"/events/{open_id}/calendar").links() if "http" in h]


def test_the_feed_follows_the_choices_and_its_tag_changes_with_them(app, bo, world) -> None:
    bo.get("/events/calendar").submit(action="/events/calendar")
    [address] = re.findall(r"/calendar/[^<\"]+\.ics", bo.html)
    anyone = Browser(app).client
    first = anyone.get(address)
    tag = first.headers["ETag"]
    assert b"Night of stories" in first.data and b"Quiet" not in first.data
    assert b"ATTENDEE" not in first.data and b"@t.example" not in first.data
    assert anyone.get(address, headers={"If-None-Match": tag}).status_code == 304
    bo.get("/events/calendar").submit(action="/events/calendar/entries", is_discreet="y")
    second = anyone.get(address, headers={"If-None-Match": tag})
    assert second.status_code == 200 and b"stories" not in second.data
    bo.get("/events/calendar").submit("End the address")
    assert anyone.get(address).status_code == 404


def test_organizers_choose_when_people_are_reminded(app, world, write) -> None:
    _, person, open_id, _ = world
    dalia = Browser(app).sign_in("dalia@t.example")
    dalia.get(f"/events/{open_id}/calendar")
    dalia.submit("Save reminders", minutes=["10080", "180", "15"])
    found = due(write, person)
    assert found["event_ahead10080"] == {START - timedelta(days=7)}
    assert found["event_ahead180"] == {START - timedelta(hours=3)}
    assert found["event_shortly15"] == {START - timedelta(minutes=15)}
    dalia.submit("Save reminders", minutes=["1440", "60"])
    found = due(write, person)
    assert START - timedelta(days=1) in found["event_tomorrow"], "chosen again"
    assert not [name for name in found if name.startswith(("event_ahead", "event_shortly"))]
    dalia.submit("Save reminders", minutes=["10080", "4320", "180", "60"])
    assert dalia.status == 422 and dalia.has("at most 3")


def test_only_organizers_choose_reminders(bo, world, write) -> None:
    _, person, open_id, _ = world
    bo.get(f"/events/{open_id}/calendar")
    assert "Save reminders" not in bo.text
    with write() as db, pytest.raises(Refused, match="organizers"):
        services.choose_reminders(db, person, occurrence_id=open_id, minutes=[60])


def test_chosen_reminders_move_with_the_event(world, write) -> None:
    lead, person, open_id, _ = world
    with write() as db:
        services.choose_reminders(db, lead, occurrence_id=open_id, minutes=[180])
        plan = make_plan("Night of stories", starts_at=START + timedelta(hours=5), venue="Hall 7")
        services.revise(db, lead, occurrence_id=open_id, plan=plan)
    assert due(write, person)["event_ahead180"] == {START + timedelta(hours=2)}


def test_no_reminders_for_one_event_leaves_news_of_it(bo, world, write) -> None:
    from app.core.outbox import kinds

    _, person, open_id, _ = world
    bo.get(f"/events/{open_id}/calendar")
    bo.submit(action=f"/events/{open_id}/calendar", is_silent="y")
    with write() as db:
        rows = db.scalars(
            select(Delivery).where(
                Delivery.person_id == person, Delivery.state == DeliveryState.PENDING
            )
        ).all()
        silent = {
            row.kind for row in rows if kinds[row.kind].wanted(db, row) == "no reminders wanted"
        }
        wanted = {row.kind for row in rows if kinds[row.kind].wanted(db, row) is None}
    assert silent == {"event_tomorrow", "event_soon"}
    assert {"event_entry", "event_tomorrow"} <= wanted, "the entry, and the other event's reminders"


def test_offsets_are_the_usual_ones_until_somebody_chooses() -> None:
    assert offsets(None) == (1440, 60) and offsets([]) == ()
    assert [r.due for r in reminders(START, START - timedelta(hours=2))] == [
        START - timedelta(hours=1)
    ]
    assert reminders(START, NOW, []) == []


def test_the_page_costs_few_statements(bo, world, queries) -> None:
    _, _, open_id, _ = world
    bo.get(f"/events/{open_id}/calendar")
    with queries() as seen:
        bo.get(f"/events/{open_id}/calendar")
    assert len(seen) <= 8, seen


def test_the_choice_of_an_event_is_kept_with_it(world, write) -> None:
    lead, _, open_id, _ = world
    with write() as db:
        services.choose_reminders(db, lead, occurrence_id=open_id, minutes=[])
    with write() as db:
        event = db.get(Event, db.get(Occurrence, open_id).event_id)
        assert event.reminder_minutes == []
