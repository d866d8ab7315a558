"""Who is told of a request: those who may decide, and whoever asked."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.budgets import queries
from app.budgets.models import BudgetRequest
from app.core import outbox
from app.ergs.models import Erg


def tell_approvers(db: Session, erg: Erg, request: BudgetRequest) -> None:
    """To all treasurers and leads but the person who asked."""
    for person in queries.handlers_of(db, erg.id):
        if person != request.requested_by:
            _put(db, "budget_waiting", request, person)


def tell_asker(db: Session, request: BudgetRequest) -> None:
    if request.requested_by is not None:
        _put(db, "budget_decided", request, request.requested_by)


def _put(db: Session, kind: str, request: BudgetRequest, person) -> None:  # type: ignore[no-untyped-def]
    outbox.put(
        db,
        kind,
        subject=request.id,
        person=person,
        occasion=f"{request.state}|{request.changed_at.isoformat()}",
    )
