"""Lists of cycles, entries, requests, rates; what waits on the desk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from app.budgets.models import (
    BudgetApproval,
    BudgetCycle,
    BudgetEntry,
    BudgetLine,
    BudgetRate,
    BudgetRequest,
)
from app.budgets.rules import (
    RECONCILE_WITHIN,
    WAITING,
    EntryKind,
    Purpose,
    RequestState,
)
from app.core import clock, search
from app.core.policies import Actor
from app.ergs.models import Erg
from app.events.models import Event, EventHost, Occurrence
from app.events.rules import HostState

PAGE = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader asks a list of money for."""

    q: str = ""
    state: RequestState | None = None
    purpose: Purpose | None = None
    kind: EntryKind | None = None
    cycle_id: UUID | None = None
    number: int = 1


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of rows."""

    rows: list[Any]
    total: int
    number: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // PAGE))


def _page(db: Session, chosen: Select[Any], number: int) -> Listing:
    rows = db.execute(
        chosen.add_columns(func.count().over()).limit(PAGE).offset((number - 1) * PAGE)
    ).all()
    return Listing([row[0] for row in rows], rows[0][1] if rows else 0, number)


def cycles(db: Session, erg: Erg) -> list[BudgetCycle]:
    """The cycles of a group with their lines, the newest first."""
    return list(
        db.scalars(
            select(BudgetCycle)
            .where(BudgetCycle.erg_id == erg.id)
            .options(joinedload(BudgetCycle.lines))
            .order_by(BudgetCycle.starts_on.desc(), BudgetCycle.name, BudgetCycle.id)
        ).unique()
    )


def ledger_rows(erg: Erg, wanted: Wanted) -> Select[Any]:
    """The lines of a group's ledger, the newest first."""
    chosen = (
        select(BudgetEntry)
        .join(BudgetLine, BudgetLine.id == BudgetEntry.line_id)
        .join(BudgetCycle, BudgetCycle.id == BudgetLine.cycle_id)
        .where(BudgetCycle.erg_id == erg.id)
        .options(
            joinedload(BudgetEntry.line).joinedload(BudgetLine.cycle),
            joinedload(BudgetEntry.request),
        )
        .order_by(BudgetEntry.at.desc(), BudgetEntry.id)
    )
    if wanted.purpose:
        chosen = chosen.where(BudgetLine.purpose == wanted.purpose)
    if wanted.kind:
        chosen = chosen.where(BudgetEntry.kind == wanted.kind)
    if wanted.cycle_id:
        chosen = chosen.where(BudgetCycle.id == wanted.cycle_id)
    found = search.ids("budgets", wanted.q)
    return chosen if found is None else chosen.where(BudgetEntry.request_id.in_(found))


def ledger(db: Session, erg: Erg, wanted: Wanted) -> Listing:
    """One page of the ledger."""
    return _page(db, ledger_rows(erg, wanted), wanted.number)


def allocations(db: Session, erg: Erg, wanted: Wanted) -> Listing:
    """The allocations of a cycle that hold, the newest first."""
    other = aliased(BudgetEntry)
    is_taken_back = select(other.id).where(other.reverses_id == BudgetEntry.id).exists()
    chosen = ledger_rows(erg, wanted).where(
        BudgetEntry.kind == EntryKind.ALLOCATION, ~is_taken_back
    )
    return _page(db, chosen, wanted.number)


def requests(db: Session, actor: Actor, erg: Erg, wanted: Wanted) -> Listing:
    """Requests of a group, those that changed last first; drafts only to their authors."""
    chosen = (
        select(BudgetRequest)
        .join(BudgetLine, BudgetLine.id == BudgetRequest.line_id)
        .where(
            BudgetRequest.erg_id == erg.id,
            or_(
                BudgetRequest.state != RequestState.DRAFT,
                BudgetRequest.requested_by == actor.person_id,
            ),
        )
        .options(joinedload(BudgetRequest.line))
        .order_by(BudgetRequest.changed_at.desc(), BudgetRequest.id)
    )
    if wanted.state:
        chosen = chosen.where(BudgetRequest.state == wanted.state)
    if wanted.purpose:
        chosen = chosen.where(BudgetLine.purpose == wanted.purpose)
    if (found := search.ids("budgets", wanted.q)) is not None:
        chosen = chosen.where(BudgetRequest.id.in_(found))
    return _page(db, chosen, wanted.number)


def entries_of(db: Session, request_id: UUID) -> list[BudgetEntry]:
    """What the ledger says about a request, oldest first."""
    return list(
        db.scalars(
            select(BudgetEntry)
            .where(BudgetEntry.request_id == request_id)
            .order_by(BudgetEntry.at, BudgetEntry.id)
            .limit(50)
        )
    )


def group_events(db: Session, erg: Erg, limit: int = 60) -> list[Event]:
    """The events a group hosts, the latest first, to choose from."""
    latest = func.max(Occurrence.starts_at)
    chosen = (
        select(EventHost.event_id, latest.label("at"))
        .join(Occurrence, Occurrence.event_id == EventHost.event_id)
        .where(EventHost.erg_id == erg.id, EventHost.state == HostState.ACCEPTED)
        .group_by(EventHost.event_id)
        .order_by(latest.desc(), EventHost.event_id)
        .limit(limit)
        .subquery()
    )
    return list(
        db.scalars(
            select(Event)
            .join(chosen, chosen.c.event_id == Event.id)
            .options(joinedload(Event.texts))
            .order_by(chosen.c.at.desc(), Event.id)
        ).unique()
    )


def waiting(db: Session, actor: Actor, erg_ids: set[UUID], limit: int = 50) -> list[Any]:
    """(request, group) that wait for this person's decision: not their own, not yet approved."""
    approved = select(BudgetApproval.request_id).where(
        BudgetApproval.person_id == actor.person_id, BudgetApproval.taken_back_at.is_(None)
    )
    return _with_group(
        db,
        select(BudgetRequest.id).where(
            BudgetRequest.erg_id.in_(erg_ids),
            BudgetRequest.state.in_(WAITING),
            or_(
                BudgetRequest.requested_by.is_(None),
                BudgetRequest.requested_by != actor.person_id,
            ),
            BudgetRequest.id.not_in(approved),
        ),
        limit,
    )


def unreconciled(db: Session, erg_ids: set[UUID], limit: int = 50) -> list[Any]:
    """(request, group) that were spent longer ago than reconciling may take."""
    return _with_group(
        db,
        select(BudgetRequest.id).where(
            BudgetRequest.erg_id.in_(erg_ids),
            BudgetRequest.state == RequestState.SPENT,
            BudgetRequest.changed_at <= clock.now() - RECONCILE_WITHIN,
        ),
        limit,
    )


def _with_group(db: Session, chosen: Select[Any], limit: int) -> list[Any]:
    oldest = chosen.order_by(BudgetRequest.changed_at, BudgetRequest.id).limit(limit)
    found = db.execute(
        select(BudgetRequest, Erg)
        .join(Erg, Erg.id == BudgetRequest.erg_id)
        .where(BudgetRequest.id.in_(oldest.scalar_subquery()))
        .options(joinedload(Erg.texts))
        .order_by(BudgetRequest.changed_at, BudgetRequest.id)
    )
    return list(found.unique())


def rates(db: Session, currency: str = "", number: int = 1) -> Listing:
    """Rates, the newest day first."""
    chosen = select(BudgetRate).order_by(BudgetRate.day.desc(), BudgetRate.currency)
    if currency:
        chosen = chosen.where(or_(BudgetRate.currency == currency, BudgetRate.into == currency))
    return _page(db, chosen, number)
