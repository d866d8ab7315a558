"""Found by address; what a reader may not see is not found."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.budgets.models import (
    BudgetCycle,
    BudgetEntry,
    BudgetLine,
    BudgetRequest,
    EventSpend,
)
from app.budgets.rules import (
    RequestState,
)
from app.core.policies import Actor
from app.ergs.models import Erg
from app.ergs.queries import erg_for
from app.events.models import Event


@dataclass(frozen=True, slots=True)
class OfCycle:
    """A cycle with its group."""

    erg: Erg
    cycle: BudgetCycle


@dataclass(frozen=True, slots=True)
class OfRequest:
    """A request with its group; `request.line.cycle` is loaded."""

    erg: Erg
    request: BudgetRequest


@dataclass(frozen=True, slots=True)
class OfEntry:
    """A line of the ledger with its group."""

    erg: Erg
    entry: BudgetEntry


def cycle_for(db: Session, actor: Actor, cycle_id: UUID) -> OfCycle | None:
    """A cycle of a group that the actor may see."""
    row = db.execute(
        select(BudgetCycle, Erg.slug)
        .join(Erg, Erg.id == BudgetCycle.erg_id)
        .where(BudgetCycle.id == cycle_id)
    ).one_or_none()
    erg = erg_for(db, actor, row[1]) if row else None
    return OfCycle(erg, row[0]) if erg and row else None


def request_for(db: Session, actor: Actor, request_id: UUID) -> OfRequest | None:
    """A request of a group that the actor may see; a draft is found by its author alone."""
    loaded = joinedload(BudgetRequest.pays_for).joinedload(EventSpend.event)
    row = (
        db.execute(
            select(BudgetRequest, Erg.slug)
            .join(Erg, Erg.id == BudgetRequest.erg_id)
            .where(BudgetRequest.id == request_id)
            .options(
                joinedload(BudgetRequest.line).joinedload(BudgetLine.cycle),
                loaded.joinedload(Event.texts),
                joinedload(BudgetRequest.approvals),
            )
        )
        .unique()
        .one_or_none()
    )
    if row is None or not _is_shown(row[0], actor):
        return None
    erg = erg_for(db, actor, row[1])
    return OfRequest(erg, row[0]) if erg else None


def _is_shown(request: BudgetRequest, actor: Actor) -> bool:
    return request.state is not RequestState.DRAFT or request.requested_by == actor.person_id


def entry_for(db: Session, actor: Actor, entry_id: UUID) -> OfEntry | None:
    """A line of the ledger of a group that the actor may see."""
    row = db.execute(
        select(BudgetEntry, Erg.slug)
        .join(BudgetLine, BudgetLine.id == BudgetEntry.line_id)
        .join(BudgetCycle, BudgetCycle.id == BudgetLine.cycle_id)
        .join(Erg, Erg.id == BudgetCycle.erg_id)
        .where(BudgetEntry.id == entry_id)
    ).one_or_none()
    erg = erg_for(db, actor, row[1]) if row else None
    return OfEntry(erg, row[0]) if erg and row else None
