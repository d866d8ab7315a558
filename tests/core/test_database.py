"""The two modes of a session, on both databases."""

from __future__ import annotations

import threading
from uuid import UUID

import pytest
from sqlalchemy import select, update

from app.accounts.models import Person
from app.core import ids
from app.core.database import Database, hold, reading, writing


def _person(db, **columns) -> UUID:
    person = Person(name="Ada", **columns)
    db.add(person)
    db.flush()
    return person.id


def test_a_read_session_refuses_to_write(context):
    session = reading()
    session.add(Person(name="Ada"))
    with pytest.raises(RuntimeError, match="read session"):
        session.flush()


def test_writing_closes_the_read_session_and_commits(context):
    before = reading()
    with writing() as db:
        person_id = _person(db)
    assert reading() is not before
    assert reading().get(Person, person_id).name == "Ada"


def test_an_exception_leaves_nothing_behind(context):
    with pytest.raises(ZeroDivisionError), writing() as db:
        _person(db)
        raise ZeroDivisionError
    assert reading().scalar(select(Person.id)) is None
    with writing() as db:  # and the next transaction is possible
        _person(db)


def test_transactions_do_not_nest(context):
    with writing(), pytest.raises(RuntimeError, match="already open"), writing():
        pass


def test_follow_ups_run_after_the_commit_and_not_after_a_failure(context):
    from app.core.database import after_commit

    seen = []
    with writing() as db:
        after_commit(db, lambda: seen.append("saved"))
        assert seen == []
    assert seen == ["saved"]
    with pytest.raises(ValueError, match="no"), writing() as db:
        after_commit(db, lambda: seen.append("lost"))
        raise ValueError("no")
    assert seen == ["saved"]


def test_hold_finds_nothing_for_an_absent_row(context):
    with writing() as db:
        assert hold(db, Person, ids.new_id()) is None


def test_four_hundred_increments_under_contention_are_all_kept(app, database_url):
    """SQLite loses updates silently when a writer begins as a reader; ours must not."""
    with app.app_context(), writing() as db:
        person_id = _person(db, level=0)

    def increment(times: int) -> None:
        database = Database(database_url)
        for _ in range(times):
            with database.transaction() as db:
                person = hold(db, Person, person_id)
                db.execute(update(Person).values(level=person.level + 1))
        database.dispose()

    threads = [threading.Thread(target=increment, args=(100,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert reading().get(Person, person_id).level == 400


def test_instants_come_back_aware_and_in_utc(context):
    from datetime import datetime, timedelta, timezone

    at = datetime(2026, 3, 1, 9, 30, tzinfo=timezone(timedelta(hours=9)))
    with writing() as db:
        person_id = _person(db, created_at=at)
    found = reading().get(Person, person_id).created_at
    assert found == at and found.utcoffset() == timedelta()
