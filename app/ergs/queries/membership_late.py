"""Requests that wait for longer than was promised."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock
from app.ergs.models import Membership
from app.ergs.rules import MembershipState
from app.ergs.rules.terms import answer_due

# Working days: after the first all leads hear of it, after the second the administrators a number.
FIRST_NOTICE, SECOND_NOTICE = 5, 10


def late_requests(db: Session, days: int) -> list[tuple[UUID, UUID]]:
    """(request, group) of open requests older than so many working days."""
    now = clock.now()
    rows = db.execute(
        select(Membership.id, Membership.erg_id, Membership.asked_at)
        .where(
            Membership.state == MembershipState.REQUESTED,
            Membership.asked_at < now - timedelta(days=days),
        )
        .order_by(Membership.id)
    )
    return [
        (row_id, erg_id)
        for row_id, erg_id, asked_at in rows
        if answer_due(asked_at, days) < now.date()
    ]
