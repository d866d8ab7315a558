"""The pages of events as people use them, as a plain browser and with htmx."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import icalendar
import pytest
from sqlalchemy import select

from app.ergs.models import Erg
from app.ergs.rules import Discovery, Visibility
from app.events import services
from app.events.models import Event, EventChapter, EventInvited, Occurrence, Rsvp
from app.events.rules import Audience, EventState, Reply
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_chapter, make_erg, make_member
from tests.factories.events import make_event, make_plan

NOW = "2026-11-21T09:00Z"
START = datetime(2026, 12, 1, 18, 0, tzinfo=UTC)


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return {**environ, "TRELLIS_NOW": NOW}


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
def browser(request, app):
    """A browser of either kind for a person by email."""
    return lambda email: Browser(app, htmx=request.param).sign_in(email)


@pytest.fixture
def people(write):
    with write() as db:
        return {
            name: make_person(
                db, f"{name.title()} Test", f"{name}@t.example", PASSWORD, zone=zone
            ).id
            for name, zone in (
                ("bo", "Europe/Stockholm"),
                ("dalia", "Africa/Cairo"),
                ("juno", "America/Chicago"),
                ("kai", "Asia/Singapore"),
            )
        }


@pytest.fixture
def erg(people, write):
    with write() as db:
        return make_erg(db, "women", lead=people["dalia"], roster=Visibility.COMPANY).id


@pytest.fixture
def event(erg, write):
    """Makes an event of the group; returns its address."""

    def make(**traits) -> str:
        traits.setdefault("starts_at", START)
        with write() as db:
            return f"/events/{make_event(db, db.get(Erg, erg), **traits).id}/"

    return make


def test_bo_answers_changes_his_mind_and_withdraws(browser, event) -> None:
    url = event(title="Kickoff night", guest_limit=1)
    bo = browser("bo@t.example").get("/events/").click("Kickoff night")
    bo.submit("I am coming", guests="1", visibility="company")
    assert bo.has("You are going. Your calendar entry is on its way.")
    assert bo.has("You bring 1 guest.")
    bo.get(url).submit("Maybe")
    assert bo.has("Noted as maybe. No seat is kept for you.")
    bo.get(url).submit("I am coming")
    bo.get(url).submit("I cannot come")
    assert bo.has("Noted: you are not coming.")
    assert bo.get("/events/?show=mine").has("You have not answered any event yet")


def test_a_full_event_says_the_place_in_line_and_why(browser, event) -> None:
    url = event(seats_in_person=1)
    browser("kai@t.example").get(url).submit("I am coming")
    bo = browser("bo@t.example").get(url)
    assert bo.has("In person: full, 0 waiting") and bo.has("Every seat is taken.")
    bo.submit("Join the waiting list")
    assert bo.has("You are on the waiting list.") and bo.has("You are number 1 in line.")
    browser("kai@t.example").get(url).submit("I cannot come")
    assert bo.get(url).has("You are going") and bo.get("/").has("Kickoff")


def test_the_online_link_is_for_those_who_go(browser, event) -> None:
    url = event(seats_in_person=None, seats_online=5, online_link="https://meet.example/secret")
    bo = browser("bo@t.example").get(url)
    assert "meet.example" not in bo.html
    bo.submit("I am coming", mode="in_person")
    assert "meet.example" not in bo.get(url).html
    bo.submit("Save the change", mode="online")
    assert "https://meet.example/secret" in bo.get(url).html


def test_a_nonsense_answer_is_explained_and_nothing_is_saved(browser, event) -> None:
    bo = browser("bo@t.example").get(event(guest_limit=1))
    bo.submit("I am coming", guests="7")
    assert bo.status == 422 and bo.has("Please check these answers")


def test_bug_utc_printed_under_a_local_label(browser, event) -> None:
    """In person the venue's clock comes first; both clocks are right and named."""
    url = event(zone="America/New_York")
    page = browser("bo@t.example").get(url)
    text = page.text.replace("\u202f", " ")
    assert text.index("1:00 PM EST") < text.index("7:00 PM")
    online = event(title="Webinar", zone="America/New_York", seats_in_person=0, seats_online=None)
    text = browser("bo@t.example").get(online).text.replace("\u202f", " ")
    assert text.index("7:00 PM") < text.index("1:00 PM")


def test_bug_an_evening_west_of_utc_landing_on_the_next_day(browser, event) -> None:
    late = datetime(2026, 12, 2, 4, 0, tzinfo=UTC)  # 8 in the evening of December 1 in Los Angeles
    text = browser("juno@t.example").get(event(starts_at=late, zone="America/Los_Angeles")).text
    assert "Dec 1" in text and "Dec 2" not in text


