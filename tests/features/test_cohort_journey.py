"""The main job, from a template to "we met": by a plain browser and with htmx, in each language."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import partial
from pathlib import Path

import flask
import pytest
from sqlalchemy import select

from app.core import clock, delivery
from app.core.database import end_reading, reading, writing
from app.mentoring.jobs import pass_sessions
from app.mentoring.models import Meeting
from app.mentoring.rules import SessionState
from app.programs.jobs import expire_offers, publish_runs, run_match
from app.programs.models import MatchRun
from tests.client import PASSWORD, Browser, said
from tests.factories.accounts import make_person

Say = Callable[..., str]
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)


class Clockwork:
    """Moves the app's clock; `work` runs what a worker would run then."""

    def __init__(self, app: flask.Flask) -> None:
        self.app = app

    def at(self, instant: datetime) -> None:
        clock.configure(instant.isoformat())

    def later(self, **units: int) -> None:
        self.at(clock.now() + timedelta(**units))

    def work(self) -> None:
        with self.app.app_context():
            publish_runs()
            expire_offers()
            pass_sessions()
            for name in ("mail", "in_app"):
                delivery.deliver(name)
            end_reading()


@pytest.fixture
def clockwork(app):
    moves = Clockwork(app)
    moves.at(MONDAY)
    yield moves
    clock.configure(None)


@pytest.fixture
def people(app, lang):
    """An organizer, a mentee and a mentor, who all read the same language."""
    bo = {"level": 2, "department": "Engineering", "function": "Engineering"}
    chen = {"level": 5, "department": "Product", "function": "Product"}
    with app.app_context():
        with writing() as db:
            for name, roles, more in (
                ("Amara Okafor", ("program_manager",), {}),
                ("Bo Lindqvist", (), {**bo, "zone": "Europe/Stockholm"}),
                ("Chen Li-hua", (), {**chen, "zone": "Asia/Tokyo"}),
            ):
                address = f"{name.split()[0].lower()}@demo.example"
                make_person(db, name, address, PASSWORD, roles, locale=lang, **more)
        end_reading()


def mails(app: flask.Flask) -> list[EmailMessage]:
    """What has left so far, the oldest first."""
    folder: Path = app.extensions["settings"].data_dir / "outbox"
    files = sorted(folder.glob("*.eml"))
    return [message_from_bytes(path.read_bytes(), policy=default) for path in files]


def words(mail: EmailMessage) -> str:
    return mail.get_body(("plain",)).get_content()


@pytest.mark.parametrize(
    ("htmx", "lang"), [(False, "en"), (True, "en"), (False, "ar"), (True, "es")]
)
def test_a_cohort_goes_from_template_to_a_session_that_people_say_was_held(
    app, people, clockwork, htmx, lang
):
    say = partial(said, app, lang)
    amara, bo, chen = (
        Browser(app, htmx=htmx).sign_in(f"{name}@demo.example") for name in ("amara", "bo", "chen")
    )
    start_program(amara, say)
    wishes = {"q_skills_wanted": ["strategy", "coaching"], "q_goals_wanted": ["next_level"]}
    enroll(bo, say, "Mentee", **wishes)
    offers = {"q_skills_offered": ["strategy"], "q_goals_offered": ["next_level"]}
    enroll(chen, say, "Mentor", **offers, capacity="2")

    match_and_publish(app, amara, say, clockwork)
    accept_offer(app, bo, say, clockwork)
    plan_first_session(bo, say)
    remind_and_ask(app, say, clockwork)
    read_in_the_app(bo, say)
    say_met(app, say, lang)


def start_program(amara: Browser, say: Say) -> None:
    amara.get("/programs/").click(say("Start a program")).click(say("Career Growth"))
    amara.submit(say("Create the program"), cohort_title="Spring")
    assert amara.has(say("What comes next")), amara.text
    amara.submit(say("Mark as ready"), reason="Mentors enroll next week.")
    amara.submit(say("Open enrollment"))
    assert amara.has(say("Enrolling"))


