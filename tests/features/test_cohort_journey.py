"""The main job, from a template to "we met", twice: by a plain browser and with htmx."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
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
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person

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
def people(app):
    with app.app_context():
        with writing() as db:
            make_person(db, "Amara Okafor", "amara@demo.example", PASSWORD, ("program_manager",))
            make_person(
                db,
                "Bo Lindqvist",
                "bo@demo.example",
                PASSWORD,
                level=2,
                department="Engineering",
                function="Engineering",
                zone="Europe/Stockholm",
            )
            make_person(
                db,
                "Chen Li-hua",
                "chen@demo.example",
                PASSWORD,
                level=5,
                department="Product",
                function="Product",
                zone="Asia/Tokyo",
            )
        end_reading()


def mails(app: flask.Flask) -> list[str]:
    folder: Path = app.extensions["settings"].data_dir / "outbox"
    return [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.eml"))]


def mailed_link(app: flask.Flask, pattern: str) -> str:
    found = [m for text in mails(app) for m in re.findall(pattern, text.replace("=\n", ""))]
    assert found, f"no mail with {pattern}: {mails(app)}"
    return found[-1].replace("=3D", "=")


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_a_cohort_goes_from_template_to_a_session_that_people_say_was_held(
    app, people, clockwork, htmx
):
    amara = Browser(app, htmx=htmx).sign_in("amara@demo.example")
    start_program(amara)
    bo = Browser(app, htmx=htmx).sign_in("bo@demo.example")
    chen = Browser(app, htmx=htmx).sign_in("chen@demo.example")
    enroll(bo, "mentee", q_skills_wanted=["strategy", "coaching"], q_goals_wanted=["next_level"])
    enroll(
        chen, "mentor", q_skills_offered=["strategy"], q_goals_offered=["next_level"], capacity="2"
    )

    match_and_publish(app, amara, clockwork)
    accept_offer(app, bo, clockwork)
    plan_first_session(bo)
    remind_and_ask(app, clockwork)
    say_met(app, clockwork)


def start_program(amara: Browser) -> None:
    amara.get("/programs/").click("Start a program").click("Career Growth")
    amara.submit("Create the program", cohort_title="Spring")
    assert amara.has("What comes next"), amara.text
    amara.submit("Mark as ready", reason="Mentors enroll next week.")
    amara.submit("Open enrollment")
    assert amara.has("Enrolling")


def enroll(person: Browser, role: str, **answers: object) -> None:
    person.get("/programs/").click("Career Growth")
    person.click("Enroll")
    person.get(dict(person.links())[role.title()])
    who = person.text.index("Who will learn of it")
    assert who < person.text.index("Which skills"), "said before the first field"
    person.submit("Save", languages=["en"], b_belonging="4", **answers)
    assert person.has("Ready for matching"), person.text


def match_and_publish(app: flask.Flask, amara: Browser, clockwork: Clockwork) -> None:
    amara.get("/programs/").click("Career Growth").click("Open the desk")
    amara.submit("Close enrollment and match")
    amara.submit("Find matches")
    assert amara.has("Waiting for the worker"), amara.text
    with app.app_context():
        run_id = reading().scalars(select(MatchRun.id)).one()
        end_reading()
        run_match(str(run_id))
        end_reading()
    amara.get(f"/programs/runs/{run_id}/")
    assert amara.has("Bo Lindqvist – Chen Li-hua") and amara.has("Strategy"), amara.text
    amara.submit("Publish")
    assert amara.has("Nothing has left yet")
    clockwork.work()
    assert not [m for m in mails(app) if "offers/" in m], "nothing leaves within the recall window"
    clockwork.later(minutes=31)
    clockwork.work()
    assert amara.get(f"/programs/runs/{run_id}/").has("The offers have gone out")


def accept_offer(app: flask.Flask, bo: Browser, clockwork: Clockwork) -> None:
    assert bo.get("/").has("Would you like to meet Chen Li-hua?"), bo.text
    bo.click("Would you like to meet Chen Li-hua?")
    assert bo.has("Why we suggest you to each other") and bo.has("Strategy")
    bo.submit("Yes, I would like to")
    assert bo.url.startswith("/mentoring/"), bo.url
    assert bo.has("Foundations and goals") and bo.has("Plan your next session")
    clockwork.work()
    assert any("Subject: You have somebody to meet" in text for text in mails(app))


def plan_first_session(bo: Browser) -> None:
    bo.submit(
        "Plan the session", day="2026-11-26", time="14:00", zone="Europe/Stockholm", place="Room 4"
    )
    assert bo.has("The session is planned") and bo.has("Room 4"), bo.text


def remind_and_ask(app: flask.Flask, clockwork: Clockwork) -> None:
    clockwork.at(datetime(2026, 11, 25, 13, 1, tzinfo=UTC))
    clockwork.work()
    reminders = [text for text in mails(app) if "Your session is coming up" in text]
    assert {re.search(r"^To: .*?([\w]+)@", text, re.M)[1] for text in reminders} == {"bo", "chen"}
    clockwork.at(datetime(2026, 11, 26, 16, 1, tzinfo=UTC))
    clockwork.work()


def say_met(app: flask.Flask, clockwork: Clockwork) -> None:
    path = mailed_link(app, r"(/mentoring/met/[\w.\-=]+)")
    phone = Browser(app)
    phone.get(path)
    assert phone.has("Did you meet?")
    assert state_of(app) is SessionState.DUE, "opening the link says nothing"
    phone.submit("We met")
    assert phone.has("You answered: We met"), phone.text
    assert state_of(app) is SessionState.CLAIMED
    assert Browser(app).get(path).has("You answered: We met"), "the link has done its work"


def state_of(app: flask.Flask) -> SessionState:
    with app.app_context():
        state = reading().scalars(select(Meeting.state)).one()
        end_reading()
    return state
