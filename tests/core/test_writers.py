"""Writers of one process wait for each other in a queue, and in vain only for a while."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from app.accounts.models import Person
from app.core import database
from app.core.database import reading, writing
from tests.factories.accounts import make_person

WRITERS = 24


def test_many_writers_at_once_all_come_through(app):
    barrier = threading.Barrier(WRITERS)

    def write(number: int) -> None:
        with app.app_context():
            barrier.wait(10)
            for turn in range(5):
                with writing() as db:
                    make_person(db, f"Person {number} {turn}")

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    with app.app_context():
        assert reading().scalar(select(func.count(Person.id))) == WRITERS * 5


def test_who_waits_too_long_is_told_and_the_next_one_gets_through(app, monkeypatch):
    if not app.extensions["database"].is_sqlite:
        pytest.skip("PostgreSQL lets several write at once")
    monkeypatch.setattr(database, "PATIENCE", 0.05)
    is_held, let_go = threading.Event(), threading.Event()

    def hold_on() -> None:
        with app.app_context(), writing():
            is_held.set()
            let_go.wait(10)

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(hold_on)
        assert is_held.wait(10)
        with app.app_context(), pytest.raises(OperationalError), writing():
            pass
        let_go.set()
        slow.result(10)
    with app.app_context(), writing() as db:
        make_person(db)
