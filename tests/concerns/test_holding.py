"""A trial goes on until its instant, but nothing of it reaches whoever asked that contact stops."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import Person
from app.concerns.models import Concern
from app.concerns.services import raising
from app.core import clock, delivery, ids
from app.core.database import reading, writing
from app.mentoring.models import Relationship
from app.mentoring.rules import RelationshipState
from app.mentoring.services import messages
from app.notifications.models import Notification
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.concerns import make_handler
from tests.factories.mentoring import keep_hours, make_pair, plan_session, propose_times

MONDAY = datetime(2027, 1, 4, 10, tzinfo=UTC)


@pytest.fixture
def pair(app):
    clock.configure(MONDAY.isoformat())
    with app.app_context(), clock.frozen(MONDAY - timedelta(hours=1)), writing() as db:
        mina = make_person(db, "Mina Mentee", "mina@t.example", PASSWORD)
        made = make_pair(db, mina, make_person(db, "Omar Mentor", "omar@t.example", PASSWORD))
        make_handler(db, "Hanna Handler")
        keep_hours(db, made, mentee=("mon-morning", "UTC"), mentor=("mon-morning", "UTC"))
        say(db, made, "From before")
    yield made
    clock.configure(None)


def say(db, pair, text: str) -> None:
    omar = next(m.person_id for m in pair.members if m.person.name == "Omar Mentor")
    messages.send(db, omar, relationship_id=pair.id, text=text, key=ids.token("t", pair.id, size=9))


def everything_happens(app, pair) -> None:
    """Omar writes, plans and proposes; then all is delivered."""
    with app.app_context():
        with writing() as db:
            found = db.get_one(Relationship, pair.id)
            say(db, found, "Where are you?")
            omar = found.others(mina_of(db))[0]
            found.members.sort(key=lambda member: member is not omar)
            plan_session(db, found)
            propose_times(db, found)
            db.expire(found, ["members"])
        deliver()


def deliver() -> None:
    with clock.frozen(clock.now() + timedelta(hours=1)):
        for channel in ("in_app", "mail"):
            while not delivery.deliver(channel):
                pass


def mina_of(db):
    return db.scalars(select(Person.id).where(Person.email == "mina@t.example")).one()


def inbox(app, email: str) -> list[str]:
    with app.app_context():
        found = select(Notification.subject).join(Person).where(Person.email == email)
        return list(reading().scalars(found))


def test_nothing_reaches_her_and_all_of_it_is_there_when_she_looks(app, pair):
    with app.app_context():
        deliver()
    before = inbox(app, "mina@t.example")
    mina = Browser(app).sign_in("mina@t.example").get(f"/support/new?pair={pair.id}")
    mina.submit("Send", text="He frightens me", stops=True)
    everything_happens(app, pair)
    assert inbox(app, "mina@t.example") == before
    home = Browser(app).sign_in("mina@t.example").get("/")
    assert not home.has("Session with") and not home.has("Which time suits you?")
    assert home.has("1 message for you"), "of before"
    talk = home.get(f"/mentoring/{pair.id}/messages")
    assert talk.has("From before") and not talk.has("Where are you?")
    assert talk.get(f"/mentoring/{pair.id}/messages?q=where").has("Where are you?") is False
    talk.get(f"/mentoring/{pair.id}/messages").click("Look at what is held")
    assert talk.has("Where are you?")
    omar = Browser(app).sign_in("omar@t.example").get(f"/mentoring/{pair.id}/messages")
    assert omar.has("Where are you?") and not omar.has("held")
    with app.app_context(), writing() as db:
        assert db.get_one(Relationship, pair.id).state is RelationshipState.TRIAL
        concern = db.scalars(select(Concern)).one()
        raising.withdraw(db, concern.raised_by, concern_id=concern.id)
    assert mina.get(f"/mentoring/{pair.id}/messages").has("Where are you?")


def test_without_a_hold_all_of_it_arrives(app, pair):
    everything_happens(app, pair)
    told = inbox(app, "mina@t.example")
    assert {"There is a message for you", "A session is planned"} <= set(told)
    home = Browser(app).sign_in("mina@t.example").get("/")
    assert home.has("Session with") and home.has("2 messages for you")
