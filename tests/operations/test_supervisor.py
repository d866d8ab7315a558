"""`trellis serve`: one parent, whatever happens to it or to its children."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import flask
import pytest
from sqlalchemy import select

from app.accounts.models import Person
from app.core import clock
from app.core.database import end_reading, reading, writing
from app.core.outbox import Delivery
from app.core.settings import load
from app.factory import create_app
from tests.operations.stage import ROOT, alive, descendants, free_port, until

# The life of processes does not depend on the database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

START = 45  # generous: several of these run at once on a busy machine


class Served:
    """A served installation in a folder of its own, with the embedded broker."""

    def __init__(self, environ: dict[str, str], log: Path) -> None:
        self.port = free_port()
        self.environ = {
            **{k: v for k, v in os.environ.items() if k != "REDIS_URL"},
            **environ,
            "PORT": str(self.port),
            "PYTHONPATH": str(ROOT),
            "BASE_URL": f"http://127.0.0.1:{self.port}",
        }
        self.log = log
        self.parent: subprocess.Popen[bytes] | None = None
        self.seen: list[int] = []

    def start(self) -> float:
        """Start and wait until it is ready; returns the seconds it took."""
        began = time.monotonic()
        with self.log.open("ab") as log:
            self.parent = subprocess.Popen(
                [sys.executable, "-m", "app", "serve"],
                cwd=ROOT,
                env=self.environ,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until(self.is_ready, START, f"ready ({self.log})")
        until(lambda: len(self.family()) >= 9, START, f"all processes ({self.log})")
        return time.monotonic() - began

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def is_ready(self) -> bool:
        assert self.parent is not None and self.parent.poll() is None, self.log.read_text()[-2000:]
        return self.get("/readyz")[0] == 200

    def family(self) -> list[int]:
        assert self.parent is not None
        found = [self.parent.pid, *descendants(self.parent.pid)]
        self.seen += [pid for pid in found if pid not in self.seen]
        return alive(found)

    def pid_of(self, word: str) -> int | None:
        for pid in self.family():
            if word in Path(f"/proc/{pid}/cmdline").read_text():
                return pid
        return None

    def end(self, number: signal.Signals, seconds: float = 10) -> float:
        """Signal the parent and wait until no process of the family is left."""
        assert self.parent is not None
        self.family()
        began = time.monotonic()
        self.parent.send_signal(number)
        self.parent.wait(seconds)
        until(
            lambda: not alive(self.seen),
            seconds - (time.monotonic() - began),
            f"{alive(self.seen)} ended",
        )
        return time.monotonic() - began

    def clean_up(self) -> None:
        for pid in alive(self.seen):
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
def served(environ: dict[str, str], tmp_path: Path) -> Iterator[Served]:
    served = Served(environ, tmp_path / "serve.log")
    yield served
    served.clean_up()


@pytest.fixture
def data(environ: dict[str, str]) -> Iterator[flask.Flask]:
    """The same database, seen from the test."""
    app = create_app(load(environ))
    with app.app_context():
        yield app
        end_reading()
    app.extensions["database"].dispose()


def leave_work() -> object:
    """A due delivery that somebody must take up; its kind is unknown, so it ends as failed."""
    key = uuid4()
    with writing() as db:
        db.add(Person(id=key, name="P", email=f"{key.hex}@example.org"))
        db.add(
            Delivery(
                id=key,
                kind="unknown",
                subject_id=key,
                person_id=key,
                channel="in_app",
                due_at=clock.now(),
            )
        )
    return key


def is_done(key: object) -> bool:
    end_reading()
    return reading().scalar(select(Delivery.state).where(Delivery.id == key)) == "failed"


def run(served: Served, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**served.environ, "PORT": str(free_port())},
        timeout=60,
        check=False,
    )


def test_it_starts_serves_refuses_a_second_and_leaves_no_process_behind(
    served: Served, data: flask.Flask
) -> None:
    key = leave_work()
    print("start", served.start())
    status, body = served.get("/readyz")
    assert status == 200
    assert json.loads(body) == {"ready": True, "database": "ok", "migrations": "ok", "broker": "ok"}
    assert served.get("/healthz") == (200, "ok\n")
    assert 'trellis_queue_jobs{queue="urgent"}' in served.get("/metrics")[1]
    until(lambda: is_done(key), 30, "the clock wakes the sweep, the worker delivers")
    for command in (("serve",), ("restore", served.environ["DATABASE_URL"][10:])):
        refused = run(served, *command)
        assert refused.returncode == 1
        assert "is running" in refused.stderr and "Traceback" not in refused.stderr
    seconds = served.end(signal.SIGTERM)
    print("stop", seconds)
    assert served.parent is not None and served.parent.returncode == 0


def test_after_kill_9_everything_ends_and_the_next_start_works_on_the_same_data(
    served: Served, data: flask.Flask
) -> None:
    served.start()
    print("ended after kill -9 in", served.end(signal.SIGKILL))
    assert served.get("/healthz")[0] == 0
    key = leave_work()
    served.start()
    until(lambda: is_done(key), 30, "what was due meanwhile is delivered")
    served.end(signal.SIGINT)


def test_what_dies_is_started_again_and_the_clock_survives_the_broker(
    served: Served, data: flask.Flask
) -> None:
    served.start()
    broker = served.pid_of("valkey-server")
    assert broker is not None and served.parent is not None
    os.kill(broker, signal.SIGKILL)
    key = leave_work()
    assert served.get("/healthz")[0] == 200, "pages keep serving"
    until(lambda: json.loads(served.get("/readyz")[1])["broker"] == "ok", 15, "a new broker")
    assert served.pid_of("valkey-server") not in (None, broker)
    until(lambda: is_done(key), 30, "the clock has started again by itself")
    for child in served.family():
        if child != served.parent.pid:
            os.kill(child, signal.SIGKILL)
    key = leave_work()
    until(served.is_ready, 20, "everything is started again")
    until(lambda: is_done(key), 30, "and works")
    served.end(signal.SIGTERM)
