"""What somebody notes for themselves or writes to a partner stands in its own table alone."""

from __future__ import annotations

import io
import logging
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import flask
import pytest
import structlog
import structlog.testing
from rq import Queue
from sqlalchemy import inspect, text

from app.core import clock, jobs
from app.ergs.rules import RoleName
from app.mentoring.rules import NoteScope
from app.operations import worker
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg, make_role
from tests.factories.events import make_event
from tests.factories.mentoring import make_note, make_pair, plan_session
from tests.factories.programs import make_cohort

NOTE, MESSAGE = "kestrel-over-the-quarry", "lantern-under-the-bridge"
WORDS = (NOTE.encode(), MESSAGE.encode())
THEIR_OWN = {"note", "note_version", "pair_message"}
RUNS = ("amara@t.example", "farid@t.example")


@pytest.fixture
def environ(environ, broker_url):
    return {**environ, "REDIS_URL": broker_url}


@pytest.fixture
def arguments(write) -> dict[str, object]:
    """A pair with a note, what organizers run around it, and a group with an event."""
    with write() as db:
        amara = make_person(db, "Amara Okafor", RUNS[0], PASSWORD, ("program_manager",))
        make_person(db, "Farid Haddadin", RUNS[1], PASSWORD, ("org_admin", "hr_analyst"))
        mina = make_person(db, "Mina Mentee", "mina@t.example", PASSWORD)
        omar = make_person(db, "Omar Mentor", "omar@t.example", PASSWORD)
        pair = make_pair(db, mina, omar, make_cohort(db, "active", amara))
        mine = next(n for n, m in enumerate(pair.members) if m.person_id == mina.id)
        note = make_note(db, pair, "First words", NoteScope.OWN, by=mine)
        erg = make_erg(db, "women", lead=amara.id)
        make_role(db, erg, amara.id, RoleName.TREASURER)
        return {
            "relationship_id": pair.id,
            "cohort_id": pair.cohort_id,
            "session_id": plan_session(db, pair).id,
            "note_id": note.id,
            "slug": erg.slug,
            "occurrence_id": make_event(db, erg, "Evening").id,
        }


def write_as_people_do(app: flask.Flask, arguments: dict[str, object]) -> None:
    """Mina notes something for herself alone and writes a message, on the pages."""
    mina = Browser(app, lang="en").sign_in("mina@t.example")
    pair = f"/mentoring/{arguments['relationship_id']}/"
    mina.get(f"{pair}messages").submit("Send", text=MESSAGE)
    assert mina.has(MESSAGE)
    mina.get(f"/mentoring/notes/{arguments['note_id']}").submit("Save", text=NOTE)
    assert mina.has(NOTE)


def work(app: flask.Flask) -> None:
    """All sweeps a day later as the worker runs them, and what is to be delivered then."""
    with clock.frozen(clock.now() + timedelta(days=1)):
        for name in (*(name for name, _ in jobs.sweeps), "deliver_in_app", "deliver_mail"):
            worker.perform(name)


def queued(app: flask.Flask) -> list[bytes]:
    """What the broker was given: names and arguments of jobs."""
    with app.app_context():
        queues = [Queue(q, connection=jobs.broker(), serializer="json") for q in jobs.QUEUES]
        return [
            repr((job.args, job.kwargs, job.description)).encode() for q in queues for job in q.jobs
        ]


def files(app: flask.Flask, arguments: dict[str, object]) -> Iterator[tuple[str, bytes]]:
    """Every file that who runs the program or the company can download about this world."""
    adapter = app.url_map.bind("localhost")
    for email in RUNS:
        client = Browser(app).sign_in(email).client
        for rule in app.url_map.iter_rules():
            if "GET" not in (rule.methods or ()) or not rule.arguments <= set(arguments):
                continue
            path = adapter.build(rule.endpoint, {n: arguments[n] for n in rule.arguments})
            answer = client.get(path)
            assert not any(word in answer.data for word in WORDS), (email, path)
            if "attachment" in answer.headers.get("Content-Disposition", ""):
                yield path, unpacked(answer.data)


def unpacked(content: bytes) -> bytes:
    """The parts of a workbook; any other file as it is."""
    if not content.startswith(b"PK"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return b"".join(book.read(name) for name in book.namelist())


def tables_with(app: flask.Flask, words: tuple[bytes, ...]) -> set[str]:
    with app.extensions["database"].engine.connect() as connection:
        return {
            name
            for name in inspect(connection).get_table_names()
            for row in connection.execute(text(f'select * from "{name}"'))
            if any(word in repr(tuple(row)).encode() for word in words)
        }


def test_a_note_and_a_message_are_in_no_export_mail_delivery_job_or_log(
    app, arguments, settings, monkeypatch
):
    monkeypatch.setattr(worker, "_app", app)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG))
    with structlog.testing.capture_logs() as said:
        write_as_people_do(app, arguments)
        given = queued(app)
        work(app)
    assert given and not any(word in each for word in WORDS for each in [*given, *queued(app)])
    assert tables_with(app, WORDS) == THEIR_OWN, "no outbox row, delivery, notice, log or index"
    downloaded = dict(files(app, arguments))
    assert {path.rpartition(".")[2] for path in downloaded} >= {"csv", "xlsx"}
    assert not any(word in content for word in WORDS for content in downloaded.values())
    kept = [file for file in Path(settings.data_dir).rglob("*") if file.is_file()]
    mails = [file.read_bytes() for file in kept if file.suffix == ".eml"]
    assert any(b"omar@t.example" in mail for mail in mails), "Omar was told of the message"
    assert not any(word in mail for word in WORDS for mail in mails)
    assert {line.get("job") for line in said} >= {"deliver_mail"}
    assert not any(word in repr(said).encode() for word in WORDS)
