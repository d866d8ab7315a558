"""What the rules of money allow, and that the ledger adds up."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import delete, func, select, update

from app.budgets import queries, services
from app.budgets.models import BudgetEntry, LedgerIsFinal
from app.budgets.rules import EntryKind, Purpose, RequestState
from app.core import clock
from app.core.database import writing
from app.core.errors import Refused
from app.core.outbox import Delivery
from app.ergs.rules import RoleName
from tests.factories.accounts import make_person
from tests.factories.budgets import line_of, make_cycle, make_request
from tests.factories.ergs import make_erg, make_member, make_role
from tests.factories.events import make_event


@pytest.fixture
def world(context):
    """A group with a lead, two treasurers, a member, and a cycle of 1,000.00 a line."""
    with writing() as db:
        ids = {n: make_person(db, f"{n} Test").id for n in ("lead", "ana", "bea", "member")}
        ids["admin"] = make_person(db, "Admin Test", roles=("org_admin",)).id
        erg = make_erg(db, "women", lead=ids["lead"])
        make_member(db, erg, ids["member"])
        for name in ("ana", "bea"):
            make_role(db, erg, ids[name], RoleName.TREASURER)
        cycle = make_cycle(db, erg)
        yield db, ids, cycle


def left(db, cycle) -> int:
    return queries.line_sums(db, line_of(cycle).id).balance


def test_balance_is_allocated_less_committed_less_spent(world) -> None:
    db, ids, cycle = world
    make_request(db, cycle, ids["ana"], approver=ids["bea"], state=RequestState.SPENT, amount=700)
    make_request(
        db, cycle, ids["ana"], approver=ids["bea"], state=RequestState.COMMITTED, amount=40
    )
    make_request(db, cycle, ids["ana"], approver=ids["bea"], state=RequestState.RELEASED)
    make_request(db, cycle, ids["ana"])
    sums = queries.line_sums(db, line_of(cycle).id)
    assert (sums.allocated, sums.committed, sums.spent) == (100_000, 40, 700)
    assert sums.balance == 100_000 - 740
    assert queries.sums_by_line(db, cycle)[line_of(cycle).id] == sums


def test_nobody_decides_about_their_own_request_and_members_about_none(world) -> None:
    db, ids, cycle = world
    row = make_request(db, cycle, ids["ana"])
    for person in (ids["ana"], ids["member"], ids["admin"]):
        with pytest.raises(Refused):
            services.approve(db, person, request_id=row.id)
    with pytest.raises(Refused):
        services.reject(db, ids["ana"], request_id=row.id, reason="No")
    with pytest.raises(Refused):
        make_request(db, cycle, ids["member"])


def test_above_the_limit_two_different_people_agree(world) -> None:
    db, ids, cycle = world
    exact = make_request(db, cycle, ids["ana"], amount=50_000)
    services.approve(db, ids["bea"], request_id=exact.id)
    assert exact.state is RequestState.COMMITTED
    services.take_back(db, ids["bea"], request_id=exact.id)
    large = make_request(db, cycle, ids["ana"], amount=50_001)
    services.approve(db, ids["bea"], request_id=large.id)
    assert large.state is RequestState.APPROVED and left(db, cycle) == 100_000
    with pytest.raises(Refused, match="second person"):
        services.approve(db, ids["bea"], request_id=large.id)
    services.approve(db, ids["lead"], request_id=large.id)
    assert large.state is RequestState.COMMITTED and left(db, cycle) == 49_999


def test_an_approval_taken_back_gives_the_money_back_by_an_entry(world) -> None:
    db, ids, cycle = world
    row = make_request(
        db, cycle, ids["ana"], approver=ids["bea"], state=RequestState.COMMITTED, amount=60_00
    )
    with pytest.raises(Refused, match="not approved"):
        services.take_back(db, ids["lead"], request_id=row.id)
    services.take_back(db, ids["bea"], request_id=row.id)
    assert row.state is RequestState.SUBMITTED and left(db, cycle) == 100_000
    kinds = [entry.kind for entry in queries.entries_of(db, row.id)]
    assert sorted(kinds) == [EntryKind.COMMITMENT, EntryKind.RELEASE]
    services.approve(db, ids["bea"], request_id=row.id)
    services.spend(db, ids["ana"], request_id=row.id, amount=60_00)
    with pytest.raises(Refused):
        services.take_back(db, ids["bea"], request_id=row.id)


def test_what_was_paid_counts_and_the_rest_is_free_again(world) -> None:
    db, ids, cycle = world
    row = make_request(db, cycle, ids["ana"], approver=ids["bea"], state=RequestState.COMMITTED)
    with pytest.raises(Refused, match="more than the line has"):
        services.spend(db, ids["ana"], request_id=row.id, amount=100_001)
    services.spend(db, ids["ana"], request_id=row.id, amount=9_999, receipt="Folder 3")
    assert left(db, cycle) == 90_001
    services.unspend(db, ids["ana"], request_id=row.id)
    assert left(db, cycle) == 90_000 and row.state is RequestState.COMMITTED
    services.spend(db, ids["ana"], request_id=row.id, amount=12_000)
    services.reconcile(db, ids["bea"], request_id=row.id)
    services.unreconcile(db, ids["bea"], request_id=row.id)
    assert (row.state, left(db, cycle)) == (RequestState.SPENT, 88_000)


def test_a_request_in_another_currency_is_converted_at_the_rate_of_its_day(world) -> None:
    db, ids, cycle = world
    row = make_request(db, cycle, ids["ana"], amount=20_000, currency="JPY")
    with pytest.raises(Refused, match="no rate of JPY in USD"):
        services.approve(db, ids["bea"], request_id=row.id)
    today = clock.now().date()

    def enter(rate, days):
        services.enter_rate(
            db,
            ids["admin"],
            currency="JPY",
            into="USD",
            day=today - timedelta(days=days),
            rate=Decimal(rate),
            source="Central bank",
        )

    enter("0.0099", 8)
    with pytest.raises(Refused, match="no rate"):
        services.approve(db, ids["bea"], request_id=row.id)
    enter("0.0066", 3)
    services.approve(db, ids["bea"], request_id=row.id)
    entry = queries.commitment_of(db, row.id)
    assert (entry.amount, entry.rate, entry.rate_day) == (13_200, "0.0066", today - timedelta(3))
    assert (entry.original_amount, entry.original_currency) == (20_000, "JPY")
    enter("0.0070", 3)
    services.spend(db, ids["ana"], request_id=row.id, amount=20_000)
    assert left(db, cycle) == 100_000 - 13_200


def test_changing_a_request_needs_new_approvals(world) -> None:
    db, ids, cycle = world
    row = make_request(db, cycle, ids["ana"], amount=60_000)
    services.approve(db, ids["bea"], request_id=row.id)
    services.ask_changes(db, ids["lead"], request_id=row.id, reason="Cheaper, please")
    wish = services.Wish(row.line_id, "Room", 55_000, "USD")
    services.revise(db, ids["ana"], request_id=row.id, wish=wish)
    services.submit(db, ids["ana"], request_id=row.id)
    services.approve(db, ids["bea"], request_id=row.id)
    assert row.state is RequestState.APPROVED


def test_only_administrators_allocate_and_what_is_spoken_for_stays(world) -> None:
    db, ids, cycle = world
    line = line_of(cycle, Purpose.POLICY)
    for person in (ids["lead"], ids["ana"]):
        with pytest.raises(Refused):
            services.allocate(db, person, line_id=line.id, amount=5)
    entry = services.allocate(db, ids["admin"], line_id=line.id, amount=5_000)
    services.reverse(db, ids["admin"], entry_id=entry.id)
    with pytest.raises(Refused, match="already"):
        services.reverse(db, ids["admin"], entry_id=entry.id)
    first = db.scalars(
        select(BudgetEntry).where(BudgetEntry.line_id == line.id, BudgetEntry.amount == 100_000)
    ).one()
    make_request(
        db, cycle, ids["ana"], approver=ids["bea"], state=RequestState.COMMITTED, line_id=line.id
    )
    with pytest.raises(Refused, match="spoken for"):
        services.reverse(db, ids["admin"], entry_id=first.id)


def test_a_closed_cycle_takes_no_requests_but_finishes_what_it_began(world) -> None:
    db, ids, cycle = world
    waiting = make_request(db, cycle, ids["ana"])
    held = make_request(db, cycle, ids["ana"], approver=ids["bea"], state=RequestState.COMMITTED)
    services.close_cycle(db, ids["admin"], cycle_id=cycle.id)
    with pytest.raises(Refused, match="closed"):
        services.approve(db, ids["bea"], request_id=waiting.id)
    with pytest.raises(Refused, match="closed"):
        make_request(db, cycle, ids["ana"])
    services.spend(db, ids["bea"], request_id=held.id, amount=10_000)


def test_the_ledger_only_grows(world) -> None:
    db, _ids, _cycle = world
    entry = db.scalars(select(BudgetEntry).limit(1)).one()
    before = db.scalar(select(func.count()).select_from(BudgetEntry))
    for statement in (
        update(BudgetEntry).values(amount=1),
        delete(BudgetEntry).where(BudgetEntry.id == entry.id),
    ):
        with pytest.raises(LedgerIsFinal):
            db.execute(statement)
    with pytest.raises(LedgerIsFinal), db.begin_nested():
        entry.amount = 1
        db.flush()
    with pytest.raises(LedgerIsFinal), db.begin_nested():
        db.delete(entry)
        db.flush()
    assert db.scalar(select(func.count()).select_from(BudgetEntry)) == before


def test_only_events_of_the_group_are_paid_for(world) -> None:
    db, ids, cycle = world
    other = make_event(db, make_erg(db, "allies", lead=ids["lead"]), "Elsewhere")
    with pytest.raises(Refused, match="events of this group"):
        make_request(db, cycle, ids["ana"], event_id=other.event_id)


def test_those_who_may_decide_are_told_but_not_whoever_asks(world) -> None:
    db, ids, cycle = world
    row = make_request(db, cycle, ids["ana"])
    assert told(db, "budget_waiting", row) == {ids["lead"], ids["bea"]}
    services.approve(db, ids["bea"], request_id=row.id)
    assert told(db, "budget_decided", row) == {ids["ana"]}


def told(db, kind, row) -> set:
    return set(
        db.scalars(
            select(Delivery.person_id).where(Delivery.kind == kind, Delivery.subject_id == row.id)
        )
    )
