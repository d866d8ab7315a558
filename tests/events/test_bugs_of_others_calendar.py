"""Bugs of other products about calendars and reminders, by the names they have in the list."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.accounts import queries as accounts
from app.core import clock
from app.core.locale import speaking
from app.core.outbox import OPEN, Delivery, DeliveryState, kinds
from app.ergs.rules import Visibility
from app.events import services
from app.events.models import Rsvp
from app.events.rules import REMINDERS, Audience, Reply
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg, make_member
from tests.factories.events import make_event, make_plan

START = datetime(2026, 12, 1, 18, tzinfo=UTC)
NOW = START - timedelta(days=10)
ADDRESS = re.compile(rb"[\w.+-]+@[\w-]+(?:\.[\w-]+)*")


@pytest.fixture(autouse=True)
def stopped_clock():
    with clock.frozen(NOW):
        yield


@pytest.fixture
def world(app, write):
    """(lead, people of every answer by name, occurrence with two seats)."""
    with write() as db:
        lead = make_person(db, "Dalia", "dalia@t.example", PASSWORD).id
        names = ("Going", "Second", "Waiting", "Maybe", "No", "Withdrawn", "Silent")
        people = {
            name: make_person(db, name, f"{name.lower()}@t.example", PASSWORD).id for name in names
        }
        erg = make_erg(db, "women", lead=lead, roster=Visibility.COMPANY)
        occurrence_id = make_event(
            db, erg, "Night of stories", starts_at=START, seats_in_person=2
        ).id
        answers = {
            "Withdrawn": (Reply.GOING, Reply.NO),
            "Going": (Reply.GOING,),
            "Second": (Reply.GOING,),
            "Waiting": (Reply.GOING,),
            "Maybe": (Reply.MAYBE,),
            "No": (Reply.NO,),
        }
        for name, said in answers.items():
            for reply in said:
                services.answer(
                    db,
                    people[name],
                    occurrence_id=occurrence_id,
                    reply=reply,
                    visibility=Visibility.COMPANY,
                )
    return lead, people, occurrence_id


def open_rows(write, *names: str) -> list[Delivery]:
    with write() as db:
        chosen = select(Delivery).where(Delivery.kind.in_(names), Delivery.state.in_(OPEN))
        return list(db.scalars(chosen.order_by(Delivery.due_at)))


def calendars_for(write, person) -> list[bytes]:
    """Every calendar that goes out to a person, as it would be sent now."""
    found = []
    with write() as db:
        to = accounts.recipients(db, [person])[person]
        for row in db.scalars(select(Delivery).where(Delivery.person_id == person)):
            with speaking(to.locale, to.zone, to.hour_cycle):
                message = kinds[row.kind].message(db, row, to)
            found += [file.content for file in (message.attachments if message else ())]
    return found


def test_attendee_addresses_in_calendar_files(app, world, write) -> None:
    """Neither invitations nor the file nor the feed hold anybody else's address or name."""
    _, people, occurrence_id = world
    browser = Browser(app).sign_in("going@t.example")
    files = calendars_for(write, people["Going"])
    assert files
    files.append(browser.client.get(f"/events/{occurrence_id}/calendar.ics").data)
    browser.get("/events/calendar").submit(action="/events/calendar")
    [feed] = re.findall(r"/calendar/[^<\"]+\.ics", browser.html)
    files.append(browser.client.get(feed).data)
    for content in files:
        whole = re.sub(rb"\r\n[ \t]", b"", content)
        addresses = {a for a in ADDRESS.findall(whole.lower()) if not a.endswith(b"@trellis")}
        assert addresses <= {b"going@t.example", b"trellis@localhost"}
        assert whole.count(b"ATTENDEE") <= 1
        for name in ("Second", "Waiting", "Maybe", "Dalia"):
            assert name.encode() not in whole


def test_reminders_after_a_move_at_the_old_time(world, write) -> None:
    """Nothing stays due at the old time, whichever way the event moves."""
    lead, people, occurrence_id = world
    for hours in (30, -30):
        moved = START + timedelta(hours=hours)
        with write() as db:
            plan = make_plan("Night of stories", starts_at=moved, seats_in_person=2)
            services.revise(db, lead, occurrence_id=occurrence_id, plan=plan)
        rows = open_rows(write, *REMINDERS)
        assert {row.due_at for row in rows} == {
            moved - timedelta(hours=24),
            moved - timedelta(hours=1),
        }
        per_person = {(row.person_id, row.kind, row.channel) for row in rows}
        assert len(per_person) == len(rows), "one each"
        assert {row.person_id for row in rows} == {people["Going"], people["Second"]}


