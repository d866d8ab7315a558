"""Load the demo company: people first, then each domain's part, in one deterministic draw."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from importlib.util import find_spec

import flask

from app.accounts.models import Person
from app.core import clock, ids
from app.core.database import reading, writing
from app.core.errors import Refused
from app.operations.demo.company import SIZES, STARS, build

PASSWORD = "trellis-demo"  # noqa: S105 - printed for everyone; refused in production
DOMAINS = (
    "holidays",
    "ergs",
    "approvals",
    "posts",
    "threads",
    "resources",
    "elections",
    "events",
    "attendance",
    "speed",
    "budgets",
    "plans",
    "programs",
    "mentoring",
    "concerns",
    "health",
)


def run(
    size: str = "small",
    seed: int = 1,
    as_of: date | None = None,
    progress: Callable[[str], None] = lambda _step: None,
) -> None:
    """Fill an empty database; the same arguments give the same data.

    Raises Refused in production, for an unknown size, or when people are there already.
    """
    _refuse(size)
    day = as_of or clock.now().date()
    with clock.frozen(datetime.combine(day, time(9), UTC)), ids.seeded(f"{seed}|{size}"):
        progress("people")
        with writing() as db:
            people = build(db, size, day)
            _let_sign_in(db, people)
        for name in DOMAINS:
            if find_spec(f"app.{name}.seed") is None:
                continue
            progress(name)
            with writing() as db:
                importlib.import_module(f"app.{name}.seed").seed(db, people, size)


def _refuse(size: str) -> None:
    if flask.current_app.extensions["settings"].is_production:
        raise Refused("The demo company is not for production: its passwords are public.")
    if size not in SIZES:
        raise Refused(f"Unknown size {size!r}; use one of {', '.join(SIZES)}.")
    if reading().query(Person.id).first() is not None:
        raise Refused("There are people in this database already; seed an empty one.")


def _let_sign_in(db, people) -> None:  # type: ignore[no-untyped-def]
    from app.accounts.services import set_password

    for star in STARS:
        set_password(db, None, person_id=people[star.key], password=PASSWORD)
