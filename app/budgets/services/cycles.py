"""Administrators open cycles, allocate money, take allocations back, enter rates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.budgets import queries
from app.budgets.models import BudgetCycle, BudgetEntry, BudgetLine, BudgetRate
from app.budgets.rules import CycleState, EntryKind, Purpose
from app.budgets.services.ledger import hold_line, require_admin, reversal, write
from app.core import clock, ids
from app.core.database import hold
from app.core.errors import Refused
from app.ergs.models import Chapter, Erg


@dataclass(frozen=True, slots=True)
class CycleTerms:
    """What an administrator decides about a cycle."""

    name: str
    starts_on: date
    ends_on: date
    two_people_above: int


def open_cycle(
    db: Session,
    actor_id: UUID | None,
    *,
    erg_id: UUID,
    terms: CycleTerms,
    currency: str,
    chapter_ids: Iterable[UUID] = (),
) -> BudgetCycle:
    """Open a cycle with a line for every purpose, and one for community in each chapter named."""
    require_admin(db, actor_id)
    if hold(db, Erg, erg_id) is None:
        raise Refused(_("This group does not exist any more."), 404)
    _require_order(terms)
    cycle = BudgetCycle(
        id=ids.new_id("budget_cycle", f"{erg_id}|{terms.name}|{terms.starts_on}"),
        erg_id=erg_id,
        name=terms.name,
        starts_on=terms.starts_on,
        ends_on=terms.ends_on,
        currency=currency,
        two_people_above=terms.two_people_above,
        created_by=actor_id,
    )
    known = set(db.scalars(select(Chapter.id).where(Chapter.erg_id == erg_id)))
    lines: list[tuple[Purpose, UUID | None]] = [(purpose, None) for purpose in Purpose]
    lines += [(Purpose.COMMUNITY, chapter) for chapter in chapter_ids if chapter in known]
    cycle.lines = [
        BudgetLine(
            id=ids.new_id("budget_line", f"{cycle.id}|{purpose}|{chapter}"),
            purpose=purpose,
            chapter_id=chapter,
        )
        for purpose, chapter in lines
    ]
    db.add(cycle)
    db.flush()
    audit.record(db, actor_id, "open_cycle", cycle, after=CycleState.OPEN)
    return cycle


def _require_order(terms: CycleTerms) -> None:
    if terms.ends_on < terms.starts_on:
        raise Refused(_("The last day lies before the first. Change one of them."))


def change_cycle(
    db: Session, actor_id: UUID | None, *, cycle_id: UUID, terms: CycleTerms
) -> BudgetCycle:
    """Change name, days and the limit; the currency stays, since entries are written in it."""
    require_admin(db, actor_id)
    cycle = _hold_cycle(db, cycle_id)
    _require_order(terms)
    before = str(cycle.two_people_above)
    cycle.name, cycle.starts_on, cycle.ends_on = terms.name, terms.starts_on, terms.ends_on
    cycle.two_people_above = terms.two_people_above
    db.flush()
    audit.record(
        db, actor_id, "change_cycle", cycle, before=before, after=str(cycle.two_people_above)
    )
    return cycle


def close_cycle(db: Session, actor_id: UUID | None, *, cycle_id: UUID) -> None:
    """No more requests; what is committed can still be spent and reconciled."""
    _set_state(db, actor_id, cycle_id, CycleState.CLOSED, "close_cycle")


def reopen_cycle(db: Session, actor_id: UUID | None, *, cycle_id: UUID) -> None:
    """The undo of closing."""
    _set_state(db, actor_id, cycle_id, CycleState.OPEN, "reopen_cycle")


def _set_state(
    db: Session, actor_id: UUID | None, cycle_id: UUID, to: CycleState, verb: str
) -> None:
    require_admin(db, actor_id)
    cycle = _hold_cycle(db, cycle_id)
    if cycle.state is to:
        return
    before, cycle.state = cycle.state, to
    db.flush()
    audit.record(db, actor_id, verb, cycle, before=before, after=to)


def _hold_cycle(db: Session, cycle_id: UUID) -> BudgetCycle:
    cycle = hold(db, BudgetCycle, cycle_id)
    if cycle is None:
        raise Refused(_("This cycle does not exist any more."), 404)
    return cycle


def allocate(
    db: Session, actor_id: UUID | None, *, line_id: UUID, amount: int, note: str = ""
) -> BudgetEntry:
    """Give money to a line."""
    require_admin(db, actor_id)
    line = hold_line(db, line_id)
    cycle = db.get_one(BudgetCycle, line.cycle_id)
    if cycle.state is not CycleState.OPEN:
        raise Refused(_("This cycle is closed. Reopen it to allocate money."))
    if amount <= 0:
        raise Refused(_("An allocation is more than nothing. To take money back, reverse one."))
    entry = write(db, actor_id, EntryKind.ALLOCATION, line.id, amount, note=note)
    audit.record(db, actor_id, "allocate", line, after=str(amount))
    return entry


def reverse(db: Session, actor_id: UUID | None, *, entry_id: UUID) -> BudgetEntry:
    """Take an allocation back by an entry of its own, as far as nobody counts on the money."""
    require_admin(db, actor_id)
    entry = db.get(BudgetEntry, entry_id)
    if entry is None or entry.kind is not EntryKind.ALLOCATION:
        raise Refused(_("Only allocations are taken back here."))
    line = hold_line(db, entry.line_id)
    if db.scalar(select(BudgetEntry.id).where(BudgetEntry.reverses_id == entry_id)):
        raise Refused(_("This allocation has been taken back already."))
    if queries.line_sums(db, line.id).balance < entry.amount:
        raise Refused(_("The money is spoken for. Release a request of this line first."))
    row = reversal(db, actor_id, entry)
    audit.record(db, actor_id, "reverse", line, before=str(entry.amount), after="0")
    return row


def enter_rate(
    db: Session,
    actor_id: UUID | None,
    *,
    currency: str,
    into: str,
    day: date,
    rate: Decimal,
    source: str,
) -> BudgetRate:
    """Write down a day's rate; entering it again replaces it, entries keep the one they used."""
    require_admin(db, actor_id)
    if currency == into or rate <= 0:
        raise Refused(_("A rate joins two currencies and is more than zero."))
    row = db.scalar(
        select(BudgetRate).where(
            BudgetRate.currency == currency, BudgetRate.into == into, BudgetRate.day == day
        )
    )
    row = row or BudgetRate(
        id=ids.new_id("budget_rate", f"{currency}|{into}|{day}"),
        currency=currency,
        into=into,
        day=day,
    )
    before, row.rate, row.source = row.rate, format(rate, "f"), source
    row.entered_by, row.entered_at = actor_id, clock.now()
    db.add(row)
    db.flush()
    audit.record(db, actor_id, "enter_rate", row, before=before, after=row.rate)
    return row
