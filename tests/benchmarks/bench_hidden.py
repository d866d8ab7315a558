"""Whether time tells a hidden group from one that does not exist.

    .venv/bin/python tests/benchmarks/bench_hidden.py [--requests 5000] [--path members/]

An outsider asks in random order for an address of a hidden group and for one where nothing is;
Welch's t compares the two. Bound: |t| < 4.5, as in tests of constant-time cryptography. With
TEST_DATABASE_URL it runs on PostgreSQL as well. The bytes are compared in the suite
(`test_a_hidden_group_and_an_absent_one_answer_alike`).
"""

from __future__ import annotations

import argparse
import gc
import logging
import math
import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

import structlog
from sqlalchemy import text

sys.path.insert(0, str(Path(__file__).parents[2]))

from app.core import migrations
from app.core.database import Database, writing
from app.core.settings import load
from app.ergs.rules import Discovery, Visibility
from app.factory import create_app
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_chapter, make_erg, make_member

GROUPS = 60
WARM_UP = 300


def urls(folder: Path) -> dict[str, str]:
    """A fresh database on each backend, by name."""
    found = {"sqlite": f"sqlite:///{folder / 'hidden.sqlite3'}"}
    if server := os.environ.get("TEST_DATABASE_URL"):
        admin = Database(server.replace("postgresql://", "postgresql+psycopg://"))
        with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
            c.execute(text("DROP DATABASE IF EXISTS bench_hidden"))
            c.execute(text("CREATE DATABASE bench_hidden"))
        admin.dispose()
        found["postgresql"] = f"{server.rsplit('/', 1)[0]}/bench_hidden"
    return found


def prepared(url: str, folder: Path) -> Browser:
    """An outsider before sixty hidden groups and sixty open ones, all with members and chapters."""
    settings = {
        "TRELLIS_ENV": "testing",
        "DATABASE_URL": url,
        "DATA_DIR": str(folder),
        "TRELLIS_ARGON2_COST": "1",
        "BASE_URL": "http://localhost",
        "SECRET_KEY": "b" * 40,
    }
    app = create_app(load(settings))
    migrations.upgrade(app.extensions["database"])
    with app.app_context(), writing() as db:
        people = [make_person(db, f"Person {n}").id for n in range(40)]
        make_person(db, "Bo Test", "bo@t.example", PASSWORD)
        for n in range(GROUPS):
            for word, discovery in (("hidden", Discovery.HIDDEN), ("open", Discovery.LISTED)):
                erg = make_erg(db, f"{word}-{n:04}", lead=people[0], discovery=discovery)
                make_chapter(db, erg, "lagos")
                for person in people[1:20]:
                    make_member(db, erg, person, visibility=Visibility.NOBODY)
    return Browser(app).sign_in("bo@t.example")


def measure(browser: Browser, requests: int, path: str) -> dict[str, list[int]]:
    """Nanoseconds of each answer; which of the two is asked next is drawn by lot."""
    dice = random.Random(20261121)
    taken: dict[str, list[int]] = {"hidden": [], "absent": []}
    client = browser.client
    gc.disable()
    for turn in range(WARM_UP + requests):
        kind = dice.choice(("hidden", "absent"))
        address = f"/ergs/{kind}-{dice.randrange(GROUPS):04}/{path}"
        started = time.perf_counter_ns()
        answer = client.get(address)
        spent = time.perf_counter_ns() - started
        assert answer.status_code == 404
        if turn >= WARM_UP:
            taken[kind].append(spent)
        if turn % 200 == 0:
            gc.collect()
    gc.enable()
    return taken


def welch(one: list[int], other: list[int]) -> float:
    """Welch's t of two samples."""
    spread = statistics.variance(one) / len(one) + statistics.variance(other) / len(other)
    return (statistics.fmean(one) - statistics.fmean(other)) / math.sqrt(spread)


def cropped(taken: dict[str, list[int]], share: float) -> dict[str, list[int]]:
    """Without the slowest, by a limit that is the same for both: the machine's noise."""
    everything = sorted(taken["hidden"] + taken["absent"])
    limit = everything[int(len(everything) * share) - 1]
    return {kind: [n for n in values if n <= limit] for kind, values in taken.items()}


def main() -> None:
    """Print t for each backend, over all requests and without the slowest tenth."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=5000)
    parser.add_argument("--path", default="")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for backend, url in urls(folder).items():
            taken = measure(prepared(url, folder / backend), options.requests, options.path)
            for label, share in (("all", 1.0), ("fastest 90 %", 0.9)):
                part = cropped(taken, share)
                t = welch(part["hidden"], part["absent"])
                medians = {k: statistics.median(v) / 1e6 for k, v in part.items()}
                print(
                    f"{backend:<11} {label:<13} hidden {medians['hidden']:.3f} ms, "
                    f"absent {medians['absent']:.3f} ms, t = {t:+.2f}, within {abs(t) < 4.5}"
                )


if __name__ == "__main__":
    main()
