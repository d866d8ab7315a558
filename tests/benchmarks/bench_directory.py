"""The directory with 1,000 groups, and a group with 20,000 members: statements and server time.

    .venv/bin/python tests/benchmarks/bench_directory.py [--rounds 60]

Each page is compared with its twin, the same template rendered from constants, in turn in one
process (see bench_pages.py). Bounds: at most 8 statements; p95 <= 1.5 x the twin's p95 + 10 ms.
With TEST_DATABASE_URL it runs on a PostgreSQL database `bench_directory`, else on SQLite.
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
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import flask
from sqlalchemy import event, insert, text

sys.path.insert(0, str(Path(__file__).parents[2]))

from app.accounts.models import Person
from app.accounts.services import set_password
from app.core import clock, ids, migrations, search
from app.core.database import Database, writing
from app.core.settings import load
from app.ergs import services
from app.ergs.models import Chapter, Erg, ErgText, Membership
from app.ergs.rules import (
    Admission,
    ChapterAxis,
    Discovery,
    ErgState,
    MembershipState,
    Region,
    Relation,
    RoleName,
    TextStatus,
    Visibility,
)
from app.factory import create_app
from tests.client import PASSWORD

GROUPS, PEOPLE = 1_000, 20_000
WORDS = (
    *("river", "garden", "bridge", "lantern", "harbor"),
    *("meadow", "signal", "cedar", "orbit", "compass"),
)
PAGES = (
    ("directory", "/ergs/"),
    ("page 25", "/ergs/?page=25"),
    ("search", "/ergs/?q=lantern"),
    ("region", "/ergs/?region=africa"),
    ("group", "/ergs/group-0000/"),
    ("members", "/ergs/group-0000/members/"),
    ("find member", "/ergs/group-0000/members/?q=river"),
    ("lead's page", "/ergs/group-0000/manage/"),
)


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
        return f"sqlite:///{folder / 'directory.sqlite3'}"
    admin = Database(server.replace("postgresql://", "postgresql+psycopg://"))
    with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
        c.execute(text("DROP DATABASE IF EXISTS bench_directory"))
        c.execute(text("CREATE DATABASE bench_directory"))
    admin.dispose()
    return f"{server.rsplit('/', 1)[0]}/bench_directory"


def fill(db: Any) -> UUID:
    """Everybody and all groups in bulk; returns who leads the large one."""
    people = [
        {
            "id": ids.new_id(),
            "name": f"{WORDS[n % 10].title()} Person {n:05}",
            "email": f"p{n}@t.example",
        }
        for n in range(PEOPLE)
    ]
    db.execute(insert(Person), people)
    search.put_new(db, "people", {p["id"]: (p["name"],) for p in people})
    groups, texts, chapters, members = [], [], [], []
    found_by = {}
    for n in range(GROUPS):
        erg_id, name = ids.new_id(), f"{WORDS[n % 10].title()} {WORDS[n // 10 % 10]} network {n}"
        groups.append(
            {
                "id": erg_id,
                "slug": f"group-{n:04}",
                "state": ErgState.DRAFT if n == 0 else ErgState.ACTIVE,
                "discovery": Discovery.HIDDEN if n % 50 == 49 else Discovery.LISTED,
                "admission": Admission.APPROVAL if n % 3 == 0 else Admission.OPEN,
                "roster": Visibility.COMPANY,
                "says_sensitive": n % 20 == 19,
                "created_at": clock.now(),
            }
        )
        mission = f"We meet by the {WORDS[n % 7]} and speak up."
        for locale in ("en", "es", "ar"):
            texts.append(
                {
                    "erg_id": erg_id,
                    "locale": locale,
                    "status": TextStatus.SOURCE if locale == "en" else TextStatus.TRANSLATED,
                    "name": name,
                    "sort_key": search.normalize(name),
                    "mission": mission,
                    "charter": mission,
                }
            )
        for region in list(Region)[: n % 4]:
            chapters.append(
                {
                    "id": ids.new_id(),
                    "erg_id": erg_id,
                    "axis": ChapterAxis.REGION,
                    "region": region,
                    "slug": region.value,
                    "names": {"en": region.value.title()},
                }
            )
        found_by[erg_id] = (name, mission)
        crowd = people if n == 0 else people[n * 17 % PEOPLE :][: 5 + n % 60]
        members += [_member(erg_id, p["id"], k) for k, p in enumerate(crowd)]
    for model, rows in (
        (Erg, groups),
        (ErgText, texts),
        (Chapter, chapters),
        (Membership, members),
    ):
        db.execute(insert(model), rows)
    search.put_new(db, "ergs", found_by)
    lead = people[0]["id"]
    set_password(db, None, person_id=lead, password=PASSWORD)
    large = groups[0]["id"]
    services.grant(db, None, erg_id=large, person_id=lead, role=RoleName.LEAD)
    services.change_state(db, None, erg_id=large, to=ErgState.ACTIVE)
    return lead


def _member(erg_id: UUID, person_id: UUID, number: int) -> dict[str, Any]:
    is_asking = number % 400 == 399
    since = clock.now() - timedelta(days=1 + number % 900)
    return {
        "id": ids.new_id(),
        "erg_id": erg_id,
        "person_id": person_id,
        "state": MembershipState.REQUESTED if is_asking else MembershipState.ACTIVE,
        "relation": Relation.MEMBER,
        "visibility": list(Visibility)[number % 4],
        "asked_at": since,
        "began_at": None if is_asking else since,
    }


@contextmanager
def counted(app: flask.Flask) -> Iterator[list[str]]:
    """The SQL statements of a block."""
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "SAVEPOINT")):
            seen.append(statement)

    engine = app.extensions["database"].engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def main() -> None:
    """Print one line a page; leave with 1 when a bound is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=60)
    rounds = parser.parse_args().rounds
    pages = sibling("bench_pages")
    with tempfile.TemporaryDirectory() as name:
        settings = {
            "TRELLIS_ENV": "testing",
            "DATABASE_URL": database_url(Path(name)),
            "DATA_DIR": name,
            "TRELLIS_ARGON2_COST": "1",
            "BASE_URL": "http://localhost",
            "SECRET_KEY": "b" * 40,
        }
        app = create_app(load(settings))
        migrations.upgrade(app.extensions["database"])
        started = time.perf_counter()
        with app.app_context(), writing() as db:
            fill(db)
        with app.extensions["database"].engine.connect() as c:
            c.execute(text("ANALYZE"))
            c.commit()
        gc.freeze()  # as the web server does before it forks
        print(f"{GROUPS} groups, {PEOPLE} people in {time.perf_counter() - started:.1f} s")
        client = app.test_client()
        app.config["WTF_CSRF_ENABLED"] = False
        client.post("/login", data={"email": "p0@t.example", "password": PASSWORD})
        app.config["WTF_CSRF_ENABLED"] = True
        is_within = True
        print(f"{'page':<12}{'SQL':>4}{'p50':>9}{'p95':>9}{'twin p95':>10}{'bound':>9}  within")
        for label, path in PAGES:
            assert client.get(path).status_code == 200, path
            with counted(app) as seen:
                client.get(path)
            took, twins = pages.compare(app, client, path, rounds)
            bound = 1.5 * pages.p95(twins) + 10
            within = pages.p95(took) <= bound and len(seen) <= 8
            is_within = is_within and within
            print(
                f"{label:<12}{len(seen):>4}{statistics.median(took):>7.1f}ms"
                f"{pages.p95(took):>7.1f}ms{pages.p95(twins):>8.1f}ms{bound:>7.1f}ms  {within}"
            )
    sys.exit(not is_within)


if __name__ == "__main__":
    main()
