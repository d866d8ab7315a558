"""Deciding about requests: approve by one or two people, reject, ask for changes, take back."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.budgets import queries
from app.budgets.models import BudgetApproval, BudgetRequest
from app.budgets.rules import WAITING, CycleState, EntryKind, RequestState, approvals_needed
from app.budgets.services.ledger import (
    Held,
    commit_money,
    hold_money,
    hold_request,
    missing_rate,
    move,
    require_handling,
    write,
)
from app.budgets.services.telling import tell_asker
from app.core import clock
from app.core.errors import Refused


def approve(db: Session, actor_id: UUID, *, request_id: UUID) -> BudgetRequest:
    """Agree; with the last approval needed the money is taken out of the line."""
    held = hold_money(db, request_id)
    request = held.request
    require_handling(db, actor_id, request.erg_id)
    _require_other(actor_id, request)
    if request.state not in WAITING:
        raise Refused(_("The request has moved on meanwhile. Reload the page to see where it is."))
    if held.cycle.state is not CycleState.OPEN:
        raise Refused(_("This cycle is closed. An administrator can reopen it."))
    given = _live_approvals(db, request.id)
    if any(row.person_id == actor_id for row in given):
        raise Refused(_("You approved this already. A second person has to agree."))
    priced = queries.price(db, request, held.cycle.currency)
    if priced is None:
        raise Refused(missing_rate(request, held.cycle.currency))
    db.add(BudgetApproval(request_id=request.id, person_id=actor_id, at=clock.now()))
    needed = approvals_needed(priced.amount, held.cycle.two_people_above)
    _agree(db, actor_id, held, is_last=len(given) + 1 >= needed)
    return request


def _agree(db: Session, actor_id: UUID, held: Held, *, is_last: bool) -> None:
    request = held.request
    if request.state is RequestState.SUBMITTED:
        move(db, actor_id, request, RequestState.APPROVED, "approve")
    if is_last:
        commit_money(db, actor_id, held)
        move(db, actor_id, request, RequestState.COMMITTED, "commit")
        tell_asker(db, request)


def _require_other(actor_id: UUID, request: BudgetRequest) -> None:
    if request.requested_by == actor_id:
        raise Refused(_("Nobody decides about their own request."), 403)


def _live_approvals(db: Session, request_id: UUID) -> list[BudgetApproval]:
    return list(
        db.scalars(
            select(BudgetApproval).where(
                BudgetApproval.request_id == request_id, BudgetApproval.taken_back_at.is_(None)
            )
        )
    )


def take_back(db: Session, actor_id: UUID, *, request_id: UUID) -> BudgetRequest:
    """The undo of one's own approval, while nothing is spent; the money goes back by an entry."""
    held = hold_money(db, request_id)
    request = held.request
    require_handling(db, actor_id, request.erg_id)
    given = _live_approvals(db, request.id)
    own = next((row for row in given if row.person_id == actor_id), None)
    if own is None:
        raise Refused(_("You have not approved this request."))
    own.taken_back_at = clock.now()
    if request.state is RequestState.COMMITTED:
        _give_back(db, actor_id, held)
    to = RequestState.APPROVED if len(given) > 1 else RequestState.SUBMITTED
    if request.state is to:
        return request
    move(db, actor_id, request, to, "take_back")
    return request


def _give_back(db: Session, actor_id: UUID | None, held: Held) -> None:
    amount = queries.request_sums(db, held.request.id).committed
    like = queries.commitment_of(db, held.request.id)
    write(db, actor_id, EntryKind.RELEASE, held.line.id, amount, request=held.request, like=like)


def reject(db: Session, actor_id: UUID, *, request_id: UUID, reason: str) -> BudgetRequest:
    """Say no, and why."""
    return _answer(db, actor_id, request_id, RequestState.REJECTED, "reject", reason)


def ask_changes(db: Session, actor_id: UUID, *, request_id: UUID, reason: str) -> BudgetRequest:
    """Send a request back to be changed."""
    return _answer(db, actor_id, request_id, RequestState.CHANGES, "ask_changes", reason)


def _answer(
    db: Session, actor_id: UUID, request_id: UUID, to: RequestState, verb: str, reason: str
) -> BudgetRequest:
    request = hold_request(db, request_id)
    require_handling(db, actor_id, request.erg_id)
    _require_other(actor_id, request)
    move(db, actor_id, request, to, verb)
    request.reason = reason
    for row in _live_approvals(db, request.id):
        row.taken_back_at = clock.now()
    db.flush()
    tell_asker(db, request)
    return request


def reopen(db: Session, actor_id: UUID, *, request_id: UUID) -> BudgetRequest:
    """The undo of a rejection or of asking for changes: it waits for an answer again."""
    request = hold_request(db, request_id)
    require_handling(db, actor_id, request.erg_id)
    _require_other(actor_id, request)
    if request.state not in (RequestState.REJECTED, RequestState.CHANGES):
        raise Refused(_("The request has moved on meanwhile. Reload the page to see where it is."))
    move(db, actor_id, request, RequestState.SUBMITTED, "reopen")
    request.reason = ""
    db.flush()
    return request