def enroll(person: Browser, say: Say, role: str, **answers: object) -> None:
    person.get("/programs/").click(say("Career Growth"))
    person.click(say("Enroll"))
    person.get(dict(person.links())[say(role)])
    asked = {"Mentee": "Which skills do you want to grow?"}
    first = say(asked.get(role, "Which skills can you help with?"))
    assert person.text.index(say("Who will learn of it")) < person.text.index(first)
    person.submit(say("Save"), languages=["en"], b_belonging="4", **answers)
    assert person.has(say("Ready for matching")), person.text


def match_and_publish(app: flask.Flask, amara: Browser, say: Say, clockwork: Clockwork) -> None:
    amara.get("/programs/").click(say("Career Growth")).click(say("Open the desk"))
    amara.submit(say("Close enrollment and match"))
    amara.submit(say("Find matches"))
    assert amara.has(say("Waiting for the worker")), amara.text
    with app.app_context():
        run_id = reading().scalars(select(MatchRun.id)).one()
        end_reading()
        run_match(str(run_id))
        end_reading()
    amara.get(f"/programs/runs/{run_id}/")
    assert amara.has("Bo Lindqvist – Chen Li-hua") and amara.has(say("Strategy")), amara.text
    amara.submit(say("Publish"))
    clockwork.work()
    gone = [mail for mail in mails(app) if "offers/" in words(mail)]
    assert gone == [], "nothing leaves within the recall window"
    clockwork.later(minutes=31)
    clockwork.work()
    assert amara.get(f"/programs/runs/{run_id}/").has(say("The offers have gone out."))


def accept_offer(app: flask.Flask, bo: Browser, say: Say, clockwork: Clockwork) -> None:
    question = say("Would you like to meet %(name)s?", name="Chen Li-hua")
    assert bo.get("/").has(question), bo.text
    bo.click(question)
    assert bo.has(say("Why we suggest you to each other")) and bo.has(say("Strategy"))
    bo.submit(say("Yes, I would like to"))
    assert bo.url.startswith("/mentoring/"), bo.url
    assert bo.has(say("Plan your next session"))
    clockwork.work()
    assert say("You have somebody to meet") in {mail["Subject"] for mail in mails(app)}


def plan_first_session(bo: Browser, say: Say) -> None:
    when = {"day": "2026-11-26", "time": "14:00", "zone": "Europe/Stockholm"}
    bo.submit(say("Plan the session"), **when, place="Room 4")
    assert bo.has(say("The session is planned. Everybody gets reminders.")), bo.text
    assert bo.has("Room 4")


def remind_and_ask(app: flask.Flask, say: Say, clockwork: Clockwork) -> None:
    clockwork.at(datetime(2026, 11, 25, 13, 1, tzinfo=UTC))
    clockwork.work()
    reminder = say("Your session is coming up")
    reminded = [mail["To"] for mail in mails(app) if reminder in f"{mail['Subject']} {words(mail)}"]
    assert sorted(re.findall(r"(\w+)@", " ".join(reminded))) == ["bo", "chen"]
    clockwork.at(datetime(2026, 11, 26, 16, 1, tzinfo=UTC))
    clockwork.work()


def read_in_the_app(bo: Browser, say: Say) -> None:
    assert bo.get("/notifications/").has(say("Your session is coming up")), bo.text


def say_met(app: flask.Flask, say: Say, lang: str) -> None:
    """On a phone that nobody is signed in on: in the language and the hours of who was asked."""
    links = [
        link
        for mail in mails(app)
        if "bo@" in mail["To"]
        for link in re.findall(r"(/mentoring/met/[\w.\-=]+)", words(mail))
    ]
    phone = Browser(app)
    phone.get(links[-1])
    assert phone.has(say("Did you meet?")) and f'lang="{lang}"' in phone.html
    assert phone.headers["Content-Language"] == lang
    assert re.search(r"\b(14:00|2:00)", phone.text), "Stockholm's hour, not the server's"
    assert state_of(app) is SessionState.DUE, "opening the link says nothing"
    phone.submit(say("We met"))
    answered = say("You answered: %(answer)s", answer=say("We met"))
    assert phone.has(answered), phone.text
    assert state_of(app) is SessionState.CLAIMED
    assert Browser(app).get(links[-1]).has(answered), "the link has done its work"


def state_of(app: flask.Flask) -> SessionState:
    with app.app_context():
        state = reading().scalars(select(Meeting.state)).one()
        end_reading()
    return state
