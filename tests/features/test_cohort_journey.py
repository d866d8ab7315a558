"""The main job, from a template to "we met": by a plain browser and with htmx, in each language.

The seeded cohort walks on. One walk, the Arabic one, has a broker, a worker and a mail server of
its own; in the others the test does the worker's work and mail stays in files.
"""

from __future__ import annotations

import email
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from functools import partial
from pathlib import Path
from uuid import UUID

import flask
import pytest
from redis import Redis
from sqlalchemy import select

from app.accounts.models import Person
from app.core import clock, delivery, jobs
from app.core.database import end_reading, reading, writing
from app.mentoring.models import Meeting
from app.mentoring.rules import SessionState
from app.operations import worker
from app.programs.jobs import run_match
from tests.client import Browser, said
from tests.operations.stage import Broker, Sink

Say = Callable[..., str]
SWEEPS = ("publish_runs", "expire_offers", "pass_sessions")
TITLE = "Growth in spring"


class Office:
    """What runs behind the pages: the clock, the worker's work, and mail in files."""

    def __init__(self, app: flask.Flask) -> None:
        self.app = app

    def at(self, instant: datetime) -> None:
        clock.configure(instant.isoformat())

    def later(self, **units: int) -> None:
        self.at(clock.now() + timedelta(**units))

    def match(self, run_id: str) -> None:
        with self.app.app_context():
            run_match(run_id)
            end_reading()

    def work(self) -> None:
        with self.app.app_context():
            for name in SWEEPS:
                jobs.sweeps[name].run()
            for name in ("mail", "in_app"):
                while not delivery.deliver(name):
                    pass
            end_reading()

    def mails(self) -> list[EmailMessage]:
        """What has left so far, the oldest first."""
        folder: Path = self.app.extensions["settings"].data_dir / "outbox"
        return [_mail(path.read_bytes()) for path in sorted(folder.glob("*.eml"))]


class Postbox(Sink):
    """A mail server that keeps what it takes."""

    def __init__(self) -> None:
        super().__init__(seconds=0)
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, server, session, envelope) -> str:
        self.mails.append(_mail(envelope.content))
        return await super().handle_DATA(server, session, envelope)


class RealOffice(Office):
    """The same by a real broker, an rq worker that performs its jobs, and mail over SMTP."""

    def __init__(self, app: flask.Flask, folder: Path) -> None:
        super().__init__(app)
        self.broker, self.postbox = Broker(folder), Postbox()
        self.broker.start()
        self.postbox.controller.start()
        addresses = {"redis_url": self.broker.url, "mail_url": self.postbox.url}
        app.extensions["settings"] = replace(app.extensions["settings"], **addresses)

    def match(self, run_id: str) -> None:
        self._hire()

    def work(self) -> None:
        with Redis.from_url(self.broker.url) as connection:
            for name in (*SWEEPS, "wake_deliveries"):
                worker._job_of(name, 60).enqueue(connection)
        self._hire()

    def _hire(self) -> None:
        """A worker, forked as the supervisor forks it, until the queues are empty."""
        pid = os.fork()
        if pid == 0:
            worker.use(self.app)
            worker.work(burst=True)
            os._exit(0)
        assert os.waitpid(pid, 0)[1] == 0
        with Redis.from_url(self.broker.url) as connection:
            assert not connection.keys("rq:failed:*")

    def mails(self) -> list[EmailMessage]:
        return self.postbox.mails

    def close(self) -> None:
        self.postbox.controller.stop()
        self.broker.stop()


def _mail(content: bytes) -> EmailMessage:
    return email.message_from_bytes(content, policy=default)


def words(mail: EmailMessage) -> str:
    return mail.get_body(("plain",)).get_content()


@pytest.fixture
def office(demo, is_real, tmp_path) -> Iterator[Office]:
    office = RealOffice(demo, tmp_path / "broker") if is_real else Office(demo)
    yield office
    if isinstance(office, RealOffice):
        office.close()


@pytest.fixture
def people(demo, lang) -> None:
    """Amara, Bo, Chen and Elena read the same language."""
    with demo.app_context():
        with writing() as db:
            wanted = [f"{name}@demo.example" for name in ("amara", "bo", "chen", "elena")]
            for person in db.scalars(select(Person).where(Person.email.in_(wanted))):
                person.locale = lang
        end_reading()


@pytest.mark.parametrize(
    ("htmx", "lang", "is_real"),
    [(False, "en", False), (True, "en", False), (False, "ar", True), (True, "es", False)],
    ids=["plain-en", "htmx-en", "plain-ar-worker-smtp", "htmx-es"],
)
def test_from_a_template_and_the_seeded_cohort_to_a_session_that_people_say_was_held(
    demo, people, office, htmx, lang
):
    say = partial(said, demo, lang)
    amara, bo, elena = (
        Browser(demo, htmx=htmx).sign_in(f"{name}@demo.example")
        for name in ("amara", "bo", "elena")
    )
    start_program(amara, say)
    enroll(elena, say)

    match_and_publish(amara, say, office)
    accept_offer(bo, say, office)
    set_goal(bo, say)
    plan_first_session(bo, say)
    remind_and_ask(bo, say, office)
    say_met(demo, bo.url, say, lang, office)


def start_program(amara: Browser, say: Say) -> None:
    amara.get("/programs/").click(say("Start a program")).click(say("Career Growth"))
    amara.submit(say("Create the program"), title=TITLE, cohort_title="Spring")
    assert amara.has(say("What comes next")), amara.text
    amara.submit(say("Mark as ready"), reason="Mentors enroll next week.")
    amara.submit(say("Open enrollment"))
    assert amara.has(say("Enrolling"))


