"""Asking for money: draft, change, submit, take back."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.budgets import queries
from app.budgets.models import BudgetCycle, BudgetLine, BudgetRequest, EventSpend
from app.budgets.rules import EDITABLE, CycleState, RequestState
from app.budgets.services.ledger import hold_money, hold_request, move
from app.budgets.services.telling import tell_approvers
from app.core import clock, ids, search
from app.core.errors import Refused
from app.ergs.models import Erg
from app.events.models import EventHost
from app.events.rules import HostState


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for."""

    line_id: UUID
    title: str
    amount: int
    currency: str
    why: str = ""
    receipt: str = ""
    event_id: UUID | None = None


def ask(db: Session, actor_id: UUID, *, erg_id: UUID, wish: Wish) -> BudgetRequest:
    """Write a request down as a draft."""
    if not queries.asks_for_money(db, actor_id, erg_id):
        raise Refused(_("Leads and treasurers of the group ask for its money."), 403)
    _require_line(db, erg_id, wish)
    request = BudgetRequest(
        id=ids.new_id("budget_request", f"{erg_id}|{wish.title}"),
        erg_id=erg_id,
        requested_by=actor_id,
        line_id=wish.line_id,
        title=wish.title,
        why=wish.why,
        amount=wish.amount,
        currency=wish.currency,
        receipt=wish.receipt,
    )
    db.add(request)
    db.flush()
    _link(db, request, wish.event_id)
    search.put(db, "budgets", request.id, wish.title, wish.why)
    audit.record(db, actor_id, "ask", request, after=RequestState.DRAFT)
    return request


def _require_line(db: Session, erg_id: UUID, wish: Wish) -> None:
    line = db.get(BudgetLine, wish.line_id)
    cycle = db.get_one(BudgetCycle, line.cycle_id) if line else None
    if cycle is None or cycle.erg_id != erg_id:
        raise Refused(_("This line does not belong to the budget of the group."))
    if cycle.state is not CycleState.OPEN:
        raise Refused(_("This cycle is closed. Choose a line of an open one."))
    if wish.amount <= 0:
        raise Refused(_("Ask for more than nothing."))


def _link(db: Session, request: BudgetRequest, event_id: UUID | None) -> None:
    db.execute(delete(EventSpend).where(EventSpend.request_id == request.id))
    if event_id is None:
        return
    hosts = select(EventHost.erg_id).where(
        EventHost.event_id == event_id,
        EventHost.erg_id == request.erg_id,
        EventHost.state == HostState.ACCEPTED,
    )
    if db.scalar(hosts) is None:
        raise Refused(_("Only events of this group can be chosen."))
    db.add(EventSpend(request_id=request.id, event_id=event_id))
    db.flush()


def revise(db: Session, actor_id: UUID, *, request_id: UUID, wish: Wish) -> BudgetRequest:
    """Change a draft, or what was sent back for changes."""
    request = _own(db, actor_id, request_id)
    if request.state not in EDITABLE:
        raise Refused(_("It has been submitted. Take it back first, then change it."))
    _require_line(db, request.erg_id, wish)
    request.line_id, request.title, request.why = wish.line_id, wish.title, wish.why
    request.amount, request.currency = wish.amount, wish.currency
    request.receipt, request.changed_at = wish.receipt, clock.now()
    db.flush()
    _link(db, request, wish.event_id)
    search.put(db, "budgets", request.id, wish.title, wish.why)
    audit.record(db, actor_id, "revise", request, after=request.state)
    return request


def _own(db: Session, actor_id: UUID, request_id: UUID) -> BudgetRequest:
    request = hold_request(db, request_id)
    if request.requested_by != actor_id:
        raise Refused(_("Only the person who asked does this."), 403)
    return request


def submit(db: Session, actor_id: UUID, *, request_id: UUID) -> BudgetRequest:
    """Hand a request to those who decide; this day's rate will hold."""
    request = _own(db, actor_id, request_id)
    held = hold_money(db, request.id)
    if held.cycle.state is not CycleState.OPEN:
        raise Refused(_("This cycle is closed. Choose a line of an open one."))
    if request.state not in EDITABLE:
        raise Refused(_("It has been submitted already."))
    request.submitted_on, request.reason = clock.now().date(), ""
    move(db, actor_id, request, RequestState.SUBMITTED, "submit")
    tell_approvers(db, db.get_one(Erg, request.erg_id), request)
    return request


def recall(db: Session, actor_id: UUID, *, request_id: UUID) -> BudgetRequest:
    """Take a submitted request back before anybody decided."""
    request = _own(db, actor_id, request_id)
    move(db, actor_id, request, RequestState.DRAFT, "recall")
    return request