def test_the_list_filters_by_group_kind_mode_and_words(browser, event, erg, people, write) -> None:
    event(title="Night of stories", kind="gathering")
    with write() as db:
        other = make_erg(db, "veterans", lead=people["kai"])
        make_event(
            db,
            other,
            "Résumé workshop",
            kind="workshop",
            seats_in_person=0,
            seats_online=None,
            starts_at=START + timedelta(days=1),
        )
    bo = browser("bo@t.example")
    for query, wanted in (
        ("group=veterans", "Résumé"),
        ("kind=workshop", "Résumé"),
        ("mode=online", "Résumé"),
        ("q=RESUME", "Résumé"),
        ("q=night", "stories"),
    ):
        page = bo.get(f"/events/?{query}")
        assert ("Résumé workshop" in page.text) == (wanted == "Résumé"), query
        assert ("Night of stories" in page.text) == (wanted == "stories"), query
    assert bo.get("/events/?kind=rave&mode=hover&page=99").status == 200
    assert bo.get("/search?q=night").has("Night of stories")
    assert bo.get("/ergs/women/").has("Night of stories")


def test_events_for_members_and_of_hidden_groups_exist_for_members_only(
    app, event, people, write
) -> None:
    inner = event(title="Inner circle", audience=Audience.MEMBERS)
    with write() as db:
        hidden = make_erg(db, "safe", lead=people["kai"], discovery=Discovery.HIDDEN)
        make_member(db, hidden, people["juno"], visibility=Visibility.NOBODY)
        secret = make_event(
            db, hidden, "Secret supper", audience=Audience.MEMBERS, starts_at=START
        ).id
    bo = Browser(app).sign_in("bo@t.example")
    for url in (inner, f"/events/{secret}/", f"/events/{secret}/calendar.ics"):
        assert bo.get(url).status == 404
    assert not bo.get("/events/").has("Inner circle") and not bo.has("Secret supper")
    assert not bo.get("/search?q=supper").has("Secret supper")
    juno = Browser(app).sign_in("juno@t.example").get(f"/events/{secret}/")
    assert juno.has("Nobody can see who comes to this event")
    juno.submit("I am coming")
    kai = Browser(app).sign_in("kai@t.example").get(f"/events/{secret}/")
    assert "Juno" not in kai.html and not kai.has("Who is coming")


def test_drafts_are_for_leads(app, erg, people, write) -> None:
    with write() as db:
        draft = make_event(db, db.get(Erg, erg), "Later", published=False, starts_at=START).id
    assert Browser(app).sign_in("bo@t.example").get(f"/events/{draft}/").status == 404
    assert Browser(app).sign_in("dalia@t.example").get(f"/events/{draft}/").has("only leads see it")


# Planning


def fill(page: Browser, **fields) -> Browser:
    usual = {
        "title": "Town hall",
        "day": "2026-12-10",
        "start": "18:30",
        "zone": "Africa/Cairo",
        "venue": "Nile Hall",
        "seats_in_person": "40",
        "captions": "yes",
        "step_free": "yes",
        "access_contact": "access@t.example",
    }
    return page.submit("Save", **{**usual, **fields})


def test_dalia_plans_publishes_moves_and_cancels(browser, erg, write) -> None:
    dalia = browser("dalia@t.example").get("/ergs/women/").click("Plan an event")
    dalia.click("Town hall")
    fill(dalia)
    assert dalia.has("Saved as a draft.") and dalia.has("Town hall")
    dalia.submit("Publish")
    assert dalia.has("Published. Its audience can see it now.")
    url = dalia.url.split("?")[0]
    bo = browser("bo@t.example").get(url).submit("I am coming")
    dalia.get(url).click("Edit").submit("Save")
    assert dalia.has("Nothing was changed.")
    dalia.get(url).click("Edit").submit("Save", start="19:30")
    assert dalia.has("Everybody who goes is told what changed.")
    with write() as db:
        row = db.scalar(select(Occurrence))
        assert (row.starts_at.hour, row.revision) == (17, 1)
    dalia.get(url).click("Cancel the event").submit("Cancel for good", reason="No room")
    assert bo.get(url).has("This event was canceled") and bo.status == 200


