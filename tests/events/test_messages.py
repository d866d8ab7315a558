"""What people read about events, and the calendar entries that come with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import icalendar
import pytest
from sqlalchemy import select

from app.accounts import queries as accounts
from app.core import clock
from app.core.database import writing
from app.core.locale import speaking
from app.core.outbox import Delivery, DeliveryState, kinds
from app.ergs.models import Erg
from app.ergs.rules import Visibility
from app.events import services
from app.events.models import Rsvp
from app.events.rules import Audience, Reply
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg, make_member
from tests.factories.events import make_event, make_plan

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
START = datetime(2026, 12, 1, 18, tzinfo=UTC)


@pytest.fixture
def world(context):
    """(lead, Bo, occurrence) of an event in New York to which Bo goes."""
    with clock.frozen(NOW), writing() as db:
        lead = make_person(db, "Dalia Lead").id
        bo = make_person(db, 'Bo "B" Test', "bo@t.example", locale="es", zone="Europe/Madrid").id
        erg = make_erg(db, "women", lead=lead, roster=Visibility.COMPANY)
        occurrence_id = make_event(
            db, erg, "Night of stories", starts_at=START, zone="America/New_York"
        ).id
        services.answer(db, bo, occurrence_id=occurrence_id, reply=Reply.GOING)
    return lead, bo, occurrence_id


def read(person, kind: str, channel: str = "mail"):
    """(reason against sending, message) of the newest delivery of a kind, as the engine asks."""
    with clock.frozen(NOW), writing() as db:
        delivery = db.scalars(
            select(Delivery)
            .where(Delivery.person_id == person, Delivery.kind == kind, Delivery.channel == channel)
            .order_by(Delivery.revision.desc())
        ).first()
        to = accounts.recipients(db, [person])[person]
        with speaking(to.locale, to.zone, to.hour_cycle):
            about = kinds[kind]
            return about.wanted(db, delivery), about.message(db, delivery, to)


def entry_in(message):
    (file,) = message.attachments
    calendar = icalendar.Calendar.from_ical(file.content)
    (entry,) = calendar.walk("VEVENT")
    return file, calendar, entry


def mark_sent(person) -> None:
    with writing() as db:
        for row in db.scalars(
            select(Delivery).where(Delivery.kind == "event_entry", Delivery.person_id == person)
        ):
            row.state = DeliveryState.SENT


def test_the_entry_is_an_invitation_for_exactly_one_attendee(world) -> None:
    reason, message = read(world[1], "event_entry")
    assert reason is None
    file, calendar, entry = entry_in(message)
    assert (file.method, calendar["METHOD"]) == ("REQUEST", "REQUEST")
    assert str(entry["ATTENDEE"]).lower() == "mailto:bo@t.example"
    assert calendar.to_ical().count(b"ATTENDEE") == 1
    assert "trellis@localhost" in str(entry["ORGANIZER"]).lower()
    assert [z["TZID"] for z in calendar.walk("VTIMEZONE")] == ["America/New_York"]


def test_one_entry_then_moved_then_gone(world) -> None:
    lead, bo, occurrence_id = world
    _, _, first = entry_in(read(bo, "event_entry")[1])
    mark_sent(bo)
    with clock.frozen(NOW), writing() as db:
        services.revise(
            db,
            lead,
            occurrence_id=occurrence_id,
            plan=make_plan(
                "Night of stories", zone="America/New_York", starts_at=START + timedelta(hours=2)
            ),
        )
    _, _, second = entry_in(read(bo, "event_entry")[1])
    assert second["UID"] == first["UID"] and second["SEQUENCE"] == first["SEQUENCE"] + 1
    assert second["DTSTART"].dt - first["DTSTART"].dt == timedelta(hours=2)
    with clock.frozen(NOW), writing() as db:
        services.answer(db, bo, occurrence_id=occurrence_id, reply=Reply.NO)
    reason, message = read(bo, "event_left")
    file, calendar, third = entry_in(message)
    assert reason is None and file.method == calendar["METHOD"] == "CANCEL"
    assert third["UID"] == first["UID"] and third["SEQUENCE"] == second["SEQUENCE"] + 1
    assert str(third["STATUS"]) == "CANCELLED"
    assert read(bo, "event_entry")[0] == "changed since"


def test_nothing_is_taken_back_that_was_never_sent(world) -> None:
    _, bo, occurrence_id = world
    with clock.frozen(NOW), writing() as db:
        services.answer(db, bo, occurrence_id=occurrence_id, reply=Reply.NO)
    assert read(bo, "event_left")[0] == "no entry was sent"


def test_a_reminder_speaks_of_both_clocks_and_of_nothing_after_withdrawal(world) -> None:
    _, bo, occurrence_id = world
    reason, message = read(bo, "event_tomorrow")
    text = " ".join(message.lines)
    assert reason is None and "Night of stories" in text
    assert "13:00" in text and "19:00" in text, "the venue's clock and the reader's"
    with clock.frozen(NOW), writing() as db:
        services.answer(db, bo, occurrence_id=occurrence_id, reply=Reply.NO)
    assert read(bo, "event_tomorrow")[0] == "changed since"


def test_of_a_hidden_event_no_message_and_no_entry_says_what_it_is(world) -> None:
    lead, bo, _ = world
    with clock.frozen(NOW), writing() as db:
        erg = make_erg(db, "pride", lead=lead, roster=Visibility.NOBODY, name="Pride")
        make_member(db, erg, bo, visibility=Visibility.NOBODY)
        hidden = make_event(
            db,
            db.get(Erg, erg.id),
            "Pride evening",
            starts_at=START,
            venue="Rainbow bar",
            audience=Audience.MEMBERS,
        ).id
        services.answer(db, bo, occurrence_id=hidden, reply=Reply.GOING)
        db.query(Delivery).filter(
            Delivery.subject_id != db.scalar(select(Rsvp.id).where(Rsvp.occurrence_id == hidden))
        ).delete()
    for kind in ("event_entry", "event_tomorrow", "event_soon"):
        _, message = read(bo, kind)
        shown = " ".join([message.subject, *message.lines, message.link])
        shown += "".join(file.content.decode() for file in message.attachments)
        for word in ("Pride", "pride", "Rainbow", "evening", "women"):
            assert word not in shown, (kind, word)
    _, _, entry = entry_in(read(bo, "event_entry")[1])
    assert str(entry["CLASS"]) == "PRIVATE" and "LOCATION" not in entry