def enroll(person: Browser, say: Say) -> None:
    """What is kept of it stands before the questions, those of the baseline among them."""
    person.get("/programs/").click(TITLE)
    person.click(say("Enroll"))
    person.get(dict(person.links())[say("Mentee")])
    first = say("Which skills do you want to grow?")
    assert person.text.index(say("Who will learn of it")) < person.text.index(first)
    wishes = {"q_skills_wanted": ["strategy", "coaching"], "q_goals_wanted": ["next_level"]}
    person.submit(say("Save"), languages=["en"], b_belonging="4", **wishes)
    assert person.has(say("Ready for matching")), person.text


def match_and_publish(amara: Browser, say: Say, office: Office) -> None:
    """The cohort of the demo company whose enrollment is over."""
    amara.get("/programs/career-growth/manage/").submit(say("Find matches"))
    run, _, _ = amara.url.partition("?")
    assert amara.has(say("Waiting for the worker")), amara.text
    assert say("Waiting for the worker") in amara.fragment(run), "the page asks how far it is"
    office.match(run.split("/")[-2])
    amara.get(run).submit(say("Search"), action=run, q="Bo Lindqvist")
    amara.click("Bo Lindqvist – Chen Li-hua")
    assert amara.has(say("What speaks for it")) and amara.has(shared_skills(say)), amara.text
    before = offered(office)
    amara.get(run).submit(say("Publish"))
    office.work()
    assert offered(office) == before, "nothing leaves within the recall window"
    office.later(minutes=31)
    office.work()
    assert amara.get(run).has(say("The offers have gone out."))
    assert offered(office) > before


def shared_skills(say: Say) -> str:
    """How the reason begins that speaks for Bo and Chen."""
    whole = say("%(label)s in common: %(items)s", label=say("Skills"), items="|")
    return whole.partition("|")[0]


def offered(office: Office) -> int:
    return sum("bo@" in mail["To"] and "offers/" in words(mail) for mail in office.mails())


def accept_offer(bo: Browser, say: Say, office: Office) -> None:
    question = say("Would you like to meet %(name)s?", name="Chen Li-hua")
    assert bo.get("/").has(question), bo.text
    bo.click(question)
    assert bo.has(say("Why we suggest you to each other")) and bo.has(shared_skills(say)), bo.text
    bo.submit(say("Yes, I would like to"))
    no_goal = say("No goal yet. One good goal with a first step is enough to begin.")
    assert bo.url.startswith("/mentoring/"), bo.url
    assert bo.has(say("Plan your next session")) and bo.has(no_goal), bo.text
    assert 'id="guide"' in bo.html
    office.work()
    told = [
        mail["To"] for mail in office.mails() if mail["Subject"] == say("You have somebody to meet")
    ]
    assert any("chen@" in address for address in told), told


def set_goal(bo: Browser, say: Say) -> None:
    workspace = bo.url
    bo.click(say("Set a goal"))
    goal = {"text": "Speak at the all-hands", "steps": "Ask for a slot\nRehearse with Chen"}
    bo.submit(say("Set the goal"), **goal, target_on="2027-02-01")
    assert bo.has(say("Your goal is set.")), bo.text
    assert bo.get(workspace).has("Speak at the all-hands") and bo.has("Ask for a slot")


def plan_first_session(bo: Browser, say: Say) -> None:
    when = {"day": "2026-11-05", "time": "14:00", "zone": "Europe/Stockholm"}
    bo.submit(say("Plan the session"), **when, place="Room 4")
    assert bo.has(say("The session is planned. Everybody gets reminders.")), bo.text
    assert bo.has("Room 4")


def remind_and_ask(bo: Browser, say: Say, office: Office) -> None:
    """Each is reminded by mail and in the app; after the session they are asked."""
    reminder = say("Your session is coming up")
    workspace = bo.url
    assert not bo.get("/notifications/").has(reminder)
    office.at(datetime(2026, 11, 4, 13, 1, tzinfo=UTC))
    office.work()
    reminded = [
        mail["To"] for mail in office.mails() if reminder in f"{mail['Subject']} {words(mail)}"
    ]
    who = re.findall(r"(bo|chen)@", " ".join(reminded))
    assert sorted(who) == ["bo", "chen"], reminded
    assert bo.get("/notifications/").has(reminder), bo.text
    office.at(datetime(2026, 11, 5, 16, 1, tzinfo=UTC))
    office.work()
    bo.get(workspace)


def say_met(app: flask.Flask, workspace: str, say: Say, lang: str, office: Office) -> None:
    """On a phone that nobody is signed in on: in the language and the hours of who was asked."""
    links = [
        link
        for mail in office.mails()
        if "bo@" in mail["To"]
        for link in re.findall(r"(/mentoring/met/[\w.\-=]+)", words(mail))
    ]
    phone = Browser(app)
    phone.get(links[-1])
    assert phone.has(say("Did you meet?")) and f'lang="{lang}"' in phone.html
    assert phone.headers["Content-Language"] == lang
    assert re.search(r"\b(14:00|2:00)", phone.text), "Stockholm's hour, not the server's"
    assert state_of(app, workspace) is SessionState.DUE, "opening the link says nothing"
    phone.submit(say("We met"))
    answered = say("You answered: %(answer)s", answer=say("We met"))
    assert phone.has(answered), phone.text
    assert state_of(app, workspace) is SessionState.CLAIMED
    assert Browser(app).get(links[-1]).has(answered), "the link has done its work"


def state_of(app: flask.Flask, workspace: str) -> SessionState:
    """Of the session of a workspace."""
    pair = UUID(workspace.split("/")[2])
    with app.app_context():
        found = select(Meeting.state).where(Meeting.relationship_id == pair)
        state = reading().scalars(found).one()
        end_reading()
    return state
