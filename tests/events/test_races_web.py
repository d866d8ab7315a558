"""Fifty people at one door, through two real web processes, while leads change the seats.

Every transaction of every process asks the invariant of the waiting list before it commits
(`at_commit`), and after each round it is asked from outside. `make soak` runs it at full size.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode

import flask
import pytest
from flask_wtf.csrf import generate_csrf

from app.accounts.services import open_session
from app.accounts.views.signin import begin
from app.core import clock
from app.core.database import hold, writing
from app.core.errors import Refused
from app.core.policies import Actor
from app.ergs.models import Erg
from app.events import queries, services
from app.events.models import Occurrence
from app.events.rules import Mode
from app.events.services import admission
from tests.events.at_commit import LOG, Hall, asking, faults
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg
from tests.factories.events import make_plan
from tests.operations.stage import ROOT, free_port, until

CLIENTS, SEATS = 50, (1, 5, 100)
OTHER = {Mode.IN_PERSON: Mode.ONLINE, Mode.ONLINE: Mode.IN_PERSON}
UNHEARD = 0  # in place of a status
HOURS = (240, 240, 24, 2)  # each rung of the ladder gets its rounds


class Web:
    """The web server as it is served: a parent and its two processes."""

    def __init__(self, environ: dict[str, str], log: Path) -> None:
        self.port, self.log = free_port(), log
        base = {k: v for k, v in os.environ.items() if k != "REDIS_URL"}
        port = {"PORT": str(self.port), "BASE_URL": f"http://127.0.0.1:{self.port}"}
        with log.open("wb") as out:
            self.parent = subprocess.Popen(
                [sys.executable, "-m", "tests.events.at_commit", "serve", "--web"],
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
    """One signed-in person with two connections that are kept open."""

    def __init__(self, port: int, cookie: str, token: str) -> None:
        self.cookie, self.token = cookie, token
        self.lines = [HTTPConnection("127.0.0.1", port, timeout=60) for _ in "12"]

    def get(self, path: str) -> int:
        self.lines[0].request("GET", path)
        return _status(self.lines[0])

    def post(self, path: str, fields: dict[str, object], times: int = 1) -> list[int]:
        """Press a button, or tap it twice before the first answer is there."""
        body = urlencode({"csrf_token": self.token, **fields})
        headers = {
            "Cookie": self.cookie,
            "Content-Type": "application/x-www-form-urlencoded",
            "HX-Request": "true",
            "HX-Request-Type": "partial",
        }
        lines = self.lines[:times]
        try:
            return self._tap(lines, path, body, headers)
        except (HTTPException, OSError):  # one was kept too long and closed by the other side
            for line in lines:
                line.close()
            return [UNHEARD, *self._tap(lines, path, body, headers)]

    def _tap(self, lines: list[HTTPConnection], *request: object) -> list[int]:
        for line in lines:
            line.request("POST", *request)
        return [_status(line) for line in lines]


def _status(line: HTTPConnection) -> int:
    answer = line.getresponse()
    answer.read()
    return answer.status


def signed_in(app: flask.Flask, port: int, person_id) -> Client:
    with app.test_request_context():
        with writing() as db:
            token = open_session(db, person_id, device="race").token
        begin(Actor(person_id=person_id, token=token))
        csrf = generate_csrf()
        answer = flask.Response()
        app.session_interface.save_session(app, flask.session._get_current_object(), answer)
        return Client(port, answer.headers["Set-Cookie"].split(";")[0], csrf)


@pytest.fixture
def asked(tmp_path) -> Path:
    """A line for each commit: what it did wrong, or nothing."""
    log = tmp_path / "at_commit.log"
    log.touch()
    return log


@pytest.fixture
def web(environ, app, asked, tmp_path) -> Iterator[Web]:
    served = Web({**environ, LOG: str(asked)}, tmp_path / "web.log")
    with asking(asked):
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


def storm(app: flask.Flask, crowd: dict, asked: Path, rounds: int, seed: int) -> Counter:
    """Each round is one event; all act up to three times while the lead changes seats.

    Stops at the first answer of 500 or more, and says how far it is while it runs.
    """
    dice, statuses = random.Random(seed), Counter()
    with ThreadPoolExecutor(CLIENTS + 1) as pool, asked.open() as commits:
        for number in range(rounds):
            seats, hours = SEATS[number % 3], HOURS[number % len(HOURS)]
            may_be_over = dice.random() < 0.5
            plan, occurrence_id = new_event(app, crowd, seats, hours, dice)
            lead = Lead(app, crowd, plan, occurrence_id, may_be_over, dice.random())
            acting = pool.submit(lead.act)
            plays = [(client, acts_of(dice)) for client in crowd["clients"]]
            path = f"/events/{occurrence_id}/rsvp"
            heard = list(pool.map(lambda play, to=path: _play(*play, to), plays))
            acting.result()
            statuses.update(status for person in heard for _, found in person for status in found)
            assert _is_fine(statuses), (number, statuses)
            if number % 50 == 49:
                print(f"{number + 1} rounds: {dict(statuses)}", flush=True)
            wrong = [line for line in commits.read().splitlines() if line]
            assert wrong == [], (number, seats, hours, may_be_over)
            with app.extensions["database"].open_reading() as db:
                hall = Hall.of(db, occurrence_id)
            assert faults(hall, hall) == [] and (may_be_over or hall.over() == [])
            answered = {row.person_id: row.answered for row in hall.rows.values()}
            told = [
                (answered.get(p, 0), what) for p, what in zip(crowd["people"], heard, strict=True)
            ]
            assert [one for one in told if one[0] not in counted(one[1])] == []
        commits.seek(0)
        statuses["commits"] = len(commits.readlines())
    return statuses


def counted(person: list[tuple[object, list[int]]]) -> range:
    """How many answers of a person may count: each key once; one whose answer was never heard may
    have been carried out after a later try was refused.
    """
    sure = {key for key, found in person if 200 in found}
    perhaps = {key for key, found in person if UNHEARD in found} - sure
    return range(len(sure), len(sure) + len(perhaps) + 1)


def new_event(app: flask.Flask, crowd: dict, seats: int, hours: int, dice: random.Random):
    """A hybrid event, and the plan that it follows."""
    plan = make_plan(
        f"Round {dice.random()}",
        starts_at=(clock.now() + timedelta(hours=hours)).replace(microsecond=0),
        seats_in_person=seats,
        seats_online=max(1, seats // 2),
        guest_limit=2,
    )
    with app.app_context(), writing() as db:
        occurrence = services.plan(db, None, erg_id=crowd["erg"], plan=plan)
        services.publish(db, None, occurrence_id=occurrence.id)
        return plan, occurrence.id


@dataclass(frozen=True)
class Act:
    """What is sent under one key, and how often at once."""

    fields: dict[str, object]
    times: int = 1


def acts_of(dice: random.Random) -> list[Act]:
    """One to three acts of one person: coming, leaving, switching, and the same again."""
    reply = dice.choice(["going", "going", "going", "maybe"])
    acts = [_act(dice, reply, dice.choice(list(Mode)))]
    for _ in range(dice.choice([0, 1, 1, 2])):
        last = acts[-1].fields
        acts.append(
            dice.choice(
                [
                    _act(dice, "no", last["mode"]),
                    _act(dice, "going", OTHER[last["mode"]]),
                    _act(dice, "going", dice.choice(list(Mode)), times=dice.choice([1, 2])),
                    acts[-1],
                    acts[0],
                ]
            )
        )
    return acts


def _act(dice: random.Random, reply: str, mode: object, times: int = 1) -> Act:
    fields = {
        "reply": reply,
        "mode": mode,
        "guests": dice.choice([0, 0, 0, 1, 2]),
        "visibility": "leads",
        "key": f"{dice.getrandbits(60):x}",
    }
    return Act(fields, times)


def _play(client: Client, acts: list[Act], path: str) -> list[tuple[object, list[int]]]:
    return [(act.fields["key"], client.post(path, act.fields, act.times)) for act in acts]


class Lead:
    """A third process: more seats and fewer, a removal and its undo, and the sweep."""

    def __init__(self, app, crowd, plan, occurrence_id, may_be_over: bool, seed: float) -> None:
        self.app, self.crowd, self.occurrence_id = app, crowd, occurrence_id
        self.first = self.plan = plan
        self.may_be_over, self.dice = may_be_over, random.Random(seed)

    def act(self) -> None:
        for _ in range(4):
            self._change_seats()
            self._remove_and_restore(self.dice.choice(self.crowd["people"]))
            with self.app.app_context(), writing() as db:
                services.sweep_due(db, self.occurrence_id)

    def _change_seats(self) -> None:
        """In one mode; below what is held only where the round allows it."""
        mode = self.dice.choice([Mode.IN_PERSON, Mode.IN_PERSON, Mode.ONLINE])
        name = f"seats_{mode}"
        with self.app.app_context(), writing() as db:
            hold(db, Erg, self.crowd["erg"])
            hold(db, Occurrence, self.occurrence_id)
            held = admission.held(db, self.occurrence_id).get(mode, 0)
            now, lower = getattr(self.plan, name), [held // 2, held - 2]
            wanted = [now - 1, now + 1, now + 2, getattr(self.first, name)]
            seats = self.dice.choice([*wanted, *lower] if self.may_be_over else wanted)
            seats = max(1, seats if self.may_be_over else max(held, seats))
            self.plan = replace(self.plan, **{name: seats})
            services.revise(
                db, self.crowd["lead"], occurrence_id=self.occurrence_id, plan=self.plan
            )

    def _remove_and_restore(self, person_id) -> None:
        for verb, more in (("remove", {"reason": "twice"}), ("restore", {})):
            with suppress(Refused), self.app.app_context(), writing() as db:
                rsvp = queries.rsvp_of(db, self.occurrence_id, person_id)
                if rsvp is not None:
                    act = getattr(services, verb)
                    act(db, self.crowd["lead"], rsvp_id=rsvp.id, **more)


def _is_fine(statuses: Counter) -> bool:
    return all(status < 500 for status in statuses if status != "commits")


def test_fifty_people_at_one_door_of_two_processes(app, crowd, asked) -> None:
    statuses = storm(app, crowd, asked, 20, seed=4)
    assert min(statuses[200], statuses["commits"]) > 20 * CLIENTS


@pytest.mark.soak
def test_fifty_people_at_one_door_a_thousand_times(app, crowd, asked) -> None:
    began = time.monotonic()
    statuses = storm(app, crowd, asked, 1000, seed=1)
    print(f"\n1,000 rounds x {CLIENTS} clients: {dict(statuses)}, {time.monotonic() - began:.0f} s")
