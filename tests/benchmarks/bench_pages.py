"""Server time of the directory and home at `medium`, against the same templates from constants.

    .venv/bin/python tests/benchmarks/bench_pages.py [--size medium] [--rounds 60] [--quick]

Both halves of each pair run in turn in one process, so the machine's noise hits both alike. The
constants twin renders the very template with the very context, captured once, without guard,
session or SQL. Bound: p95 <= 1.5 x twin's p95 + 10 ms.

Then, unless told to be quick: how the page of weights answers each move of a slider in a cohort of
2,000 mentees and 600 mentors (goal 200 ms once the cohort is prepared), and how long the company of
20,000 people takes to be seeded on SQLite (bound 300 s).
"""

from __future__ import annotations

import argparse
import gc
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flask
from flask import template_rendered

sys.path.insert(0, str(Path(__file__).parents[2]))

from app.accounts.models import Person
from app.core import migrations
from app.core.database import writing
from app.core.settings import load
from app.factory import create_app
from app.operations import seed
from app.programs.models import Cohort
from app.programs.rules import CohortState, Role
from app.programs.weights import preferences
from tests.factories.programs import make_cohort, make_enrollment

LARGE_SECONDS = 300
PAGES = (("home", "/"), ("directory", "/ergs/"), ("events", "/events/"))


def make_app(folder: Path, size: str) -> tuple[flask.Flask, float]:
    """A seeded app on a fresh SQLite database, and how many seconds the seed took."""
    app = create_app(
        load(
            {
                "TRELLIS_ENV": "testing",
                "DATA_DIR": str(folder),
                "TRELLIS_ARGON2_COST": "1",
                "BASE_URL": "http://localhost",
                "SECRET_KEY": "b" * 40,
            }
        )
    )
    migrations.upgrade(app.extensions["database"])
    started = time.perf_counter()
    with app.app_context():
        seed.run(size)
    gc.freeze()  # as the web server does before it forks
    spent = time.perf_counter() - started
    print(f"seeded {size} in {spent:.1f} s", flush=True)
    return app, spent


def signed_in(app: flask.Flask, email: str = "bo@demo.example") -> Any:
    """A client signed in as somebody of the demo company."""
    client = app.test_client()
    app.config["WTF_CSRF_ENABLED"] = False
    client.post("/login", data={"email": email, "password": seed.PASSWORD})
    app.config["WTF_CSRF_ENABLED"] = True
    return client


def twin_of(app: flask.Flask, client: Any, path: str) -> Callable[[], str]:
    """A function that renders what the page renders, from constants."""
    captured: list[tuple[Any, dict[str, Any]]] = []

    def keep(_sender: object, template: Any, context: dict[str, Any], **_: object) -> None:
        captured.append((template, dict(context)))

    with template_rendered.connected_to(keep, app):
        client.get(path)
    template, context = captured[-1]

    def render() -> str:
        text: str = template.render(context)
        return text

    return render


def measure(run: Callable[[], object]) -> float:
    """Milliseconds of one call."""
    started = time.perf_counter()
    run()
    return (time.perf_counter() - started) * 1000


def p95(values: list[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(values, n=20)[18]


def compare(
    app: flask.Flask, client: Any, path: str, rounds: int
) -> tuple[list[float], list[float]]:
    """Milliseconds of page and twin, in turn."""
    pages, twins = [], []
    with app.test_request_context(path):
        twin = twin_of(app, client, path)
        for _ in range(rounds):
            pages.append(measure(lambda: client.get(path)))
            twins.append(measure(twin))
    return pages[5:], twins[5:]


SKILLS = ("strategy", "coaching", "writing", "finance", "sales", "data", "design", "speaking")
HOURS = [f"{day}-{part}" for day in ("mon", "wed", "fri") for part in ("morning", "afternoon")]


def large_cohort() -> Cohort:
    """Two thousand mentees and six hundred mentors who differ in what a matching looks at."""
    rng = random.Random(7)
    with writing() as db:
        cohort = make_cohort(db, CohortState.MATCHING, title="Large")
        for role, side, count in ((Role.MENTEE, "wanted", 2_000), (Role.MENTOR, "offered", 600)):
            for at in range(count):
                person = Person(
                    name=f"{side} {at}",
                    email=f"{side}{at}@large.example",
                    level=rng.randint(1, 5) + 4 * (role is Role.MENTOR),
                    function=f"Function {rng.randint(0, 9)}",
                    site=f"Site {rng.randint(0, 5)}",
                )
                db.add(person)
                db.flush()
                make_enrollment(
                    db,
                    cohort,
                    role,
                    person,
                    capacity=4 if role is Role.MENTOR else 1,
                    answers={
                        f"skills_{side}": rng.sample(SKILLS, 3),
                        "values": rng.sample("abcd", 2),
                    },
                    languages=rng.sample(["en", "es", "ar", "fr"], 2),
                    weekly_windows=rng.sample(HOURS, 3),
                    zone=rng.choice(["UTC", "Europe/Berlin", "America/New_York"]),
                )
    return cohort


def sliders(app: flask.Flask, rounds: int) -> None:
    """Print how long the page takes to prepare a cohort, and to answer each move afterwards."""
    with app.app_context():
        cohort = large_cohort()
    client = signed_in(app, "amara@demo.example")
    path = f"/programs/cohorts/{cohort.id}/weights"
    app.config["WTF_CSRF_ENABLED"] = False
    print(f"page itself: {measure(lambda: client.get(path)):.0f} ms")
    known = preferences(cohort.rules)
    rng, waits, work = random.Random(1), [], []

    def move() -> None:
        asked = {f"w_{one.at}": one.weight for one in known}
        asked[f"w_{rng.choice(known).at}"] = rng.uniform(1, 100)
        fields = {"objective": "fair", "segment": "", "choice": "organizers", "version": "1"}
        answer = client.post(
            f"{path}/trial",
            data={**fields, **asked},
            headers={"HX-Request": "true", "HX-Request-Type": "partial"},
        )
        assert answer.status_code == 200 and b"2,000 of 2,000" in answer.data, answer.data

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"first move, which prepares: {measure(move):.0f} ms")
    for _ in range(rounds):
        started = time.process_time()
        waits.append(measure(move))
        work.append((time.process_time() - started) * 1000)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(
        f"moves, 2,000 x 600: median {statistics.median(waits):.0f} ms, p95 {p95(waits):.0f} ms"
        f" (of a core: {statistics.median(work):.0f} ms), memory at most {grown:.0f} MB more"
    )


def main() -> None:
    """Print one line a page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", default="medium")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--quick", action="store_true", help="without sliders and large company")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        app, _ = make_app(Path(folder), options.size)
        client = signed_in(app)
        print(f"{'page':<12}{'p50':>9}{'p95':>9}{'twin p95':>10}{'bound':>9}  within")
        for name, path in PAGES:
            pages, twins = compare(app, client, path, options.rounds)
            bound = 1.5 * p95(twins) + 10
            print(
                f"{name:<12}{statistics.median(pages):>7.1f}ms{p95(pages):>7.1f}ms"
                f"{p95(twins):>8.1f}ms{bound:>7.1f}ms  {p95(pages) <= bound}"
            )
        if not options.quick:
            sliders(app, options.rounds)
    if not options.quick:
        with tempfile.TemporaryDirectory() as folder:
            _, spent = make_app(Path(folder), "large")
        print(f"large on SQLite within {LARGE_SECONDS} s: {spent <= LARGE_SECONDS}")


if __name__ == "__main__":
    main()
