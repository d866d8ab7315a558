"""Entries of calendars: one for each person, discreet, updated when moved, gone when canceled."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import icalendar
import pytest
from sqlalchemy import select

from app.accounts.queries.signin import recipients
from app.core import clock
from app.core.database import reading, writing
from app.core.locale import speaking
from app.core.outbox import OPEN, Delivery, DeliveryState, kinds
from app.events import services as events
from app.mentoring.models import Meeting
from app.mentoring.rules import AHEAD, ClosingReason, SessionState
from app.mentoring.services import closing, series, sessions, undoing
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.mentoring import make_pair, plan_session, propose_times

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def monday(app):
    clock.configure(NOW.isoformat())
    yield
    clock.configure(None)


@pytest.fixture
def pair(app):
    with app.app_context(), writing() as db:
        mina = make_person(db, "Mina Mentee", "mina@t.example", PASSWORD, locale="es")
        omar = make_person(
            db, "Omar Mentor", "omar@t.example", PASSWORD, locale="ar", zone="Asia/Tokyo"
        )
        return make_pair(db, mina, omar)


def sent_entries(app, pair) -> dict[str, list[tuple[str, icalendar.Event]]]:
    """(method, entry) of the mails that go out now, by name; afterwards they are sent."""
    found: dict[str, list[tuple[str, icalendar.Event]]] = {}
    people = {member.person_id: member.person.name for member in pair.members}
    with app.app_context(), writing() as db:
        rows = db.scalars(
            select(Delivery)
            .where(
                Delivery.channel == "mail",
                Delivery.state.in_(OPEN),
                Delivery.due_at <= clock.now(),
                Delivery.person_id.in_(people),
            )
            .order_by(Delivery.created_at, Delivery.revision)
        ).all()
        for row in rows:
            to = recipients(db, [row.person_id])[row.person_id]
            with speaking(to.locale, to.zone, to.hour_cycle):
                kind = kinds[row.kind]
                if kind.wanted(db, row) is not None:
                    continue
                for file in kind.message(db, row, to).attachments:
                    calendar = icalendar.Calendar.from_ical(file.content)
                    assert calendar["METHOD"] == file.method
                    [entry] = calendar.walk("VEVENT")
                    assert entry["ATTENDEE"] == f"MAILTO:{to.email}", "one reader, no other address"
                    found.setdefault(people[row.person_id], []).append((file.method, entry))
            row.state = DeliveryState.SENT
    return found


def test_each_gets_their_own_entry_in_their_language_and_zone(app, pair):
    with app.app_context(), writing() as db:
        meeting = plan_session(db, pair, place="Room 4")
    sent = sent_entries(app, pair)
    [(method, mina)], [(_method, omar)] = sent["Mina Mentee"], sent["Omar Mentor"]
    assert method == "REQUEST" and mina["UID"] != omar["UID"]
    assert "Omar Mentor" in mina["SUMMARY"] and "Mina Mentee" in omar["SUMMARY"]
    assert mina["SUMMARY"].split()[0] != omar["SUMMARY"].split()[0], "each in their own language"
    assert mina["DTSTART"].dt == omar["DTSTART"].dt == meeting.starts_at
    assert omar["DTSTART"].params["TZID"] == "Asia/Tokyo"
    assert mina["LOCATION"] == "Room 4" and mina["CLASS"] == "PRIVATE"


def test_moved_is_updated_canceled_vanishes_and_the_sequence_rises(app, pair):
    me = pair.members[0].person_id
    with app.app_context(), writing() as db:
        meeting = plan_session(db, pair)
    versions = [sent_entries(app, pair)]
    with app.app_context(), writing() as db:
        sessions.reschedule(
            db, me, session_id=meeting.id, wall_time=datetime(2026, 12, 1, 10), zone="UTC"
        )
    versions.append(sent_entries(app, pair))
    with app.app_context(), writing() as db:
        sessions.cancel(db, me, session_id=meeting.id)
    versions.append(sent_entries(app, pair))
    with app.app_context(), writing() as db:
        undoing.put_back(db, me, session_id=meeting.id)
    versions.append(sent_entries(app, pair))
    for name in ("Mina Mentee", "Omar Mentor"):
        story = [version[name] for version in versions]
        assert [len(entries) for entries in story] == [1, 1, 1, 1]
        methods = [method for [(method, _entry)] in story]
        entries = [entry for [(_method, entry)] in story]
        assert methods == ["REQUEST", "REQUEST", "CANCEL", "REQUEST"]
        assert len({entry["UID"] for entry in entries}) == 1
        assert [entry["SEQUENCE"] for entry in entries] == [1, 2, 3, 4]
        assert [entry["STATUS"] for entry in entries][2] == "CANCELLED"
        assert entries[1]["DTSTART"].dt == datetime(2026, 12, 1, 10, tzinfo=UTC)


def test_what_was_planned_and_canceled_before_the_mail_went_out_is_only_canceled(app, pair):
    with app.app_context(), writing() as db:
        meeting = plan_session(db, pair)
        sessions.cancel(db, pair.members[0].person_id, session_id=meeting.id)
    for entries in sent_entries(app, pair).values():
        assert [method for method, _entry in entries] == ["CANCEL"]


def test_whoever_wants_neutral_words_gets_them_and_the_other_does_not(app, pair):
    with app.app_context(), writing() as db:
        mina = pair.members[0].person_id
        events.choose_usual(db, mina, is_discreet=True, wants_summary=False)
        plan_session(db, pair, place="Room 4")
    sent = sent_entries(app, pair)
    [(_method, mina)], [(_method, omar)] = sent["Mina Mentee"], sent["Omar Mentor"]
    assert "Omar" not in mina.to_ical().decode() and "LOCATION" not in mina
    assert "Mina Mentee" in omar["SUMMARY"] and omar["LOCATION"] == "Room 4"


def test_turning_the_words_sends_ones_own_entries_anew_and_no_others(app, pair):
    with app.app_context(), writing() as db:
        plan_session(db, pair)
    [(_method, before)] = sent_entries(app, pair)["Mina Mentee"]
    clock.configure((NOW + timedelta(hours=1)).isoformat())
    with app.app_context(), writing() as db:
        mina = pair.members[0].person_id
        events.choose_usual(db, mina, is_discreet=True, wants_summary=False)
    sent = sent_entries(app, pair)
    [(method, after)] = sent.pop("Mina Mentee")
    assert sent == {} and method == "REQUEST" and after["UID"] == before["UID"]
    assert "Omar" in before["SUMMARY"] and "Omar" not in after["SUMMARY"]
    assert after["SEQUENCE"] == before["SEQUENCE"] and after["DTSTAMP"].dt > before["DTSTAMP"].dt


def test_proposed_times_are_in_nobodys_calendar(app, pair):
    with app.app_context(), writing() as db:
        meeting = propose_times(db, pair)
        sessions.cancel(db, pair.members[0].person_id, session_id=meeting.id)
    assert sent_entries(app, pair) == {}


@pytest.mark.parametrize("reason", [ClosingReason.ORGANIZER, ClosingReason.LEFT_ORG])
def test_closing_cancels_every_entry_to_come_and_leaves_no_session(app, pair, reason):
    with app.app_context(), writing() as db:
        series.plan_series(
            db,
            pair.members[0].person_id,
            relationship_id=pair.id,
            first=datetime(2026, 12, 1, 10),
            zone="Europe/Berlin",
            count=4,
        )
        moved = db.scalars(select(Meeting).order_by(Meeting.starts_at)).first()
        sessions.reschedule(
            db,
            pair.members[0].person_id,
            session_id=moved.id,
            wall_time=datetime(2026, 12, 2, 10),
            zone="UTC",
        )
        propose_times(db, pair)
    before = sent_entries(app, pair)
    with app.app_context(), writing() as db:
        closing.close(db, None, relationship_id=pair.id, reason=reason)
    after = sent_entries(app, pair)
    for name, entries in before.items():
        invited = {entry["UID"]: entry["SEQUENCE"] for _method, entry in entries}
        ended = {entry["UID"]: entry["SEQUENCE"] for _method, entry in after[name]}
        assert {method for method, _entry in after[name]} == {"CANCEL"}
        assert invited.keys() == ended.keys() and len(ended) == 4
        assert all(ended[uid] > invited[uid] for uid in invited)
    with app.app_context():
        ahead = select(Meeting).where(Meeting.state.in_((*AHEAD, SessionState.DUE)))
        assert not reading().scalars(ahead).all()
        open_ones = select(Delivery.kind).where(
            Delivery.state.in_(OPEN),
            Delivery.kind.in_(("session_reminder", "did_you_meet", "session_proposed")),
        )
        assert not reading().scalars(open_ones).all()


# -- the address of one's calendar, and the page ------------------------------------------------


def feed_of(browser: Browser, address: str) -> dict[str, icalendar.Event]:
    answer = browser.client.get(address)
    assert answer.status_code == 200
    found = icalendar.Calendar.from_ical(answer.get_data()).walk("VEVENT")
    return {str(entry["UID"]): entry for entry in found}


def test_the_personal_address_carries_sessions_and_a_canceled_one_vanishes(app, pair):
    mina = Browser(app).sign_in("mina@t.example")
    with app.app_context(), writing() as db:
        address = f"/calendar/{events.open_feed(db, pair.members[0].person_id)}.ics"
        kept, gone = (plan_session(db, pair, NOW + timedelta(days=n)) for n in (3, 9))
    [mailed] = [e for e in sent_entries(app, pair)["Mina Mentee"] if e[1]["DTSTART"].dt.day == 26]
    found = feed_of(mina, address)
    assert len(found) == 2 and str(mailed[1]["UID"]) in found, "the same entry, not a second one"
    assert not [one for one in found.values() if "Omar" in one.to_ical().decode()], "no other name"
    tag = mina.client.get(address).headers["ETag"]
    assert mina.client.get(address, headers={"If-None-Match": tag}).status_code == 304
    with app.app_context(), writing() as db:
        sessions.cancel(db, pair.members[0].person_id, session_id=gone.id)
        sessions.reschedule(
            db,
            pair.members[0].person_id,
            session_id=kept.id,
            wall_time=datetime(2026, 12, 1, 10),
            zone="UTC",
        )
    [entry] = feed_of(mina, address).values()
    assert entry["UID"] == mailed[1]["UID"] and entry["SEQUENCE"] == 2
    assert entry["DTSTART"].dt == datetime(2026, 12, 1, 10, tzinfo=UTC)


def test_the_page_shows_the_guide_in_the_readers_language_and_offers_the_entry(app, pair):
    with app.app_context(), writing() as db:
        meeting = plan_session(db, pair, place="https://meet.example/room")
    path = f"/mentoring/sessions/{meeting.id}/"
    mina = Browser(app).sign_in("mina@t.example").get(path)
    omar = Browser(app).sign_in("omar@t.example").get(path)
    assert mina.has("Bases y objetivos") and omar.has("الأسس والأهداف")
    assert 'href="https://meet.example/room"' in mina.html
    answer = mina.client.get(path + "calendar.ics")
    assert answer.headers["Content-Type"].startswith("text/calendar")
    [entry] = icalendar.Calendar.from_ical(answer.get_data()).walk("VEVENT")
    assert entry["SEQUENCE"] == 1
    others = re.findall(r'href="(https://(?:calendar\.google|outlook)[^"]+)"', mina.html)
    assert len(others) == 2, "two calendars of others"
    for link in others:
        assert "Omar" not in link and "meet.example" not in link and "mentoring" not in link


def test_only_the_people_of_a_pair_see_its_sessions(app, pair):
    with app.app_context(), writing() as db:
        meeting = plan_session(db, pair)
        make_person(db, "Otto Other", "otto@t.example", PASSWORD)
        make_person(db, "Farid", "farid@t.example", PASSWORD, ("org_admin",))
    for email in ("otto@t.example", "farid@t.example"):
        browser = Browser(app).sign_in(email)
        for path in (
            f"/mentoring/sessions/{meeting.id}/",
            f"/mentoring/sessions/{meeting.id}/calendar.ics",
            f"/mentoring/{pair.id}/sessions/",
            f"/mentoring/{pair.id}/times/",
            f"/mentoring/{pair.id}/series/",
            f"/mentoring/{pair.id}/hours",
        ):
            assert browser.client.get(path).status_code == 404, (email, path)
