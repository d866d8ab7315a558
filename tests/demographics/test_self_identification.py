"""Identity values: encrypted, bound to their place, read only with consent, never unnoticed."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import func, select, text

from app.accounts.models import Person
from app.audit.models import AuditEvent
from app.core.database import reading, writing
from app.core.keyring import keyring
from app.demographics import services
from app.demographics.models import PersonKey, SelfIdentification
from app.demographics.rules import Attribute, NoConsent, Purpose
from tests.accounts.test_import import bring
from tests.factories.accounts import make_person

GENDER = Attribute.GENDER


@pytest.fixture
def ada(context):
    with writing() as db:
        return make_person(db, name="Ada").id


def say(person, value="Non-binary", purposes=(Purpose.ANALYTICS,)) -> None:
    with writing() as db:
        services.identify(
            db,
            person,
            values={GENDER: value},
            purposes=purposes,
            notice_version="2026-1",
            locale="en",
        )


def read(person, purpose=Purpose.ANALYTICS):
    with writing() as db:
        return services.read(db, None, person_id=person, attribute=GENDER, purpose=purpose)


def test_a_value_is_readable_for_the_purpose_agreed_to_and_no_other(ada) -> None:
    say(ada)
    assert read(ada) == "Non-binary"
    with pytest.raises(NoConsent):
        read(ada, Purpose.MATCHING_SHAREABLE)


def test_every_read_is_audited_without_the_value(ada) -> None:
    say(ada)
    read(ada)
    rows = reading().scalars(select(AuditEvent).where(AuditEvent.subject_id == ada)).all()
    assert sorted(r.verb for r in rows if r.verb.startswith("identity")) == [
        "identity_read",
        "identity_said",
    ]
    assert "Non-binary" not in str([vars(r) for r in rows]) and "gender" not in str(
        [(r.verb, r.reason, r.before, r.after) for r in rows]
    )


def test_the_database_holds_no_value_in_the_clear(ada) -> None:
    say(ada)
    row = reading().scalar(select(SelfIdentification))
    assert b"Non-binary" not in row.value and len(row.value) == 12 + len("Non-binary") + 16


def test_what_a_person_says_outweighs_the_employers_records_in_any_order(ada) -> None:
    with writing() as db:
        services.record_hris(db, None, {ada: {"gender": "Female"}})
    assert read(ada) == "Female"
    say(ada)
    with writing() as db:
        services.record_hris(db, None, {ada: {"gender": "Female"}})
    assert read(ada) == "Non-binary"
    say(ada, None)
    assert read(ada) is None


def test_records_of_the_employer_never_feed_matching(ada) -> None:
    with writing() as db:
        services.record_hris(db, None, {ada: {"gender": "Female"}})
    for purpose in (Purpose.MATCHING_SHAREABLE, Purpose.MATCHING_DENIABLE):
        with pytest.raises(NoConsent):
            read(ada, purpose)
        with writing() as db:
            assert (
                services.read_consenting(db, None, people=[ada], attribute=GENDER, purpose=purpose)
                == {}
            )


def test_a_value_moved_to_another_row_does_not_open(ada) -> None:
    with writing() as db:
        bo = make_person(db, name="Bo").id
    say(ada, "One")
    say(bo, "Two")
    with writing() as db:
        rows = {r.person_id: r for r in db.scalars(select(SelfIdentification))}
        rows[bo].value = rows[ada].value
    with pytest.raises(InvalidTag):
        read(bo)


def test_the_key_file_is_private_and_keys_rotate_while_values_stay(ada, app) -> None:
    say(ada)
    path: Path = app.extensions["settings"].key_file
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    old = keyring().current
    sealed = reading().scalar(select(SelfIdentification.value))
    new = services.add_root()
    assert read(ada) == "Non-binary", "both roots serve while the rotation runs"
    with writing() as db:
        assert services.rewrap(db, None) == 1 and services.rewrap(db, None) == 0
        assert services.drop_unused_roots(db) == 1
    assert old not in json.loads(path.read_text())["roots"]
    assert reading().scalar(select(PersonKey.root_id)) == new
    assert reading().scalar(select(SelfIdentification.value)) == sealed
    assert read(ada) == "Non-binary"


def test_erasing_takes_values_and_key(ada) -> None:
    say(ada)
    with writing() as db:
        services.erase(db, None, person_id=ada)
    for table in (SelfIdentification, PersonKey):
        assert reading().scalar(select(func.count()).select_from(table)) == 0


def test_identity_columns_of_the_real_file_arrive_encrypted_and_nowhere_else(
    context, outside_data
) -> None:
    bring(outside_data / "ibm_attrition" / "emp_attrition.csv")
    db = reading()
    assert db.scalar(select(func.count()).select_from(SelfIdentification)) == 3 * 1470
    dump = str(db.execute(text("SELECT value FROM self_identification LIMIT 500")).all())
    assert "Female" not in dump and "Married" not in dump
    people = list(db.scalars(select(Person.id)))
    with writing() as session:
        genders = services.read_consenting(
            session, None, people=people, attribute=GENDER, purpose=Purpose.ANALYTICS
        )
    counted = {value: list(genders.values()).count(value) for value in set(genders.values())}
    assert counted == {"Female": 588, "Male": 882}
