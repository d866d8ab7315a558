"""The list of events as a file holds what the page shows to that reader, no more and no less."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import openpyxl
import pytest

from app.audit.models import AuditEvent
from app.ergs.models import Erg
from app.ergs.rules import Discovery, Visibility
from app.events import services
from app.events.rules import Audience, Reply
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg
from tests.factories.events import make_event

START = datetime(2026, 12, 1, 18, 0, tzinfo=UTC)


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return {**environ, "TRELLIS_NOW": "2026-11-21T09:00Z"}


@pytest.fixture
def world(write):
    """Two groups, one hidden; 25 open events and a secret one."""
    with write() as db:
        bo, dalia = (
            make_person(db, f"{name} Test", f"{name.lower()}@t.example", PASSWORD).id
            for name in ("Bo", "Dalia")
        )
        erg = make_erg(db, "women", lead=dalia, roster=Visibility.COMPANY)
        for number in range(25):
            start = START + timedelta(days=number)
            first = make_event(db, erg, f"=Evening {number:02}", starts_at=start)
        hidden = make_erg(db, "safe", lead=dalia, discovery=Discovery.HIDDEN)
        make_event(db, hidden, "Secret supper", audience=Audience.MEMBERS, starts_at=START)
        services.answer(db, bo, occurrence_id=first.id, reply=Reply.GOING)


def rows(app, name: str, address: str) -> list[dict[str, str]]:
    answer = Browser(app).sign_in(f"{name}@t.example").client.get(address)
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))


def test_the_file_holds_all_pages_of_the_list_and_no_formula(app, world) -> None:
    found = rows(app, "bo", "/events.csv?page=2")
    assert [row["Title"] for row in found] == [f"'=Evening {n:02}" for n in range(25)]
    assert found[-1]["My answer"] == "Going" and found[0]["My answer"] == ""
    assert found[0]["Starts"] == START.isoformat()


def test_the_file_is_filtered_as_its_page_and_the_page_links_it(app, world) -> None:
    page = Browser(app).sign_in("bo@t.example").get("/events/?show=mine&kind=gathering&page=1")
    address = dict(page.links())["This list as CSV"]
    assert "show=mine" in address and "page" not in address
    assert [row["Title"] for row in rows(app, "bo", address)] == ["'=Evening 24"]
    month = rows(app, "bo", "/events.csv?view=month&month=2026-11")
    assert month == []
    assert len(rows(app, "bo", "/events.csv?view=month&month=2026-12")) == 25


def test_what_a_reader_may_not_see_is_in_no_file(app, world) -> None:
    assert all(row["Title"] != "Secret supper" for row in rows(app, "bo", "/events.csv"))
    assert "Secret supper" in [row["Title"] for row in rows(app, "dalia", "/events.csv")]


def test_a_workbook_holds_the_same_and_the_log_says_that_it_was_taken(app, world, write) -> None:
    answer = Browser(app).sign_in("bo@t.example").client.get("/events.xlsx?q=03")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert [cell.value for cell in list(sheet.columns)[0]] == ["Title", "'=Evening 03"]
    with write() as db:
        taken = db.query(AuditEvent).filter_by(verb="export_events").all()
        assert len(taken) == 1 and db.query(Erg).count() == 2


def test_nobody_takes_a_file_without_signing_in(app, world, anonymous) -> None:
    assert anonymous.client.get("/events.csv").status_code in (302, 303)


# The answers to a date, for its organizers


@pytest.fixture
def answers(write):
    """An open and a hidden event with two answers each: one tells the organizers, one nobody."""
    with write() as db:
        dalia = make_person(db, "Dalia Test", "dalia@t.example", PASSWORD).id
        make_person(db, "Bo Test", "bo@t.example", PASSWORD)
        places = []
        for slug, discovery in (("women", Discovery.LISTED), ("safe", Discovery.HIDDEN)):
            erg = make_erg(db, slug, lead=dalia, roster=Visibility.COMPANY, discovery=discovery)
            audience = Audience.MEMBERS if discovery is Discovery.HIDDEN else Audience.COMPANY
            event = make_event(db, erg, slug, audience=audience, starts_at=START, guest_limit=2)
            places.append(event.id)
        for name, told in (("Told Test", Visibility.LEADS), ("Quiet Test", Visibility.NOBODY)):
            person = make_person(db, name).id
            services.answer(
                db,
                person,
                occurrence_id=places[0],
                reply=Reply.GOING,
                visibility=told,
                guests=1,
                names=[f"{name[0]}. Partner"],
            )
        return places


def test_organizers_take_names_and_aliases_as_their_page_shows_them(app, answers, write) -> None:
    found = rows(app, "dalia", f"/events/{answers[0]}/people.csv")
    names = [row["Name or alias"] for row in found]
    page = Browser(app).sign_in("dalia@t.example").get(f"/events/{answers[0]}/people")
    assert names[0] == "Told Test" and names[1].startswith("Alias ")
    assert all(page.has(name) for name in names) and page.has("This list as CSV")
    assert "Quiet" not in str(found) and found[0]["Guests"] == "1"
    assert [row["Names of guests"] for row in found] == ["T. Partner", ""]
    assert page.has("T. Partner") and not page.has("Q. Partner"), "guests tell whose they are"
    with write() as db:
        assert db.query(AuditEvent).filter_by(verb="export_answers").count() == 1


def test_answers_to_a_hidden_event_leave_in_no_file(app, answers, write) -> None:
    lead = Browser(app).sign_in("dalia@t.example")
    for kind in ("csv", "xlsx"):
        answer = lead.client.get(f"/events/{answers[1]}/people.{kind}")
        assert answer.status_code == 409 and "in no file" in answer.get_data(as_text=True)
    assert not lead.get(f"/events/{answers[1]}/people").has("This list as CSV")


def test_answers_are_for_organizers(app, answers) -> None:
    bo = Browser(app).sign_in("bo@t.example").client
    assert bo.get(f"/events/{answers[0]}/people.csv").status_code == 403
    assert bo.get(f"/events/{answers[1]}/people.xlsx").status_code in (403, 404)
