"""What all verbs of money share: locks, rights, the one function that writes to the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.budgets import queries
from app.budgets.models import BudgetCycle, BudgetEntry, BudgetLine, BudgetRequest
from app.budgets.rules import EFFECTS, REQUEST_TRANSITIONS, EntryKind, RequestState
from app.core import clock
from app.core.database import hold
from app.core.errors import Refused
from app.core.locale import format_money


@dataclass(frozen=True, slots=True)
class Held:
    """A request with its line under the lock, and its cycle."""

    request: BudgetRequest
    line: BudgetLine
    cycle: BudgetCycle


def hold_request(db: Session, request_id: UUID) -> BudgetRequest:
    request = hold(db, BudgetRequest, request_id)
    if request is None:
        raise Refused(_("This request does not exist any more."), 404)
    return request


def hold_line(db: Session, line_id: UUID) -> BudgetLine:
    line = hold(db, BudgetLine, line_id)
    if line is None:
        raise Refused(_("This line of the budget does not exist any more."), 404)
    return line


def hold_money(db: Session, request_id: UUID) -> Held:
    """First the request, then its line: whoever counts the line's money waits here."""
    request = hold_request(db, request_id)
    line = hold_line(db, request.line_id)
    cycle = db.get_one(BudgetCycle, line.cycle_id)
    return Held(request, line, cycle)


def require_handling(db: Session, actor_id: UUID | None, erg_id: UUID) -> None:
    """Only treasurers and leads; None is the seed."""
    if actor_id is not None and not queries.handles_money(db, actor_id, erg_id):
        raise Refused(_("Only treasurers and leads of the group do this."), 403)


def require_admin(db: Session, actor_id: UUID | None) -> None:
    if actor_id is not None and not queries.is_org_admin(db, actor_id):
        raise Refused(_("Only administrators of the organization do this."), 403)


def move(
    db: Session,
    actor_id: UUID | None,
    request: BudgetRequest,
    to: RequestState,
    verb: str,
    reason: str | None = None,
) -> None:
    """One step in the life of a request, with its line in the audit log."""
    if to not in REQUEST_TRANSITIONS[request.state]:
        raise Refused(_("The request has moved on meanwhile. Reload the page to see where it is."))
    before, request.state, request.changed_at = request.state, to, clock.now()
    db.flush()
    audit.record(db, actor_id, verb, request, before=before, after=to, reason=reason)


def write(
    db: Session,
    actor_id: UUID | None,
    kind: EntryKind,
    line_id: UUID,
    amount: int,
    *,
    request: BudgetRequest | None = None,
    like: BudgetEntry | None = None,
    note: str = "",
    original: int | None = None,
    rate: str | None = None,
    rate_day: object = None,
) -> BudgetEntry:
    """Add a line to the ledger; `amount` is positive, its kind says which way it goes.

    `like` is an earlier entry whose rate holds for this one as well.
    """
    account, sign = EFFECTS[kind]
    entry = BudgetEntry(
        line_id=line_id,
        request_id=request.id if request else None,
        kind=kind,
        account=account,
        amount=sign * amount,
        original_amount=original,
        original_currency=request.currency if request and original is not None else None,
        rate=like.rate if like else rate,
        rate_day=like.rate_day if like else rate_day,
        note=note,
        by=actor_id,
        at=clock.now(),
    )
    db.add(entry)
    db.flush()
    return entry


def reversal(db: Session, actor_id: UUID | None, entry: BudgetEntry, note: str = "") -> BudgetEntry:
    """The entry that takes another one back; each can be taken back once."""
    row = BudgetEntry(
        line_id=entry.line_id,
        request_id=entry.request_id,
        reverses_id=entry.id,
        kind=EntryKind.CORRECTION,
        account=entry.account,
        amount=-entry.amount,
        original_amount=None if entry.original_amount is None else -entry.original_amount,
        original_currency=entry.original_currency,
        rate=entry.rate,
        rate_day=entry.rate_day,
        note=note,
        by=actor_id,
        at=clock.now(),
    )
    db.add(row)
    db.flush()
    return row


def commit_money(db: Session, actor_id: UUID | None, held: Held) -> BudgetEntry:
    """Set the money of a request aside, as long as the line has it."""
    request, currency = held.request, held.cycle.currency
    priced = queries.price(db, request, currency)
    if priced is None:
        raise Refused(missing_rate(request, currency))
    left = queries.line_sums(db, held.line.id).balance
    if priced.amount > left:
        raise Refused(
            _(
                "The line has only %(left)s left. Ask for less, or ask an administrator for more.",
                left=format_money(left, currency),
            )
        )
    is_foreign = request.currency != currency
    return write(
        db,
        actor_id,
        EntryKind.COMMITMENT,
        held.line.id,
        priced.amount,
        request=request,
        original=request.amount if is_foreign else None,
        rate=priced.rate,
        rate_day=priced.day,
    )


def missing_rate(request: BudgetRequest, into: str) -> str:
    text: str = _(
        "There is no rate of %(currency)s in %(into)s for that day or the week before it. "
        "An administrator can enter it on the page of rates; then try again.",
        currency=request.currency,
        into=into,
    )
    return text
