"""Sixteen clients on one event's page at 20,000 people, against the same template from constants.

    TEST_DATABASE_URL=postgresql://root@127.0.0.1/postgres \\
        .venv/bin/python tests/benchmarks/bench_events.py [--pages 320] [--turns 5]

Both halves go through the same server stack, in turns within one run: the page with its guard,
session and SQL, and an address that renders the very template with the very context, kept from one
answer. Bounds: pages/s >= 0.5 x the twin's; at most 8 statements. Without TEST_DATABASE_URL it runs
on SQLite, and the share, which is a bound for PostgreSQL, is reported and not judged.
"""

from __future__ import annotations

import argparse
import gc
import importlib.util
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import flask
from flask import before_render_template
from sqlalchemy import insert, select, text

sys.path.insert(0, str(Path(__file__).parents[2]))

from app.accounts.models import Person
from app.accounts.services import set_password
from app.core import clock, ids, migrations
from app.core.database import Database, writing
from app.core.policies import anyone, guarded_by, may
from app.core.settings import load
from app.ergs.models import Erg
from app.ergs.rules import Visibility
from app.events.models import Rsvp
from app.events.rules import Mode, RsvpState
from app.factory import create_app
from tests.client import PASSWORD
from tests.factories.events import make_event

CLIENTS, ANSWERS, SEATS = 16, 800, 300
DATABASE = "bench_events"
KEPT: dict[str, Any] = {}


def sibling(name: str) -> ModuleType:
    """Another benchmark of this folder."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def database_url(folder: Path) -> str:
    """A fresh database."""
    server = os.environ.get("TEST_DATABASE_URL")
    if not server:
        return f"sqlite:///{folder / 'events.sqlite3'}"
    admin = Database(server.replace("postgresql://", "postgresql+psycopg://"))
    with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
        c.execute(text(f"DROP DATABASE IF EXISTS {DATABASE}"))
        c.execute(text(f"CREATE DATABASE {DATABASE}"))
    admin.dispose()
    return f"{server.rsplit('/', 1)[0]}/{DATABASE}"


def fill(db: Any) -> UUID:
    """20,000 people, a large group, its event with hundreds of answers, sixteen who may sign in."""
    sibling("bench_directory").fill(db)
    people = db.scalars(select(Person.id).order_by(Person.email).limit(ANSWERS + CLIENTS)).all()
    for number, person_id in enumerate(people[:CLIENTS]):
        db.get(Person, person_id).email = f"client{number}@t.example"
        set_password(db, None, person_id=person_id, password=PASSWORD)
    erg = db.scalars(select(Erg).where(Erg.slug == "group-0000")).one()
    event = make_event(db, erg, "Summit", seats_in_person=SEATS, seats_online=None).id
    rows = [
        {
            "id": ids.new_id(),
            "occurrence_id": event,
            "person_id": person_id,
            "state": RsvpState.GOING if number < SEATS else RsvpState.WAITLISTED,
            "mode": Mode.IN_PERSON,
            "visibility": list(Visibility)[number % 4],
            "queued_at": clock.now() + timedelta(seconds=number),
            "entry_id": ids.new_id(),
            "changed_at": clock.now(),
        }
        for number, person_id in enumerate(people[CLIENTS // 2 :])
    ]
    db.execute(insert(Rsvp), rows)
    return event


@guarded_by(anyone)
def twin() -> str:
    """The page from constants."""
    template, context = KEPT["page"]
    rendered: str = template.render(context)
    return rendered


def make_app(folder: Path) -> tuple[flask.Flask, str]:
    """The app with the event's address."""
    settings = {
        "TRELLIS_ENV": "testing",
        "DATABASE_URL": database_url(folder),
        "DATA_DIR": str(folder),
        "TRELLIS_ARGON2_COST": "1",
        "BASE_URL": "http://localhost",
        "SECRET_KEY": "b" * 40,
    }
    app = create_app(load(settings))
    app.add_url_rule("/twin", "twin", twin)
    migrations.upgrade(app.extensions["database"])
    with app.app_context(), writing() as db:
        event_id = fill(db)
    with app.extensions["database"].engine.connect() as c:
        c.execute(text("ANALYZE"))
        c.commit()
    gc.freeze()  # as the web server does before it forks
    return app, f"/events/{event_id}/"


def signed_in(app: flask.Flask, number: int) -> Any:
    """A client of its own person."""
    client = app.test_client()
    credentials = {"email": f"client{number}@t.example", "password": PASSWORD}
    assert client.post("/login", data=credentials).status_code == 303
    return client


def keep(app: flask.Flask, client: Any, path: str) -> None:
    """Remember template and context of one answer."""

    answers: dict[Any, bool] = {}

    def ask(endpoint: str, subject: Any = None) -> bool:
        key = (endpoint, getattr(subject, "id", None))
        if key not in answers:
            answers[key] = may(endpoint, subject)
        return answers[key]

    def hear(_sender: object, template: Any, context: dict[str, Any], **_: object) -> None:
        context["may"] = ask
        KEPT["page"] = (template, dict(context))

    with before_render_template.connected_to(hear, app):
        assert client.get(path).status_code == 200


def rate(clients: list[Any], path: str, pages: int) -> float:
    """Pages a second of all clients together."""

    def ask(client: Any) -> None:
        for _ in range(pages // len(clients)):
            assert client.get(path).status_code == 200

    started = time.perf_counter()
    with ThreadPoolExecutor(len(clients)) as pool:
        list(pool.map(ask, clients))
    return pages / (time.perf_counter() - started)


def in_turns(run: Callable[[str], float], path: str, turns: int) -> tuple[float, float]:
    """Median pages/s of page and twin; a first turn warms both."""
    both = [(run(path), run("/twin")) for _ in range(turns + 1)][1:]
    return statistics.median(a for a, _ in both), statistics.median(b for _, b in both)


def main() -> None:
    """Print the figures; leave with 1 when a bound is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pages", type=int, default=320)
    parser.add_argument("--turns", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        app, path = make_app(Path(name))
        app.config["WTF_CSRF_ENABLED"] = False
        clients = [signed_in(app, number) for number in range(CLIENTS)]
        app.config["WTF_CSRF_ENABLED"] = True
        keep(app, clients[0], path)
        with sibling("bench_directory").counted(app) as seen:
            clients[9].get(path)
        size, constant = (len(clients[0].get(address).data) for address in (path, "/twin"))
        page, from_constants = in_turns(
            lambda address: rate(clients, address, options.pages), path, options.turns
        )
        share = page / from_constants
        print(f"statements {len(seen)}   bytes {size}, twin {constant}")
        backend = app.extensions["database"].engine.dialect.name
        is_judged = backend == "postgresql"
        bound = "at least 0.50" if is_judged else "not judged: TEST_DATABASE_URL is not set"
        print(
            f"{backend}: page {page:.1f}/s   twin {from_constants:.1f}/s   "
            f"share {share:.2f} ({bound})"
        )
    sys.exit((is_judged and share < 0.5) or len(seen) > 8)


if __name__ == "__main__":
    main()
