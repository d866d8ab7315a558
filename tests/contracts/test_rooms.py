"""The border between reading and writing is watched, and the watch can fail."""

from __future__ import annotations

import pytest

from app.accounts.models import Person
from app.audit import services as audit
from app.core.database import reading, writing
from tests.rooms import ReadObjectInService


def test_services_are_watched(services_watched):
    assert services_watched > 10


def test_a_row_of_the_read_session_cannot_reach_a_service(context):
    with writing() as db:
        db.add(Person(name="Ada"))
    person = reading().query(Person).one()
    with pytest.raises(ReadObjectInService, match="pass its id"), writing() as db:
        audit.record(db, None, "peek", person)


def test_a_row_of_the_transaction_may(context):
    with writing() as db:
        person = Person(name="Ada")
        db.add(person)
        db.flush()
        audit.record(db, None, "greet", person)
