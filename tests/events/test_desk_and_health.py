"""What events lay on the leads' desk, and what they tell about the health of groups."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.core.database import reading
from app.ergs.models import Erg
from app.ergs.rules import Visibility
from app.events import services
from app.events.agenda import health as figures
from app.events.models import Occurrence, Rsvp
from app.events.rules import Mode, Reply, RsvpState
from app.health import queries as health
from app.health.registry import Window
from app.health.rules import Measure
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg, make_member
from tests.factories.events import make_event

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return {**environ, "TRELLIS_NOW": NOW.isoformat()}


@pytest.fixture
def dalia(app, write):
    with write() as db:
        person = make_person(db, "Dalia Test", "dalia@t.example", PASSWORD)
        make_erg(db, "women", lead=person.id)
        other = make_person(db, "Kai Test", "kai@t.example", PASSWORD)
        make_erg(db, "other", lead=other.id)
    return Browser(app).sign_in("dalia@t.example")


def group(db, slug="women") -> Erg:
    from sqlalchemy import select

    return db.scalars(select(Erg).where(Erg.slug == slug)).one()


def answer(db, occurrence, names, **more) -> list[Rsvp]:
    return [
        services.answer(
            db,
            make_person(db, name).id,
            occurrence_id=occurrence.id,
            reply=Reply.GOING,
            mode=Mode.IN_PERSON,
            guests=0,
            visibility=Visibility.COMPANY,
            **more,
        )
        for name in names
    ]


def test_a_waitlist_lies_on_the_desk_of_its_leads_only(dalia, app, write) -> None:
    with write() as db:
        full = make_event(db, group(db), "Full evening", seats_in_person=1)
        answer(db, full, ("A", "B", "C"))
        make_event(db, group(db), "Roomy evening")
        theirs = make_event(db, group(db, "other"), "Other evening", seats_in_person=1)
        answer(db, theirs, ("D", "E"))
    dalia.get("/ergs/desk/")
    assert dalia.has("Full evening") and dalia.has("2 people wait for a seat")
    assert dalia.has("Waitlists") and not dalia.has("Roomy") and not dalia.has("Other evening")
    dalia.click("Full evening")
    assert dalia.url.endswith("/edit"), "where seats are added"


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_room_is_made_on_the_desk_and_taken_back_there(dalia, app, write, htmx) -> None:
    with write() as db:
        full = make_event(db, group(db), "Full evening", seats_in_person=1)
        rows = [row.id for row in answer(db, full, ("A", "B", "C", "D"))]
        event = full.id
    desk = Browser(app, htmx=htmx).sign_in("dalia@t.example").get("/ergs/desk/")
    assert desk.has("3 people wait for a seat") and desk.has("Add 3 seats")
    desk.submit("Add 1 seat")
    assert desk.url.startswith("/ergs/desk/") and desk.has("There is 1 seat more.")
    assert desk.has("2 people wait for a seat"), "the first in the queue has it"
    desk.submit("Undo")
    assert desk.url.startswith("/ergs/desk/") and desk.has("Whoever was given one keeps it.")
    with write() as db:
        assert db.get(Occurrence, event).seats_in_person == 1
        states = [db.get(Rsvp, row).state for row in rows]
    assert sorted(states) == [RsvpState.GOING] * 2 + [RsvpState.WAITLISTED] * 2, "over by one"


def test_of_two_leads_who_add_at_once_the_second_hears_of_the_first(dalia, app, write) -> None:
    with write() as db:
        full = make_event(db, group(db), "Full evening", seats_in_person=1)
        answer(db, full, ("A", "B", "C"))
        address = f"/events/{full.id}/seats?mode=in_person"
    token = dalia.get("/ergs/desk/").form("Add 1 seat").find("input").get("value")
    tap = {"csrf_token": token, "next": "/ergs/desk/"}
    assert dalia.client.post(f"{address}&was=1&seats=2", data=tap).status_code == 303
    assert dalia.client.post(f"{address}&was=1&seats=2", data=tap).status_code == 303, "twice"
    assert dalia.client.post(f"{address}&was=1&seats=3", data=tap).status_code == 409
    for nonsense in ("&was=2&seats=-1", "&was=2&seats=99999999", "", "&was=2&seats=x"):
        assert dalia.client.post(address + nonsense, data=tap).status_code in (409, 422)
    assert dalia.get("/ergs/desk/").has("1 person waits for a seat")


def test_a_draft_whose_day_comes_near_is_a_reminder(dalia, write) -> None:
    with write() as db:
        for days, title in ((9, "Soon"), (60, "Later")):
            starts = NOW + timedelta(days=days)
            make_event(db, group(db), title, published=False, starts_at=starts)
    dalia.get("/ergs/desk/")
    assert dalia.has("Soon") and dalia.has("Still a draft") and not dalia.has("Later")


def test_the_desk_costs_one_statement_for_all_events(dalia, app, write, queries) -> None:
    with write() as db:
        answer(db, make_event(db, group(db), "Full", seats_in_person=1), ("A", "B"))
    dalia.get("/ergs/desk/")
    with queries() as few:
        dalia.get("/ergs/desk/")
    with write() as db:
        for n in range(8):
            event = make_event(db, group(db), f"Full {n}", seats_in_person=1)
            answer(db, event, (f"A{n}", f"B{n}"))
    with queries() as many:
        dalia.get("/ergs/desk/")
    assert len(few) == len(many), "\n".join(many)


def test_reach_attendance_and_activity_are_counted_by_group(dalia, app, write, context) -> None:
    with write() as db:
        erg = group(db)
        occurrence = make_event(db, erg, "Evening")
        rows = answer(db, occurrence, [f"P{n}" for n in range(8)])
        for row in rows[:5]:
            row.state = RsvpState.ATTENDED
        rows[5].state = RsvpState.NO_SHOW
        rows[6].state = RsvpState.WITHDRAWN
        for row in rows[:2]:
            make_member(db, erg, row.person_id)
        make_member(db, erg, make_person(db, "Idle").id)
        erg_id, starts = erg.id, occurrence.starts_at
    with write() as db:
        for title, act in (("Called off", services.cancel), ("Put off", services.postpone)):
            other = make_event(db, group(db), title, starts_at=starts)
            person = make_person(db, title).id
            make_member(db, group(db), person)
            services.answer(db, person, occurrence_id=other.id, reply=Reply.GOING)
            act(db, None, occurrence_id=other.id)
    until = starts + timedelta(days=1)
    window = Window([erg_id], until - timedelta(days=90), until)
    db = reading()
    assert figures.reach(db, window) == {erg_id: Measure(2)}, "members who had a seat, nobody else"
    assert figures.attendance(db, window) == {erg_id: Measure(5, 6)}
    assert health.active_share(db, window)[erg_id] == Measure(4), "not the lead, not the idle one"
    assert figures.dates_run(db, window) == {erg_id: 1}
    empty = Window([erg_id], until, until + timedelta(days=30))
    assert figures.reach(db, empty) == {} == figures.attendance(db, empty)
