"""A trial goes on until its instant, but nothing of it reaches whoever asked that contact stops."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import Person
from app.concerns import queries
from app.concerns.models import Concern
from app.concerns.rules import ConcernState, Outcome
from app.concerns.services import contact, handling, raising
from app.concerns.views import desk
from app.core import clock, delivery, ids
from app.core.database import reading, writing
from app.core.errors import Refused
from app.mentoring.models import Meeting, Relationship
from app.mentoring.queries.scheduling import calendar_meetings
from app.mentoring.rules import EndingCode, RelationshipState, SessionState
from app.mentoring.services import asking, closing, messages, pausing, reopening, sessions, trial
from app.notifications.models import Notification
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.concerns import make_concern, make_handler
from tests.factories.mentoring import keep_hours, make_pair, plan_session, propose_times

MONDAY, DAY = datetime(2027, 1, 4, 10, tzinfo=UTC), timedelta(days=1)


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


# -- a hold is over when its trial is -------------------------------------------------------------


def stopped_by_mina(app, pair, *, state=RelationshipState.TRIAL, is_asked: bool = False):
    """She raised a concern about her pair, in a state of its life, and contact stops."""
    with app.app_context(), writing() as db:
        hanna = db.scalars(select(Person.id).where(Person.name == "Hanna Handler")).one()
        found = db.get_one(Relationship, pair.id)
        mina = mina_of(db)
        messages.mark_read(db, mina, relationship_id=pair.id, until=clock.now())
        found.state = state
        if is_asked:
            asking.ask_trial(db, found)
        told = make_concern(db, mina, [hanna], pair_id=pair.id, stops_contact=True)
        handling.take(db, hanna, concern_id=told.id)
    with app.app_context():
        deliver()
    return told.id, hanna, mina


def goes_on_by_her_answer(app, pair) -> None:
    """She stops contact in a trial, is written to, thinks better of it, and the trial settles."""
    _told, _hanna, mina = stopped_by_mina(app, pair, is_asked=True)
    everything_happens(app, pair)
    with app.app_context(), writing() as db:
        trial.answer(db, mina, relationship_id=pair.id, goes_on=True)
    settle(app)


def settle(app) -> None:
    clock.configure((clock.now() + timedelta(days=9)).isoformat())
    with app.app_context(), writing() as db:
        trial.settle(db)


def goes_on_by_resuming(app, pair) -> None:
    _told, _hanna, mina = stopped_by_mina(app, pair, state=RelationshipState.ACTIVE)
    with app.app_context(), writing() as db:
        pausing.resume(db, mina, relationship_id=pair.id)


def goes_on_by_reopening(app, pair) -> None:
    """The pair that rests ends as well, and she thinks better of it."""
    _told, _hanna, mina = stopped_by_mina(app, pair, state=RelationshipState.ACTIVE)
    with app.app_context(), writing() as db:
        closing.end(db, mina, relationship_id=pair.id)
        assert reopening.reopen(db, mina, relationship_id=pair.id)


@pytest.mark.parametrize(
    "goes_on", [goes_on_by_her_answer, goes_on_by_resuming, goes_on_by_reopening]
)
def test_whatever_happens_reaches_her_once_the_pair_goes_on(app, pair, goes_on):
    goes_on(app, pair)
    with app.app_context():
        deliver()
    before = inbox(app, "mina@t.example")
    with app.app_context():
        with writing() as db:
            found = db.get_one(Relationship, pair.id)
            assert found.state is RelationshipState.ACTIVE
            say(db, found, "Shall we go on?")
            meeting = plan_session(db, found, clock.now() + timedelta(days=9))
        deliver()
        listed = calendar_meetings(reading(), mina_of(reading()), clock.now())
        assert meeting.id in [each.id for each in listed]
    told = Counter(inbox(app, "mina@t.example")) - Counter(before)
    assert {"There is a message for you", "A session is planned"} <= set(told)
    talk = Browser(app).sign_in("mina@t.example").get(f"/mentoring/{pair.id}/messages")
    assert talk.has("Shall we go on?") and not talk.has("held")
    with app.app_context(), writing() as db:
        contact.keep_resting(db)
        assert not db.scalars(select(Concern)).one().keeps_rest, "a later pause is only a pause"


def test_a_pair_that_is_to_rest_later_hides_nothing_she_has_had(app, pair):
    with app.app_context(), writing() as db:
        found, mina = db.get_one(Relationship, pair.id), mina_of(db)
        hanna = db.scalars(select(Person.id).where(Person.name == "Hanna Handler")).one()
        found.state = RelationshipState.ACTIVE
        told = make_concern(db, mina, [hanna], pair_id=pair.id)
        with clock.frozen(MONDAY + timedelta(hours=1)):
            say(db, found, "Where are you?")
        handling.take(db, hanna, concern_id=told.id)
        rests = Outcome.CONTACT_RESTS
        handling.decide(db, hanna, concern_id=told.id, outcome=rests, text="We let it rest.")
        assert found.state is RelationshipState.PAUSED
    talk = Browser(app).sign_in("mina@t.example").get(f"/mentoring/{pair.id}/messages")
    assert talk.has("Where are you?") and not talk.has("nobody else can see that")


def test_of_a_session_that_was_held_she_hears_no_cancellation_either(app, pair):
    with app.app_context():
        with writing() as db:
            known = plan_session(db, db.get_one(Relationship, pair.id))
        deliver()
    stopped_by_mina(app, pair)
    before = inbox(app, "mina@t.example")
    with app.app_context():
        with writing() as db:
            found = db.get_one(Relationship, pair.id)
            omar = found.others(mina_of(db))[0].person_id
            held, later = (plan_session(db, found, MONDAY + days * DAY) for days in (3, 30))
        deliver()
        with writing() as db:
            sessions.cancel(db, omar, session_id=held.id)
        deliver()
        assert inbox(app, "mina@t.example") == before
        assert inbox(app, "omar@t.example").count("A session was canceled") == 1
        with writing() as db:
            sessions.cancel(db, omar, session_id=known.id)
        deliver()
    assert inbox(app, "mina@t.example").count("A session was canceled") == 1, "it stood in hers"
    settle(app)
    with app.app_context():
        deliver()
        assert reading().get_one(Meeting, later.id).state is SessionState.CANCELED
    assert inbox(app, "mina@t.example").count("A session was canceled") == 1
    assert inbox(app, "omar@t.example").count("A session was canceled") == 3


@pytest.mark.parametrize("is_asked", [True, False])
def test_handlers_cannot_lift_in_a_trial_what_its_people_answered(app, pair, is_asked):
    told, hanna, _mina = stopped_by_mina(app, pair, is_asked=is_asked)
    with app.test_request_context():
        found = reading().get_one(Relationship, pair.id)
        concern = queries.in_full(reading(), told)
        offered = {value for value, _words in desk.decision_form(concern).outcome.choices}
        assert not offered & {Outcome.CONTACT_LIFTED, Outcome.CONTACT_RESTS}
        found.state = RelationshipState.ACTIVE
        offered = {value for value, _words in desk.decision_form(concern).outcome.choices}
        assert Outcome.CONTACT_RESTS in offered
        reading().expire(found)
    with app.app_context(), pytest.raises(Refused), writing() as db:
        lifted = Outcome.CONTACT_LIFTED
        handling.decide(db, hanna, concern_id=told, outcome=lifted, text="Go on, then.")
    with app.app_context():
        assert reading().get_one(Concern, told).state is ConcernState.TRIAGED


def test_a_trial_that_handlers_end_stays_stopped_for_her_until_its_instant(app, pair):
    raised, hanna, _mina = stopped_by_mina(app, pair)
    with app.app_context(), writing() as db:
        ended, code = Outcome.PAIR_ENDED, EndingCode.SCHEDULES
        handling.decide(db, hanna, concern_id=raised, outcome=ended, text="We end it.", code=code)
        handling.close(db, hanna, concern_id=raised)
    before = inbox(app, "mina@t.example")
    everything_happens(app, pair)
    assert Counter(inbox(app, "mina@t.example")) == Counter(before)
    assert "A session is planned" in inbox(app, "omar@t.example")
    talk = Browser(app).sign_in("mina@t.example").get(f"/mentoring/{pair.id}/messages")
    assert not talk.has("Where are you?")
