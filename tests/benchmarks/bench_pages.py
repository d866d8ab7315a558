"""Server time of the directory and home at `medium`, against the same templates from constants.

    .venv/bin/python tests/benchmarks/bench_pages.py [--size medium] [--rounds 60] [--quick]

Both halves of each pair run in turn in one process, so the machine's noise hits both alike. The
constants twin renders the very template with the very context, captured once, without guard,
session or SQL. Bound: p95 <= 1.5 x twin's p95 + 10 ms. Then, unless told to be quick,
the company of 20,000 people is seeded on SQLite; bound: 300 s.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flask
from flask import template_rendered

from app.core import migrations
from app.core.settings import load
from app.factory import create_app
from app.operations import seed

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
    spent = time.perf_counter() - started
    print(f"seeded {size} in {spent:.1f} s", flush=True)
    return app, spent


def signed_in(app: flask.Flask) -> Any:
    """A client signed in as Bo."""
    client = app.test_client()
    app.config["WTF_CSRF_ENABLED"] = False
    client.post("/login", data={"email": "bo@demo.example", "password": seed.PASSWORD})
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


def main() -> None:
    """Print one line a page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", default="medium")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--quick", action="store_true", help="without the large company")
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
        with tempfile.TemporaryDirectory() as folder:
            _, spent = make_app(Path(folder), "large")
        print(f"large on SQLite within {LARGE_SECONDS} s: {spent <= LARGE_SECONDS}")


if __name__ == "__main__":
    main()