def test_a_form_with_a_fault_loses_nothing(browser, erg) -> None:
    dalia = browser("dalia@t.example").get("/events/new?host=women&kind=town_hall")
    fill(dalia, title="", venue="A place I typed", zone="Mars/Olympus")
    assert dalia.status == 422 and dalia.has("Choose a time zone from the list")
    assert "A place I typed" in dalia.html and 'value="18:30"' in dalia.html


def test_a_time_the_clocks_skip_gets_a_suggestion(browser, erg) -> None:
    dalia = browser("dalia@t.example").get("/events/new?host=women&kind=town_hall")
    fill(dalia, day="2027-03-28", start="02:30", zone="Europe/Berlin")
    assert dalia.status == 422 and dalia.has("The clocks skip this time")
    assert "3:30" in dalia.text


def test_a_time_the_clocks_show_twice_asks_which_one(browser, erg, write) -> None:
    dalia = browser("dalia@t.example").get("/events/new?host=women&kind=town_hall")
    fill(dalia, day="2027-10-31", start="02:30", zone="Europe/Berlin")
    assert dalia.status == 422 and dalia.has("Choose which one you mean")
    fill(dalia, day="2027-10-31", start="02:30", zone="Europe/Berlin", fold="1")
    assert dalia.has("Saved as a draft.")
    with write() as db:
        assert db.scalar(select(Occurrence)).starts_at == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


def test_bug_each_save_moving_the_event(browser, event, write) -> None:
    url = event(zone="Asia/Kathmandu", seats_in_person=7, guest_limit=2)
    dalia = browser("dalia@t.example")
    for _ in range(3):
        dalia.get(f"{url}edit").submit("Save")
        assert dalia.has("Nothing was changed.")
    with write() as db:
        assert db.scalar(select(Occurrence)).starts_at == START


def test_only_leads_of_a_host_plan_and_change(app, event) -> None:
    url = event()
    bo = Browser(app).sign_in("bo@t.example")
    assert bo.get("/events/new?host=women").status == 403
    assert bo.get("/events/new?host=nothing").status == 404
    assert bo.get(f"{url}edit").status == 403
    assert not bo.get(url).has("Cancel the event")


# Calendars


def entries(browser: Browser, url: str):
    answer = browser.client.get(url)
    assert answer.status_code == 200, answer.status_code
    calendar = icalendar.Calendar.from_ical(answer.data)
    return calendar, list(calendar.walk("VEVENT"))


def test_the_calendar_file_is_ones_own_entry(app, event) -> None:
    url = event(zone="America/New_York", title="Kickoff; with, signs\\")
    bo = Browser(app).sign_in("bo@t.example").get(url)
    assert bo.client.get(f"{url}calendar.ics").status_code == 404, "no answer, no entry"
    bo.submit("I am coming")
    calendar, (entry,) = entries(bo, f"{url}calendar.ics")
    assert calendar["METHOD"] == "PUBLISH" and "ATTENDEE" not in entry and "ORGANIZER" not in entry
    assert str(entry["SUMMARY"]) == "Kickoff; with, signs\\"
    assert entry["DTSTART"].dt == START and entry["DTSTART"].params["TZID"] == "America/New_York"
    assert [zone["TZID"] for zone in calendar.walk("VTIMEZONE")] == ["America/New_York"]
    assert str(entry["CLASS"]) == "PUBLIC"


def test_the_feed_is_personal_revocable_cached_and_names_nobody(app, event, write, people) -> None:
    url = event(zone="Europe/Berlin", title="Kickoff night")
    bo = Browser(app).sign_in("bo@t.example").get(url).submit("I am coming", visibility="company")
    bo.get("/events/calendar").submit("Make an address")
    address = bo.html.split("/calendar/")[1].split("</code>")[0]
    stranger = Browser(app)
    calendar, (entry,) = entries(stranger, f"/calendar/{address}")
    assert str(entry["SUMMARY"]) == "Kickoff night"
    text = calendar.to_ical().decode()
    assert "@t.example" not in text and "Test" not in text
    tag = stranger.client.get(f"/calendar/{address}").headers["ETag"]
    again = stranger.client.get(f"/calendar/{address}", headers={"If-None-Match": tag})
    assert again.status_code == 304 and not again.data
    with write() as db:
        services.revise(
            db,
            people["dalia"],
            occurrence_id=db.scalar(select(Occurrence.id)),
            plan=make_plan(
                "Kickoff night", zone="Europe/Berlin", starts_at=START + timedelta(hours=1)
            ),
        )
    _, (moved,) = entries(stranger, f"/calendar/{address}")
    assert moved["UID"] == entry["UID"] and moved["SEQUENCE"] > entry["SEQUENCE"]
    bo.get("/events/calendar").submit("Make a new address")
    assert stranger.client.get(f"/calendar/{address}").status_code == 404
    bo.get("/events/calendar").submit("End the address")
    assert bo.has("The address is ended.")


