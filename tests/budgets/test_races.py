"""Two hands on the same money: real threads, real transactions, both databases."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select

from app.budgets import queries, services
from app.budgets.models import BudgetCycle, BudgetEntry, BudgetRequest
from app.budgets.rules import EntryKind, RequestState
from app.core.database import writing
from app.core.errors import Refused
from app.ergs.rules import RoleName
from tests.factories.accounts import make_person
from tests.factories.budgets import line_of, make_cycle, make_request
from tests.factories.ergs import make_erg, make_role

ROUNDS = 8


@pytest.fixture
def group(context):
    """(cycle, who asks, two who decide)"""
    with writing() as db:
        lead, asks, other = (make_person(db, f"{name} Test").id for name in ("Li", "Ana", "Bea"))
        erg = make_erg(db, "women", lead=lead)
        for person in (asks, other):
            make_role(db, erg, person, RoleName.TREASURER)
        cycle = make_cycle(db, erg, allocated=0, two_people_above=1_000_000)
        return cycle.id, asks, (lead, other)


def press_together(app, acts) -> tuple[list[str], list[BaseException]]:
    """Run all acts at the same moment; returns what was refused and what broke."""
    barrier, refused, faults = Barrier(len(acts)), [], []

    def press(act) -> None:
        barrier.wait(timeout=60)
        try:
            with app.app_context():
                act()
        except Refused as no:
            refused.append(no.message)
        except BaseException as fault:
            faults.append(fault)

    threads = [Thread(target=press, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused, faults


def approving(person, request_id):
    def act() -> None:
        with writing() as db:
            services.approve(db, person, request_id=request_id)

    return act


def test_two_approvals_at_once_never_take_a_cent_more_than_there_is(app, group) -> None:
    """Each round has room for one of two requests, short of the second by exactly one cent."""
    cycle_id, asks, deciders = group
    for _ in range(ROUNDS):
        with writing() as db:
            cycle = db.get(BudgetCycle, cycle_id)
            line = line_of(cycle)
            services.allocate(db, None, line_id=line.id, amount=20_001 - left_on(db, line.id))
            wanted = [make_request(db, cycle, asks, amount=10_001).id for _ in deciders]
        acts = [approving(p, r) for p, r in zip(deciders, wanted, strict=True)]
        refused, faults = press_together(app, acts)
        assert faults == [] and len(refused) == 1 and "has only" in refused[0]
        with writing() as db:
            assert left_on(db, line.id) == 10_000
            states = sorted(db.get(BudgetRequest, r).state for r in wanted)
            assert states == [RequestState.COMMITTED, RequestState.SUBMITTED]


def left_on(db, line_id) -> int:
    return queries.line_sums(db, line_id).balance


def test_one_request_approved_twice_at_once_is_committed_once(app, group) -> None:
    cycle_id, asks, (lead, other) = group
    with writing() as db:
        cycle = db.get(BudgetCycle, cycle_id)
        line = line_of(cycle)
        services.allocate(db, None, line_id=line.id, amount=100_000)
        wanted = make_request(db, cycle, asks, amount=30_000).id
    refused, faults = press_together(app, [approving(p, wanted) for p in (lead, lead, other)])
    assert faults == [] and len(refused) == 2
    with writing() as db:
        assert left_on(db, line.id) == 70_000
        assert count_of(db, EntryKind.COMMITMENT) == 1


def count_of(db, kind) -> int:
    return db.scalar(select(func.count()).where(BudgetEntry.kind == kind))


def test_approving_taking_back_and_reversing_at_once_keep_the_sums_whole(app, group) -> None:
    cycle_id, asks, deciders = group
    with writing() as db:
        cycle = db.get(BudgetCycle, cycle_id)
        line = line_of(cycle)
        first = services.allocate(db, None, line_id=line.id, amount=15_000).id
        services.allocate(db, None, line_id=line.id, amount=15_000)
        wanted = [make_request(db, cycle, asks, amount=10_000).id for _ in range(3)]
        services.approve(db, deciders[0], request_id=wanted[0])

    def take_back() -> None:
        with writing() as db:
            services.take_back(db, deciders[0], request_id=wanted[0])

    def reverse() -> None:
        with writing() as db:
            services.reverse(db, None, entry_id=first)

    acts = [approving(deciders[1], r) for r in wanted[1:]]
    _refused, faults = press_together(app, [*acts, take_back, reverse])
    assert faults == []
    with writing() as db:
        rows = [db.get(BudgetRequest, r) for r in wanted]
        held = sum(r.amount for r in rows if r.state is RequestState.COMMITTED)
        sums = queries.line_sums(db, line.id)
        assert sums.committed == held and sums.spent == 0
        assert sums.balance == sums.allocated - held >= 0
