"""Fifty people at one door, through two real web processes, while leads change the seats.

A reader asks the invariant of the waiting list all the time, in one statement, so that it sees
every state that was ever committed and none in between. `make soak` runs it at full size.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.client import HTTPConnection
from itertools import groupby
from pathlib import Path
from urllib.parse import urlencode

import flask
import pytest
from flask_wtf.csrf import generate_csrf
from sqlalchemy import select

from app.accounts.services import open_session
from app.accounts.views.signin import begin
from app.core import clock
from app.core.database import hold, writing
from app.core.errors import Refused
from app.core.policies import Actor
from app.ergs.models import Erg
from app.events import queries, services
from app.events.models import Occurrence, Rsvp
from app.events.rules import HELD, Ladder, Mode, RsvpState, ladder_at
from app.events.services import admission
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg
from tests.factories.events import make_event
from tests.operations.stage import ROOT, free_port, until

CLIENTS, SEATS = 50, (1, 5, 100)
HOURS = (240, 240, 24, 2)  # each rung of the ladder gets its rounds


class Web:
    """The web server as it is served: a parent and its two processes."""

    def __init__(self, environ: dict[str, str], log: Path) -> None:
        self.port, self.log = free_port(), log
        base = {k: v for k, v in os.environ.items() if k != "REDIS_URL"}
        port = {"PORT": str(self.port), "BASE_URL": f"http://127.0.0.1:{self.port}"}
        with log.open("wb") as out:
            self.parent = subprocess.Popen(
                [sys.executable, "-m", "app", "serve", "--web"],
                cwd=ROOT,
                env={**base, **environ, **port, "PYTHONPATH": str(ROOT)},
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        until(self._is_up, 60, f"web server up ({log})")

    def _is_up(self) -> bool:
        assert self.parent.poll() is None, self.log.read_text()
        try:
            return Client(self.port, "", "").get("/healthz") == 200
        except OSError:
            return False

    def stop(self) -> None:
        self.parent.terminate()
        self.parent.wait(20)


class Client:
    """One signed-in person with a connection that is kept open."""

    def __init__(self, port: int, cookie: str, token: str) -> None:
        self.port, self.cookie, self.token = port, cookie, token
        self.line = HTTPConnection("127.0.0.1", port, timeout=60)

    def get(self, path: str) -> int:
        self.line.request("GET", path)
        answer = self.line.getresponse()
        answer.read()
        return answer.status

    def post(self, path: str, fields: dict[str, object]) -> int:
        body = urlencode({"csrf_token": self.token, **fields})
        headers = {
            "Cookie": self.cookie,
            "Content-Type": "application/x-www-form-urlencoded",
            "HX-Request": "true",
            "HX-Request-Type": "partial",
        }
        for attempt in (1, 2):  # a line that was kept too long is closed by the other side
            try:
                self.line.request("POST", path, body, headers)
                answer = self.line.getresponse()
                answer.read()
                return answer.status
            except (ConnectionError, OSError):
                self.line.close()
                if attempt == 2:
                    raise
        raise AssertionError("unreachable")


def signed_in(app: flask.Flask, port: int, person_id) -> Client:
    with app.test_request_context():
        with writing() as db:
            token = open_session(db, person_id, device="race").token
        begin(Actor(person_id=person_id, token=token))
        csrf = generate_csrf()
        answer = flask.Response()
        app.session_interface.save_session(app, flask.session._get_current_object(), answer)
        return Client(port, answer.headers["Set-Cookie"].split(";")[0], csrf)


class Watcher(threading.Thread):
    """Asks the invariant again and again while everybody presses."""

    def __init__(self, app: flask.Flask) -> None:
        super().__init__(daemon=True)
        self.app, self.occurrence_id, self.ends = app, None, threading.Event()
        self.found: list[str] = []
        self.asked = 0

    def run(self) -> None:
        with self.app.app_context():
            while not self.ends.is_set():
                if self.occurrence_id is not None:
                    self.found += faults(self.app, self.occurrence_id)
                    self.asked += 1
                self.ends.wait(0.02)


def faults(app: flask.Flask, occurrence_id) -> list[str]:
    """Over-sold seats, people who wait in vain, two rows of one person, in one statement."""
    with app.extensions["database"].open_reading() as db:
        rows = db.execute(
            select(
                Occurrence.starts_at,
                Occurrence.seats_in_person,
                Occurrence.seats_online,
                Rsvp.person_id,
                Rsvp.state,
                Rsvp.mode,
                Rsvp.guests,
                Rsvp.called_at,
            )
            .join(Rsvp, Rsvp.occurrence_id == Occurrence.id)
            .where(Occurrence.id == occurrence_id)
            .order_by(Rsvp.mode)
        ).all()
    found = []
    if len({row.person_id for row in rows}) != len(rows):
        found.append("two answers of one person")
    for mode, group in groupby(rows, key=lambda row: row.mode):
        found += _faults_of_mode(mode, list(group))
    return found


def _faults_of_mode(mode: Mode, rows: list) -> list[str]:
    one = rows[0]
    capacity = one.seats_in_person if mode is Mode.IN_PERSON else one.seats_online
    held = sum(1 + row.guests for row in rows if row.state in HELD)
    is_calling = ladder_at(clock.now(), one.starts_at) is Ladder.BROADCAST
    if capacity is None:
        return []
    found = [f"{mode}: {held} of {capacity} seats"] if held > capacity else []
    for row in rows:
        fits = row.state is RsvpState.WAITLISTED and 1 + row.guests <= capacity - held
        if fits and not (is_calling and row.called_at):
            found.append(f"{mode}: one waits although {capacity - held} are free")
    return found


@pytest.fixture
def web(environ, app, tmp_path) -> Iterator[Web]:
    served = Web(environ, tmp_path / "web.log")
    yield served
    served.stop()


@pytest.fixture
def crowd(app, web) -> dict:
    with app.app_context(), writing() as db:
        lead = make_person(db, "Dalia Lead").id
        people = [make_person(db, f"Person {n}").id for n in range(CLIENTS)]
        erg = make_erg(db, "women", lead=lead).id
    return {
        "erg": erg,
        "lead": lead,
        "people": people,
        "clients": [signed_in(app, web.port, person) for person in people],
    }


def storm(app: flask.Flask, crowd: dict, rounds: int, seed: int) -> Counter:
    """Each round is one event; everybody presses, some twice, while the lead changes the seats."""
    dice, statuses, watcher = random.Random(seed), Counter(), Watcher(app)
    watcher.start()
    with ThreadPoolExecutor(CLIENTS) as pool:
        for number in range(rounds):
            seats, hours = SEATS[number % 3], HOURS[number % len(HOURS)]
            watcher.occurrence_id = occurrence_id = new_event(app, crowd, seats, hours, dice)
            acts = [(client, _fields(dice)) for client in crowd["clients"]]
            lead = pool.submit(leads_act, app, crowd, occurrence_id, random.Random(dice.random()))
            path = f"/events/{occurrence_id}/rsvp"
            statuses.update(pool.map(lambda act, to=path: act[0].post(to, act[1]), acts))
            lead.result()
            again = [act for act in acts if act[1]["twice"]]
            statuses.update(pool.map(lambda act, to=path: act[0].post(to, act[1]), again))
            assert faults(app, occurrence_id) == []
    watcher.ends.set()
    watcher.join(10)
    assert watcher.found == [] and watcher.asked > rounds
    statuses["asked"] = watcher.asked
    return statuses


def new_event(app: flask.Flask, crowd: dict, seats: int, hours: int, dice: random.Random):
    with app.app_context(), writing() as db:
        return make_event(
            db,
            db.get(Erg, crowd["erg"]),
            f"Round {dice.random()}",
            starts_at=(clock.now() + timedelta(hours=hours)).replace(microsecond=0),
            seats_in_person=seats,
            seats_online=max(1, seats // 2),
            guest_limit=2,
        ).id


def _fields(dice: random.Random) -> dict[str, object]:
    return {
        "reply": dice.choice(["going", "going", "going", "no", "maybe"]),
        "mode": dice.choice(["in_person", "online"]),
        "guests": dice.choice([0, 0, 0, 1, 2]),
        "visibility": "leads",
        "key": f"{dice.getrandbits(60):x}",
        "twice": dice.choice(["", "1"]),
    }


def leads_act(app: flask.Flask, crowd: dict, occurrence_id, dice: random.Random) -> None:
    """A third process: more seats, never fewer than held; a removal and its undo; the sweep."""
    for _ in range(4):
        with app.app_context(), writing() as db:
            occurrence = hold(db, Occurrence, occurrence_id)
            held = admission.held(db, occurrence_id).get(Mode.IN_PERSON, 0)
            wanted = max(1, held, occurrence.seats_in_person + dice.choice([-1, 0, 1, 2]))
            occurrence.seats_in_person = wanted
            admission.settle(db, occurrence)
        person = dice.choice(crowd["people"])
        for verb, more in (("remove", {"reason": "twice"}), ("restore", {})):
            try:
                with app.app_context(), writing() as db:
                    rsvp = queries.rsvp_of(db, occurrence_id, person)
                    if rsvp is not None:
                        act = getattr(services, verb)
                        act(db, crowd["lead"], rsvp_id=rsvp.id, **more)
            except Refused:
                pass
        with app.app_context(), writing() as db:
            services.sweep_due(db, occurrence_id)


def test_fifty_people_at_one_door_of_two_processes(app, crowd) -> None:
    statuses = storm(app, crowd, 20, seed=4)
    assert all(status < 500 for status in statuses if status != "asked"), statuses
    assert statuses[200] > 20 * CLIENTS / 2


@pytest.mark.soak
def test_fifty_people_at_one_door_a_thousand_times(app, crowd) -> None:
    began = time.monotonic()
    statuses = storm(app, crowd, 1000, seed=1)
    print(f"\n1,000 rounds x {CLIENTS} clients: {dict(statuses)}, {time.monotonic() - began:.0f} s")
    assert all(status < 500 for status in statuses if status != "asked"), statuses