def test_a_get_changes_nothing_even_when_a_mail_scanner_opens_every_link(app, event, write) -> None:
    """Named in the list of other products' bugs: GET links that mail scanners trigger."""
    url = event()
    bo = Browser(app).sign_in("bo@t.example")
    for path in ("rsvp", "publication", "submission", "hosts/withdrawal"):
        assert bo.client.get(url + path).status_code == 405
    dalia = Browser(app).sign_in("dalia@t.example")
    for path in ("cancellation", "postponement"):
        assert dalia.client.get(url + path).status_code == 200, "a page that asks"
    with write() as db:
        assert db.scalar(select(Event.state)) is EventState.PUBLISHED


@pytest.mark.parametrize("page", ["list", "event", "edit", "group", "home"])
def test_a_page_costs_at_most_eight_statements_however_many_rows(
    app, event, erg, people, queries, write, page
) -> None:
    url = event(seats_in_person=3)
    paths = {
        "list": "/events/",
        "event": url,
        "edit": f"{url}edit",
        "group": "/ergs/women/",
        "home": "/",
    }
    dalia = Browser(app).sign_in("dalia@t.example")
    dalia.get(url).submit("I am coming", visibility="company").get(paths[page])
    with queries() as few:
        dalia.get(paths[page])
    with write() as db:
        occurrence_id = db.scalar(select(Occurrence.id))
        for n in range(40):
            person = make_person(db, f"Person {n:03}")
            services.answer(
                db,
                person.id,
                occurrence_id=occurrence_id,
                reply=Reply.GOING,
                visibility=Visibility.COMPANY,
            )
            if n < 30:
                extra = make_event(
                    db, db.get(Erg, erg), f"Event {n}", starts_at=START + timedelta(days=n + 1)
                )
                services.answer(db, people["dalia"], occurrence_id=extra.id, reply=Reply.GOING)
    with queries() as many:
        dalia.get(paths[page])
    # home adds up every domain; on an event's page whoever runs it pays one for its money
    limit = {"home": 12, "event": 9}.get(page, 8)
    assert len(few) == len(many) <= limit, "\n\n".join(many)


def test_an_event_of_members_costs_no_more_for_its_many_groups_and_chapters(
    app, event, erg, people, queries, write
) -> None:
    url = event(audience=Audience.MEMBERS)
    with write() as db:
        made = db.scalars(select(Occurrence)).one().event_id
        for n in range(3):
            other = make_erg(db, f"other-{n}", roster=Visibility.COMPANY)
            db.add(EventInvited(event_id=made, erg_id=other.id))
            chapter = make_chapter(db, db.get(Erg, erg), f"city-{n}").id
            db.add(EventChapter(event_id=made, chapter_id=chapter))
        make_member(db, other, people["bo"])
    reader = Browser(app).sign_in("bo@t.example").get(url)
    assert reader.has("in these chapters") and reader.has("City-0") and reader.has("Other 2")
    reader.submit("I am coming", visibility="company").get(url)
    dalia = Browser(app).sign_in("dalia@t.example")
    with write() as db:
        rsvp_id = db.scalar(select(Rsvp.id).where(Rsvp.person_id == people["bo"]))
    for who, address in ((reader, url), (dalia, f"/events/people/{rsvp_id}/removal")):
        who.get(address)
        with queries() as seen:
            who.get(address)
        assert len(seen) <= 8, "\n\n".join(seen)


def test_an_event_that_is_over_or_off_does_not_ask_whether_one_comes(
    browser, event, write, people
) -> None:
    over = event(title="Over")
    with write() as db:
        ended = db.get(Occurrence, UUID(over.split("/")[2]))
        ended.starts_at, ended.ends_at = START - timedelta(days=20), START - timedelta(days=19)
    bo = browser("bo@t.example").get(over)
    assert bo.has("This event is over") and bo.has("It ended on")
    assert not bo.has("Are you coming?")
    off = event(title="Off")
    bo.get(off).submit("I am coming")
    with write() as db:
        services.cancel(db, people["dalia"], occurrence_id=UUID(off.split("/")[2]))
    assert bo.get(off).has("It was canceled and takes no more answers.")
    assert not bo.has("You are going")
