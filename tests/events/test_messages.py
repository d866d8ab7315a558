"""What people read about events, and the calendar entries that come with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import icalendar
import pytest
from sqlalchemy import select

from app.accounts import queries as accounts
from app.core import clock, outbox
from app.core.database import writing
from app.core.locale import speaking
from app.core.outbox import Delivery, DeliveryState, kinds
from app.ergs.models import Erg
from app.ergs.rules import Visibility
from app.events import queries, services
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


def asks_and_is_admitted(world) -> UUID:
    """Bo asks to come and is told yes."""
    lead, bo, occurrence_id = world
    with clock.frozen(NOW), writing() as db:
        services.answer(db, bo, occurrence_id=occurrence_id, reply=Reply.NO)
        services.set_answering(
            db,
            lead,
            occurrence_id=occurrence_id,
            needs_approval=True,
            closes_minutes=None,
            questions=[],
        )
        rsvp_id = services.answer(db, bo, occurrence_id=occurrence_id, reply=Reply.GOING).id
        services.admit(db, lead, rsvp_id=rsvp_id)
    return rsvp_id


def test_bug_calendar_invitation_left_behind_when_an_admission_is_taken_back(world) -> None:
    lead, bo, _ = world
    rsvp_id = asks_and_is_admitted(world)
    mark_sent(bo)
    _, _, first = entry_in(read(bo, "event_entry")[1])
    with clock.frozen(NOW), writing() as db:
        services.hold_back(db, lead, rsvp_id=rsvp_id)
    reason, message = read(bo, "event_unsure")
    file, _, gone = entry_in(message)
    assert reason is None and file.method == "CANCEL" and str(gone["STATUS"]) == "CANCELLED"
    assert gone["UID"] == first["UID"] and gone["SEQUENCE"] > first["SEQUENCE"]
    with clock.frozen(NOW), writing() as db:
        services.admit(db, lead, rsvp_id=rsvp_id)
    assert read(bo, "event_unsure")[0] == "changed since", "the yes came in time"


def test_a_yes_that_nobody_heard_is_taken_back_in_silence(world) -> None:
    lead, bo, _ = world
    rsvp_id = asks_and_is_admitted(world)
    with clock.frozen(NOW), writing() as db:
        services.hold_back(db, lead, rsvp_id=rsvp_id)
    assert read(bo, "event_unsure")[0] == "nothing was told"


def test_whoever_is_put_back_without_a_seat_loses_the_entry_and_hears_of_it(world) -> None:
    """The seat went on meanwhile, and the news of the removal, which took the entry, never left."""
    lead, bo, occurrence_id = world
    mark_sent(bo)
    with clock.frozen(NOW), writing() as db:
        rsvp = queries.rsvp_of(db, occurrence_id, bo)
        somebody_waits_for_the_only_seat(db, lead, occurrence_id)
        services.remove(db, lead, rsvp_id=rsvp.id, reason="A mistake")
        assert services.restore(db, lead, rsvp_id=rsvp.id).state == "waitlisted"
    reason, message = read(bo, "event_unsure")
    assert reason is None and entry_in(message)[0].method == "CANCEL"


def test_whoever_says_maybe_keeps_no_tentative_entry(world) -> None:
    _, bo, occurrence_id = world
    mark_sent(bo)
    with clock.frozen(NOW), writing() as db:
        services.answer(db, bo, occurrence_id=occurrence_id, reply=Reply.MAYBE)
    reason, message = read(bo, "event_left")
    assert reason is None and str(entry_in(message)[2]["STATUS"]) == "CANCELLED"


def somebody_waits_for_the_only_seat(db, lead, occurrence_id) -> UUID:
    services.revise(
        db,
        lead,
        occurrence_id=occurrence_id,
        plan=make_plan(
            "Night of stories", zone="America/New_York", starts_at=START, seats_in_person=1
        ),
    )
    other = make_person(db, "Cy").id
    services.answer(db, other, occurrence_id=occurrence_id, reply=Reply.GOING)
    return other


def test_a_call_and_the_end_of_waiting_arrive_while_the_event_goes_on(world) -> None:
    lead, bo, occurrence_id = world
    with clock.frozen(NOW), writing() as db:
        other = somebody_waits_for_the_only_seat(db, lead, occurrence_id)
    with clock.frozen(START + timedelta(minutes=10)), writing() as db:
        services.answer(db, bo, occurrence_id=occurrence_id, reply=Reply.NO)
        (call,) = outbox.pending(db, "event_call", queries.rsvp_of(db, occurrence_id, other).id)[:1]
        assert call.expires_at == START + timedelta(hours=1)
        assert "It has begun" in kinds["event_call"].words(db.get(Rsvp, call.subject_id))[1]
        services.cancel(db, lead, occurrence_id=occurrence_id)
        (end,) = outbox.pending(db, "event_wait_over", call.subject_id)
        assert end.expires_at is None, "that it does not take place is true however late it comes"
