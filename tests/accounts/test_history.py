"""Job history: whatever order facts are learned in, the same holds today and on any day."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.accounts import queries, services
from app.accounts.models import JobFact, Person
from app.accounts.rules import JOB_ATTRIBUTES, PersonStatus
from app.accounts.rules.history import columns_on
from app.core import clock, search
from app.core.database import end_reading, reading, writing
from app.core.registries import departures
from tests.factories.accounts import make_person

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
DAYS = st.dates(date(2024, 1, 1), date(2027, 6, 30))
FACTS = st.dictionaries(
    st.tuples(st.sampled_from(["department", "level", "status", "left_on", "site"]), DAYS),
    st.integers(0, 4),
    max_size=12,
)


def value_of(attribute: str, number: int) -> object:
    return {
        "department": [None, "Sales", "Research", "Legal", "People"][number],
        "site": [None, "Oslo", "Cairo", "Lima", "Pune"][number],
        "level": number + 1,
        "status": [
            PersonStatus.ACTIVE,
            PersonStatus.LEFT,
            PersonStatus.ON_LEAVE,
            PersonStatus.ACTIVE,
            PersonStatus.LEFT,
        ][number],
        "left_on": date(2025, 1, number + 1),
    }[attribute]


def columns(person: Person) -> dict[str, object]:
    return {name: getattr(person, name) for name in JOB_ATTRIBUTES}


@given(facts=FACTS, data=st.data())
@settings(max_examples=200, deadline=None)
def test_pure_any_order_gives_the_same_columns(facts, data) -> None:
    rows = [
        (a, None if (v := value_of(a, n)) is None else str(v), d) for (a, d), n in facts.items()
    ]
    shuffled = data.draw(st.permutations(rows))
    for day in (date(2025, 6, 1), NOW.date(), date(2027, 7, 1)):
        assert columns_on(rows, day) == columns_on(shuffled, day)


def test_shuffled_loads_end_equal_in_the_database(context) -> None:
    @given(facts=FACTS, data=st.data())
    @settings(max_examples=12, deadline=None)
    def check(facts, data) -> None:
        loads = [(a, value_of(a, n), d) for (a, d), n in facts.items()]
        with clock.frozen(NOW), writing() as db:
            one, two = make_person(db, name="One"), make_person(db, name="Two")
            for attribute, value, day in loads:
                services.record_facts(db, None, one.id, {attribute: value}, day, "test")
            for attribute, value, day in data.draw(st.permutations(loads)):
                services.record_facts(db, None, two.id, {attribute: value}, day, "test")
            db.expire_all()
            assert columns(one) == columns(two)
            for day in (date(2025, 6, 1), date(2027, 7, 1)):
                held = queries.facts_on(db, [one.id, two.id], day)
                assert held[one.id] == held[two.id]

    check()


@pytest.fixture
def ada(context):
    with writing() as db:
        return make_person(db, name="Ada Lovelace").id


def record(person, facts, day: date) -> None:
    with writing() as db:
        services.record_facts(db, None, person, facts, day, "test")


def now(person) -> Person:
    end_reading()
    return reading().get(Person, person)


def test_the_newest_fact_that_holds_stands_in_the_persons_columns(ada) -> None:
    record(ada, {"department": "Sales", "level": 3}, date(2024, 5, 1))
    record(ada, {"department": "Research"}, date(2023, 1, 1))
    assert (now(ada).department, now(ada).level) == ("Sales", 3)
    assert queries.facts_on(reading(), [ada], date(2023, 6, 1))[ada] == {"department": "Research"}


def test_a_second_word_about_the_same_day_is_a_correction(ada) -> None:
    record(ada, {"department": "Sales"}, date(2024, 5, 1))
    record(ada, {"department": "Legal"}, date(2024, 5, 1))
    assert now(ada).department == "Legal"
    assert reading().scalar(select(func.count()).select_from(JobFact)) == 1


def test_leaving_ends_everything_in_the_same_transaction_and_coming_back_starts_clean(ada) -> None:
    told: list[object] = []
    departures.add("test_history", lambda db, person: told.append((person, db.in_transaction())))
    try:
        with writing() as db:
            token = services.open_session(db, ada, device="").token
        record(ada, {"status": PersonStatus.LEFT, "left_on": date(2025, 3, 1)}, date(2025, 3, 1))
        assert told == [(ada, True)] and queries.actor_of(reading(), token) is None
        assert reading().scalars(search.ids("people", "lovelace")).all() == []
        record(ada, {"department": "Sales"}, date(2025, 4, 1))
        assert len(told) == 1, "nobody leaves twice"
        record(ada, {"status": PersonStatus.ACTIVE}, date(2026, 1, 1))
        assert (now(ada).status, now(ada).left_on) == (PersonStatus.ACTIVE, None)
    finally:
        departures._items.pop("test_history")


def test_a_handler_that_fails_keeps_the_person(ada) -> None:
    def fail(_db, _person) -> None:
        raise RuntimeError("no")

    departures.add("test_history_fails", fail)
    try:
        with pytest.raises(RuntimeError):
            record(ada, {"status": PersonStatus.LEFT}, date(2025, 3, 1))
    finally:
        departures._items.pop("test_history_fails")
    assert now(ada).status is PersonStatus.ACTIVE
    assert reading().scalar(select(func.count()).select_from(JobFact)) == 0


def test_nobody_gives_themselves_a_role(ada) -> None:
    from app.accounts.rules import OrgRoleName
    from app.core.errors import Refused

    with pytest.raises(Refused), writing() as db:
        services.grant_role(db, ada, person_id=ada, role=OrgRoleName.HR_ANALYST)
