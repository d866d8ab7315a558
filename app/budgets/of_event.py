"""What an event costs, on its page, for those who may see the money of a group that hosts it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.budgets import forms, policies
from app.budgets.models import (
    BudgetCycle,
    BudgetEntry,
    BudgetLine,
    BudgetRequest,
    EventSpend,
)
from app.budgets.rules import Account, RequestState
from app.core.policies import Actor
from app.ergs.models import Erg
from app.events.models import Occurrence
from app.events.queries.families import family_of
from app.events.registry import Section, costs, sections

ASKED = (
    RequestState.SUBMITTED,
    RequestState.APPROVED,
    RequestState.COMMITTED,
    RequestState.SPENT,
    RequestState.RECONCILED,
)
APPROVED = (RequestState.COMMITTED, RequestState.SPENT, RequestState.RECONCILED)


@dataclass(slots=True)
class Sums:
    """Money of one event in one currency."""

    asked: int = 0
    approved: int = 0
    spent: int = 0


@dataclass(frozen=True, slots=True)
class Money:
    """The requests of an event and their sums by currency."""

    rows: list[BudgetRequest] = field(default_factory=list)
    sums: dict[str, Sums] = field(default_factory=dict)


def money_of(db: Session, actor: Actor, event_id: UUID, groups: list[Erg]) -> Money:
    """Requests of these groups for an event; drafts are their author's alone. Two statements.

    Money for a series is one line, and stands on the pages of all its dates.
    """
    rows = db.scalars(
        select(BudgetRequest)
        .join(EventSpend, EventSpend.request_id == BudgetRequest.id)
        .where(
            EventSpend.event_id.in_(family_of(event_id)),
            BudgetRequest.erg_id.in_([erg.id for erg in groups]),
            or_(
                BudgetRequest.state != RequestState.DRAFT,
                BudgetRequest.requested_by == actor.person_id,
            ),
        )
        .order_by(BudgetRequest.created_at, BudgetRequest.id)
    ).all()
    sums: dict[str, Sums] = defaultdict(Sums)
    for row in rows:
        sums[row.currency].asked += row.amount if row.state in ASKED else 0
        sums[row.currency].approved += row.amount if row.state in APPROVED else 0
    if rows:
        for currency, spent in _spent(db, [row.id for row in rows]):
            sums[currency].spent += int(spent)
    return Money(list(rows), dict(sums))


def _spent(db: Session, requests: list[UUID]) -> list[tuple[str, int]]:
    """What was really spent, in the currency of the cycle."""
    found = (
        select(BudgetCycle.currency, func.sum(BudgetEntry.amount))
        .join(BudgetLine, BudgetLine.cycle_id == BudgetCycle.id)
        .join(BudgetEntry, BudgetEntry.line_id == BudgetLine.id)
        .where(BudgetEntry.request_id.in_(requests), BudgetEntry.account == Account.SPENT)
        .group_by(BudgetCycle.currency)
    )
    return list(db.execute(found).tuples())


def cost_section(db: Session, actor: Actor, occurrence: Occurrence) -> Section | None:
    """For those who see the money of a host: what was asked for, and asking for more."""
    groups = [e for e in occurrence.event.accepted_hosts if policies.may_see_money(actor, e)]
    if not groups:
        return None
    return Section(
        "budgets/event.html",
        {
            "money": money_of(db, actor, occurrence.event_id, groups),
            "asks_for": [erg for erg in groups if policies.may_ask(actor, erg)],
            "states": forms.STATES,
        },
    )


def was_asked_for(db: Session, event_id: UUID) -> bool:
    """Whether money was asked for, for rules of approval."""
    found = (
        select(EventSpend.event_id)
        .join(BudgetRequest, BudgetRequest.id == EventSpend.request_id)
        .where(EventSpend.event_id.in_(family_of(event_id)), BudgetRequest.state.in_(ASKED))
        .limit(1)
    )
    return db.scalar(found) is not None


sections.add("budgets", cost_section)
costs.add("budgets", was_asked_for)
