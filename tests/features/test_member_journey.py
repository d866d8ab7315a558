"""Bo finds a group, joins it unseen, comes to its kickoff and is reminded at his own time."""

from __future__ import annotations

import email
import email.policy
from datetime import datetime, timedelta
from pathlib import Path

import flask
import pytest
from icalendar import Calendar
from sqlalchemy import select

from app.accounts.models import Person
from app.core import clock, delivery
from app.core.database import end_reading, reading, writing
from app.events.models import EventText, Occurrence
from tests.client import Browser, said

# What Bo looks for; each language finds the group by another language's word.
QUERIES = {"en": "نساء", "es": "women", "ar": "mujeres"}


def _kickoff(app: flask.Flask) -> tuple[str, datetime]:
    """The women's kickoff: its path and start."""
    with app.app_context():
        row = (
            reading()
            .execute(
                select(Occurrence.id, Occurrence.starts_at)
                .join(EventText, EventText.event_id == Occurrence.event_id)
                .where(EventText.locale == "en", EventText.title.startswith("Kickoff"))
            )
            .one()
        )
        return f"/events/{row[0]}/", row[1]


def _speak(app: flask.Flask, tag: str) -> None:
    with app.app_context(), writing() as db:
        bo = db.scalars(select(Person).where(Person.email == "bo@demo.example")).one()
        bo.locale = tag


def _mails_to_bo(app: flask.Flask) -> dict[str, email.message.EmailMessage]:
    """Every mail to Bo by Message-ID."""
    folder = Path(app.extensions["settings"].data_dir) / "outbox"
    parse = email.message_from_bytes
    mails = [parse(path.read_bytes(), policy=email.policy.default) for path in folder.glob("*.eml")]
    return {str(mail["Message-ID"]): mail for mail in mails if "bo@demo.example" in str(mail["To"])}


def _words(mail: email.message.EmailMessage) -> str:
    return "".join(
        part.get_content() for part in mail.walk() if part.get_content_type() == "text/plain"
    )


def _deliver(app: flask.Flask) -> None:
    with app.app_context():
        for name in ("mail", "in_app"):
            while not delivery.deliver(name):
                pass
        end_reading()


@pytest.mark.parametrize("lang", QUERIES)
@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_from_the_directory_to_the_reminder(demo, lang, htmx):
    def say(sentence: str) -> str:
        return said(demo, lang, sentence)

    path, start = _kickoff(demo)
    _speak(demo, lang)
    bo = Browser(demo, htmx=htmx).sign_in("bo@demo.example")

    bo.get("/ergs/")
    bo.submit(action="/ergs/", q=QUERIES[lang])
    bo.get(next(href for _, href in bo.links() if href == "/ergs/women/"))
    bo.submit(say("Join"), visibility="nobody")
    assert bo.has(say("You belong to this group"))

    colleague = Browser(demo).sign_in("elena@demo.example").get("/ergs/women/members/")
    lead = Browser(demo).sign_in("dalia@demo.example").get("/ergs/women/members/")
    assert "Bo Lindqvist" not in colleague.html + lead.html

    bo.get(path)
    bo.submit(say("I am coming"), visibility="nobody")
    assert bo.has(say("You are going"))
    entry = bo.client.get(f"{path}calendar.ics")
    calendar = Calendar.from_ical(entry.get_data())
    events = list(calendar.walk("VEVENT"))
    assert len(events) == 1 and events[0]["DTSTART"].dt == start
    assert list(calendar.walk("VTIMEZONE")), "the zone's rules travel with the entry"

    _deliver(demo)
    before = _mails_to_bo(demo)
    clock.configure((start - timedelta(hours=24) + timedelta(minutes=1)).isoformat())
    _deliver(demo)
    _deliver(demo)
    new = [mail for key, mail in _mails_to_bo(demo).items() if key not in before]
    reminders = [mail for mail in new if path in _words(mail)]
    text = " ".join(_words(mail) for mail in reminders)
    assert len(reminders) == 1, "one reminder, however often the worker runs"
    hour = start.astimezone(clock.zone("Europe/Stockholm")).strftime("%H" if lang == "es" else "%I")
    assert hour.lstrip("0") in text, text
    inbox = Browser(demo).sign_in("bo@demo.example").get("/notifications/")
    assert inbox.status == 200 and inbox.has(str(reminders[0]["Subject"]))


def test_a_member_who_withdraws_is_not_reminded(demo):
    path, start = _kickoff(demo)
    bo = Browser(demo).sign_in("bo@demo.example").get(path)
    bo.submit("I am coming", visibility="nobody")
    bo.submit("I cannot come")
    _deliver(demo)
    before = _mails_to_bo(demo)
    clock.configure((start - timedelta(minutes=59)).isoformat())
    _deliver(demo)
    new = [mail for key, mail in _mails_to_bo(demo).items() if key not in before]
    assert not [mail for mail in new if path in _words(mail)]
