"""The inbox: what a person sees of what they were told."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import flask
import pytest

from app.core import clock
from app.core.database import writing
from app.core.outbox import Message, Recipient
from app.notifications import services
from tests.client import Browser
from tests.factories.accounts import make_person


def tell(app: flask.Flask, person: UUID, *subjects: str, age: int = 0) -> None:
    """Put messages into a person's inbox, `age` minutes ago."""
    to = Recipient(person_id=person, name="A", email=None, locale="en", zone="UTC")
    with app.app_context(), clock.frozen(clock.now() - timedelta(minutes=age)), writing() as db:
        for subject in subjects:
            services.receive(db, uuid4(), to, Message(subject, ("A line.",), "/events/"))


@pytest.fixture
def people(app: flask.Flask) -> tuple[UUID, UUID]:
    with app.app_context(), writing() as db:
        ana = make_person(db, name="Ana", email="ana@test.example", password="trellis-demo")
        bob = make_person(db, name="Bob", email="bob@test.example", password="trellis-demo")
        return ana.id, bob.id


@pytest.fixture(params=[False, True], ids=["browser", "htmx"])
def ana(request: pytest.FixtureRequest, app: flask.Flask, people: tuple[UUID, UUID]) -> Browser:
    return Browser(app, htmx=request.param).sign_in("ana@test.example")


def test_a_person_reads_marks_and_takes_back(
    ana: Browser, app: flask.Flask, people: tuple[UUID, UUID]
) -> None:
    ana.get("/notifications/")
    assert ana.has("No notifications yet")
    tell(app, people[0], "Your kickoff moved")
    ana.get("/notifications/")
    assert ana.has("Your kickoff moved") and ana.has("1 unread notification")
    ana.submit("Mark as read")
    ana.get("/notifications/")
    assert not ana.has("1 unread notification")
    ana.submit("Mark as unread")
    ana.get("/notifications/?show=unread")
    assert ana.has("Your kickoff moved")


def test_marking_all_spares_what_arrived_since_the_page_was_drawn(
    ana: Browser, app: flask.Flask, people: tuple[UUID, UUID]
) -> None:
    tell(app, people[0], "One", "Two", age=1)
    ana.get("/notifications/")
    tell(app, people[0], "Three")
    ana.submit("Mark all as read")
    ana.get("/notifications/?show=unread")
    assert ana.has("Three") and not ana.has("Two")


def test_search_finds_in_any_letters_and_filters_stay(
    ana: Browser, app: flask.Flask, people: tuple[UUID, UUID]
) -> None:
    tell(app, people[0], "Réunion mañana", "اجتماع الفريق", "Kickoff")
    assert ana.get("/notifications/?q=manana").has("Réunion mañana")
    assert not ana.has("Kickoff")
    assert ana.get("/notifications/?q=فريق").has("اجتماع الفريق")
    assert ana.get("/notifications/?q=nothing").has("Nothing found")
    assert ana.get("/notifications/?q=%25").has("Kickoff")


def test_pages_of_twenty_even_after_an_act(
    ana: Browser, app: flask.Flask, people: tuple[UUID, UUID]
) -> None:
    tell(app, people[0], *(f"Note {n:02}" for n in range(45)))
    ana.get("/notifications/")
    assert ana.has("Page 1 of 3")
    ana.submit("Mark as read")
    ana.click("Next page")
    assert ana.has("Page 2 of 3")
    assert ana.get("/notifications/?page=99").has("Page 3 of 3")


def test_nobody_sees_or_marks_anothers(
    ana: Browser, app: flask.Flask, people: tuple[UUID, UUID]
) -> None:
    from sqlalchemy import select

    from app.core.database import end_reading, reading
    from app.notifications.models import Notification

    tell(app, people[1], "For Bob alone")
    assert not ana.get("/notifications/").has("For Bob alone")
    with app.app_context():
        [row] = reading().scalars(select(Notification)).all()
        end_reading()
    hidden = ana.client.post(f"/notifications/{row.id}/reading", data={"csrf_token": token(ana)})
    absent = ana.client.post(f"/notifications/{uuid4()}/reading", data={"csrf_token": token(ana)})
    assert hidden.status_code == absent.status_code == 404
    with app.app_context():
        assert reading().get(Notification, row.id).read_at is None
        end_reading()


def token(browser: Browser) -> str:
    browser.get("/notifications/")
    return next(
        e.get("value", "") for e in browser.tree.iter("input") if e.get("name") == "csrf_token"
    )


def test_the_list_costs_the_same_with_one_and_a_thousand(
    ana: Browser, app: flask.Flask, people: tuple[UUID, UUID], queries
) -> None:
    tell(app, people[0], "One")
    with queries() as few:
        ana.get("/notifications/")
    tell(app, people[0], *(f"Note {n}" for n in range(999)))
    with queries() as many:
        ana.get("/notifications/")
    assert len(few) == len(many) <= 8


def test_every_page_knows_the_number_of_unread_with_one_statement(
    ana: Browser, app: flask.Flask, people: tuple[UUID, UUID], queries
) -> None:
    tell(app, people[0], "One", "Two")
    with queries() as seen:
        ana.get("/search")
    assert ana.has("2 unread notifications")
    assert sum("notification" in statement for statement in seen) == 1


def test_signed_out_people_are_asked_to_sign_in(anonymous: Browser) -> None:
    assert anonymous.client.get("/notifications/").status_code in (302, 303)


def test_an_unreadable_until_is_refused(ana: Browser) -> None:
    answer = ana.client.post(
        "/notifications/reading", data={"csrf_token": token(ana), "until": "yesterday"}
    )
    assert answer.status_code == 400
