"""Budget cycles with lines, the ledger that only grows, requests, approvals, dated rates."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, mapped_column, relationship

from app.budgets.finality import guard
from app.budgets.rules import Account, CycleState, EntryKind, Purpose, RequestState
from app.core import clock
from app.core.database import Base, Identified
from app.events.models import Event


class BudgetLine(Identified, Base):
    """Money for one purpose, of the whole group or of one chapter."""

    __tablename__ = "budget_line"
    __table_args__ = (
        UniqueConstraint("cycle_id", "purpose", "chapter_id"),
        Index(
            "uq_budget_line_whole_group",
            "cycle_id",
            "purpose",
            unique=True,
            sqlite_where=text("chapter_id IS NULL"),
            postgresql_where=text("chapter_id IS NULL"),
        ),
        Index(None, "chapter_id"),
    )

    cycle_id: Mapped[UUID] = mapped_column(ForeignKey("budget_cycle.id"))
    purpose: Mapped[Purpose]
    chapter_id: Mapped[UUID | None] = mapped_column(ForeignKey("chapter.id"))

    cycle: Mapped[BudgetCycle] = relationship(back_populates="lines")


class BudgetCycle(Identified, Base):
    """A stretch of time with its money in one currency; amounts are integers of minor units."""

    __tablename__ = "budget_cycle"
    __table_args__ = (Index(None, "erg_id", "starts_on"),)

    erg_id: Mapped[UUID] = mapped_column(ForeignKey("erg.id"))
    name: Mapped[str] = mapped_column(String(80))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    currency: Mapped[str] = mapped_column(String(3))
    two_people_above: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[CycleState] = mapped_column(default=CycleState.OPEN)
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    lines: Mapped[list[BudgetLine]] = relationship(
        order_by=(BudgetLine.purpose, BudgetLine.id), back_populates="cycle"
    )


class BudgetRequest(Identified, Base):
    """Somebody asks for money of one line, in any currency."""

    __tablename__ = "budget_request"
    __table_args__ = (
        Index(None, "line_id", "state"),
        Index(None, "erg_id", "state", "changed_at"),
        Index(None, "requested_by"),
    )

    erg_id: Mapped[UUID] = mapped_column(ForeignKey("erg.id"))
    line_id: Mapped[UUID] = mapped_column(ForeignKey("budget_line.id"))
    title: Mapped[str] = mapped_column(String(160))
    why: Mapped[str] = mapped_column(Text, default="")
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    state: Mapped[RequestState] = mapped_column(default=RequestState.DRAFT)
    reason: Mapped[str] = mapped_column(Text, default="")
    receipt: Mapped[str] = mapped_column(String(300), default="")
    requested_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)
    submitted_on: Mapped[date | None]

    line: Mapped[BudgetLine] = relationship()
    pays_for: Mapped[EventSpend | None] = relationship(viewonly=True)
    approvals: Mapped[list[BudgetApproval]] = relationship(
        viewonly=True, order_by="BudgetApproval.at"
    )

    @property
    def approvers(self) -> list[UUID]:
        """Whose approval holds, in the order they gave it."""
        return [row.person_id for row in self.approvals if row.taken_back_at is None]


class BudgetApproval(Identified, Base):
    """One person agreed to a request; taken back it stays as history."""

    __tablename__ = "budget_approval"
    __table_args__ = (
        Index(
            "uq_budget_approval_live",
            "request_id",
            "person_id",
            unique=True,
            sqlite_where=text("taken_back_at IS NULL"),
            postgresql_where=text("taken_back_at IS NULL"),
        ),
        Index(None, "person_id"),
    )

    request_id: Mapped[UUID] = mapped_column(ForeignKey("budget_request.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(default=clock.now)
    taken_back_at: Mapped[datetime | None]


class EventSpend(Base):
    """The event a request pays for."""

    __tablename__ = "event_spend"
    __table_args__ = (Index(None, "event_id"),)

    request_id: Mapped[UUID] = mapped_column(ForeignKey("budget_request.id"), primary_key=True)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"))

    event: Mapped[Event] = relationship()


class BudgetRate(Identified, Base):
    """What one whole unit of a currency was worth in another on a day, and who says so."""

    __tablename__ = "budget_rate"
    __table_args__ = (UniqueConstraint("currency", "into", "day"),)

    currency: Mapped[str] = mapped_column(String(3))
    into: Mapped[str] = mapped_column(String(3))
    day: Mapped[date]
    # Text, since SQLite would make a float of it.
    rate: Mapped[str] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(120))
    entered_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    entered_at: Mapped[datetime] = mapped_column(default=clock.now)

    @property
    def value(self) -> Decimal:
        """The rate as an exact number."""
        return Decimal(self.rate)


class BudgetEntry(Identified, Base):
    """A line of the ledger. Rows are only ever added: wrong ones are reversed by another.

    `amount` is signed and moves `account`; `rate` stands there when the request was in another
    currency, with what was asked in it.
    """

    __tablename__ = "budget_entry"
    __table_args__ = (
        CheckConstraint("amount <> 0", "not_zero"),
        Index(None, "line_id", "account"),
        Index(None, "request_id"),
        Index(None, "at", "id"),
        Index("uq_budget_entry_reverses", "reverses_id", unique=True),
    )

    line_id: Mapped[UUID] = mapped_column(ForeignKey("budget_line.id"))
    request_id: Mapped[UUID | None] = mapped_column(ForeignKey("budget_request.id"))
    reverses_id: Mapped[UUID | None] = mapped_column(ForeignKey("budget_entry.id"))
    kind: Mapped[EntryKind]
    account: Mapped[Account]
    amount: Mapped[int] = mapped_column(BigInteger)
    original_amount: Mapped[int | None] = mapped_column(BigInteger)
    original_currency: Mapped[str | None] = mapped_column(String(3))
    rate: Mapped[str | None] = mapped_column(String(40))
    rate_day: Mapped[date | None]
    note: Mapped[str] = mapped_column(String(300), default="")
    by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(default=clock.now)

    line: Mapped[BudgetLine] = relationship()
    request: Mapped[BudgetRequest | None] = relationship()


guard(BudgetEntry.metadata.tables[BudgetEntry.__tablename__])


class LedgerIsFinal(RuntimeError):
    """A programming error: somebody tried to change or delete a line of the ledger."""


@event.listens_for(BudgetEntry, "before_update")
@event.listens_for(BudgetEntry, "before_delete")
def _refuse_change(_mapper: Any, _connection: Any, _entry: BudgetEntry) -> None:
    raise LedgerIsFinal("The ledger only grows; reverse the entry by another one.")


@event.listens_for(Session, "do_orm_execute")
def _refuse_statement(state: ORMExecuteState) -> None:
    """The same for statements about many rows."""
    if not (state.is_update or state.is_delete):
        return
    if state.bind_mapper is not None and state.bind_mapper.class_ is BudgetEntry:
        raise LedgerIsFinal("The ledger only grows; reverse the entry by another one.")
