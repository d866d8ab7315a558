"""Sums counted from the ledger, and prices by dated rates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.budgets.models import (
    BudgetCycle,
    BudgetEntry,
    BudgetLine,
    BudgetRate,
    BudgetRequest,
)
from app.budgets.rules import (
    RATE_MAX_AGE,
    Account,
    EntryKind,
    Sums,
)
from app.core import clock, money


def _sums_of(rows: Iterable[tuple[Account, int]]) -> Sums:
    found = {account: int(total) for account, total in rows}
    return Sums(
        found.get(Account.ALLOCATED, 0),
        found.get(Account.COMMITTED, 0),
        found.get(Account.SPENT, 0),
    )


def line_sums(db: Session, line_id: UUID) -> Sums:
    """What a line has, counted from its entries."""
    return _sums_of(_totals(db, BudgetEntry.line_id == line_id))


def request_sums(db: Session, request_id: UUID) -> Sums:
    """What a request holds, counted from its entries."""
    return _sums_of(_totals(db, BudgetEntry.request_id == request_id))


def _totals(db: Session, condition: Any) -> list[Any]:
    return list(
        db.execute(
            select(BudgetEntry.account, func.sum(BudgetEntry.amount))
            .where(condition)
            .group_by(BudgetEntry.account)
        )
    )


def sums_by_line(db: Session, cycle: BudgetCycle) -> dict[UUID, Sums]:
    """The sums of every line of a cycle, in one statement."""
    rows = db.execute(
        select(BudgetEntry.line_id, BudgetEntry.account, func.sum(BudgetEntry.amount))
        .join(BudgetLine, BudgetLine.id == BudgetEntry.line_id)
        .where(BudgetLine.cycle_id == cycle.id)
        .group_by(BudgetEntry.line_id, BudgetEntry.account)
    ).all()
    return {
        line.id: _sums_of((row[1], row[2]) for row in rows if row[0] == line.id)
        for line in cycle.lines
    }


def commitment_of(db: Session, request_id: UUID) -> BudgetEntry | None:
    """The newest commitment of a request; its rate holds for what follows."""
    return _newest(db, request_id, EntryKind.COMMITMENT)


def spend_of(db: Session, request_id: UUID) -> BudgetEntry | None:
    """The newest spend of a request."""
    return _newest(db, request_id, EntryKind.SPEND)


def _newest(db: Session, request_id: UUID, kind: EntryKind) -> BudgetEntry | None:
    reversed_ones = select(BudgetEntry.reverses_id).where(BudgetEntry.reverses_id.is_not(None))
    return db.scalar(
        select(BudgetEntry)
        .where(
            BudgetEntry.request_id == request_id,
            BudgetEntry.kind == kind,
            BudgetEntry.id.not_in(reversed_ones),
        )
        .order_by(BudgetEntry.at.desc(), BudgetEntry.id)
        .limit(1)
    )


@dataclass(frozen=True, slots=True)
class Priced:
    """A request in the currency of its cycle, and by which day's rate."""

    amount: int
    rate: str | None = None
    day: date | None = None
    source: str = ""


def rate_on(db: Session, currency: str, into: str, day: date) -> BudgetRate | None:
    """The rate of a day: its own, else the newest of the week before it."""
    return db.scalar(
        select(BudgetRate)
        .where(
            BudgetRate.currency == currency,
            BudgetRate.into == into,
            BudgetRate.day <= day,
            BudgetRate.day >= day - RATE_MAX_AGE,
        )
        .order_by(BudgetRate.day.desc())
        .limit(1)
    )


def price(db: Session, request: BudgetRequest, into: str) -> Priced | None:
    """What a request costs in the currency of its cycle; None when the rate is missing."""
    if request.currency == into:
        return Priced(request.amount)
    day = request.submitted_on or clock.now().date()
    found = rate_on(db, request.currency, into, day)
    if found is None:
        return None
    amount = money.convert(request.amount, request.currency, into, found.value)
    return Priced(max(1, amount), found.rate, found.day, found.source)


def at_rate_of(entry: BudgetEntry, amount: int, request: BudgetRequest, into: str) -> int:
    """An amount of a request in the currency of its cycle, at the rate of its commitment."""
    if entry.rate is None:
        return amount
    return money.convert(amount, request.currency, into, Decimal(entry.rate))
