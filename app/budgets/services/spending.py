"""What became of committed money: spent, reconciled, given back; each step with its undo."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.budgets import queries
from app.budgets.models import BudgetRequest
from app.budgets.rules import EntryKind, RequestState
from app.budgets.services.ledger import (
    commit_money,
    hold_money,
    hold_request,
    move,
    require_handling,
    reversal,
    write,
)
from app.core.errors import Refused


def spend(
    db: Session,
    actor_id: UUID | None,
    *,
    request_id: UUID,
    amount: int,
    receipt: str = "",
    note: str = "",
) -> BudgetRequest:
    """Write down what was really paid, in the request's currency; the rest is free again.

    The rate of the commitment holds, so that paying what was asked moves no cent.
    """
    held = hold_money(db, request_id)
    request = held.request
    require_handling(db, actor_id, request.erg_id)
    if request.state is not RequestState.COMMITTED:
        raise Refused(_("Only approved money is spent. Reload the page to see where it is."))
    if amount <= 0:
        raise Refused(_("Enter what was paid. If nothing was, give the money back instead."))
    commitment = queries.commitment_of(db, request_id)
    assert commitment is not None
    set_aside = queries.request_sums(db, request_id).committed
    paid = queries.at_rate_of(commitment, amount, request, held.cycle.currency)
    if paid > set_aside + queries.line_sums(db, held.line.id).balance:
        raise Refused(_("That is more than the line has left. Ask an administrator for more."))
    write(
        db,
        actor_id,
        EntryKind.RELEASE,
        held.line.id,
        set_aside,
        request=request,
        like=commitment,
        original=None,
    )
    write(
        db,
        actor_id,
        EntryKind.SPEND,
        held.line.id,
        max(1, paid),
        request=request,
        like=commitment,
        original=amount if commitment.rate else None,
        note=note,
    )
    request.receipt = receipt or request.receipt
    move(db, actor_id, request, RequestState.SPENT, "spend")
    return request


def unspend(db: Session, actor_id: UUID | None, *, request_id: UUID) -> BudgetRequest:
    """The undo: the spend is reversed, the money is set aside again."""
    held = hold_money(db, request_id)
    require_handling(db, actor_id, held.request.erg_id)
    if held.request.state is not RequestState.SPENT:
        raise Refused(_("It has been reconciled or taken back meanwhile. Reload the page."))
    spent = queries.spend_of(db, request_id)
    assert spent is not None
    reversal(db, actor_id, spent)
    commit_money(db, actor_id, held)
    move(db, actor_id, held.request, RequestState.COMMITTED, "unspend")
    return held.request


def release(db: Session, actor_id: UUID | None, *, request_id: UUID) -> BudgetRequest:
    """Give approved money back that is not needed any more."""
    held = hold_money(db, request_id)
    require_handling(db, actor_id, held.request.erg_id)
    if held.request.state is not RequestState.COMMITTED:
        raise Refused(_("Only money that is set aside can be given back. Reload the page."))
    amount = queries.request_sums(db, request_id).committed
    like = queries.commitment_of(db, request_id)
    write(db, actor_id, EntryKind.RELEASE, held.line.id, amount, request=held.request, like=like)
    move(db, actor_id, held.request, RequestState.RELEASED, "release")
    return held.request


def recommit(db: Session, actor_id: UUID | None, *, request_id: UUID) -> BudgetRequest:
    """The undo of giving back, as long as the line still has the money."""
    held = hold_money(db, request_id)
    require_handling(db, actor_id, held.request.erg_id)
    if held.request.state is not RequestState.RELEASED:
        raise Refused(_("The request has moved on meanwhile. Reload the page to see where it is."))
    commit_money(db, actor_id, held)
    move(db, actor_id, held.request, RequestState.COMMITTED, "recommit")
    return held.request


def reconcile(
    db: Session, actor_id: UUID | None, *, request_id: UUID, receipt: str = ""
) -> BudgetRequest:
    """The receipt was compared with the books."""
    request = hold_request(db, request_id)
    require_handling(db, actor_id, request.erg_id)
    request.receipt = receipt or request.receipt
    if not request.receipt:
        raise Refused(_("Say first where the receipt is, then mark the request as reconciled."))
    move(db, actor_id, request, RequestState.RECONCILED, "reconcile")
    return request


def unreconcile(db: Session, actor_id: UUID | None, *, request_id: UUID) -> BudgetRequest:
    """The undo."""
    request = hold_request(db, request_id)
    require_handling(db, actor_id, request.erg_id)
    if request.state is not RequestState.RECONCILED:
        raise Refused(_("The request has moved on meanwhile. Reload the page to see where it is."))
    move(db, actor_id, request, RequestState.SPENT, "unreconcile")
    return request