def test_reminders_to_people_who_never_registered(world, write) -> None:
    """Only whoever goes is reminded: not who waits, says maybe or no, withdrew, or said nothing."""
    _, people, _ = world
    told = {row.person_id for row in open_rows(write, *REMINDERS)}
    assert told == {people["Going"], people["Second"]}
    entries = {row.person_id for row in open_rows(write, "event_entry")}
    assert entries == told


def test_calendar_invitations_left_behind_after_closing(world, write) -> None:
    """Whoever got an entry gets its CANCEL when the event is canceled, and nobody else does."""
    lead, people, occurrence_id = world
    with write() as db:
        for row in db.scalars(select(Delivery).where(Delivery.kind == "event_entry")):
            if row.person_id in (people["Going"], people["Second"]):
                row.state = DeliveryState.SENT
        services.cancel(db, lead, occurrence_id=occurrence_id)
    canceled = [row for row in open_rows(write, "event_canceled") if row.channel == "mail"]
    assert {row.person_id for row in canceled} == {people["Going"], people["Second"]}
    assert open_rows(write, "event_entry", *REMINDERS) == [], "nothing is invited to or reminded"
    with write() as db:
        for row in canceled:
            to = accounts.recipients(db, [row.person_id])[row.person_id]
            with speaking(to.locale, to.zone, to.hour_cycle):
                assert kinds[row.kind].wanted(db, row) is None
                [file] = kinds[row.kind].message(db, row, to).attachments
            assert file.method == "CANCEL" and b"STATUS:CANCELLED" in file.content
            rsvp = db.get(Rsvp, row.subject_id)
            assert f"SEQUENCE:{rsvp.sequence}".encode() in file.content
            assert str(rsvp.entry_id).encode() in re.sub(rb"\r\n[ \t]", b"", file.content)


def test_calendar_invitations_left_behind_after_removal(world, write) -> None:
    """A person whose place is taken away loses the entry too, and its reminders."""
    lead, people, _ = world
    with write() as db:
        rsvp = db.scalars(select(Rsvp).where(Rsvp.person_id == people["Going"])).one()
        for row in db.scalars(select(Delivery).where(Delivery.subject_id == rsvp.id)):
            if row.kind == "event_entry":
                row.state = DeliveryState.SENT
        services.remove(db, lead, rsvp_id=rsvp.id, reason="Twice on the list")
        kept = db.scalars(
            select(Delivery).where(
                Delivery.subject_id == rsvp.id,
                Delivery.state.in_(OPEN),
                Delivery.kind.in_(("event_entry", *REMINDERS)),
            )
        ).all()
    assert kept == []
    with write() as db:
        rows = db.scalars(
            select(Delivery).where(
                Delivery.person_id == people["Going"],
                Delivery.state.in_(OPEN),
                Delivery.channel == "mail",
            )
        ).all()
        to = accounts.recipients(db, [people["Going"]])[people["Going"]]
        with speaking(to.locale, to.zone):
            sent = [kinds[row.kind].message(db, row, to).attachments for row in rows]
    assert [file.method for files in sent for file in files] == ["CANCEL"]


def test_a_private_flag_lost_on_an_edited_occurrence(world, write) -> None:
    """A hidden event stays CLASS:PRIVATE in every version of its entry."""
    lead, people, _ = world
    traits = {"audience": Audience.MEMBERS, "starts_at": START}
    with write() as db:
        circle = make_erg(db, "quiet", lead=lead, roster=Visibility.NOBODY, name="Quiet")
        make_member(db, circle, people["Silent"], visibility=Visibility.NOBODY)
        hidden = make_event(db, circle, "Quiet evening", **traits).id
        services.answer(db, people["Silent"], occurrence_id=hidden, reply=Reply.GOING)
    for hours in (1, 2, 3):
        files = calendars_for(write, people["Silent"])
        assert files
        for content in files:
            assert b"CLASS:PRIVATE" in content and b"Quiet" not in content
        with write() as db:
            plan = make_plan(
                f"Quiet evening {hours}",
                starts_at=START + timedelta(hours=hours),
                audience=Audience.MEMBERS,
            )
            services.revise(db, lead, occurrence_id=hidden, plan=plan)
