"""Telling who can act that somebody waits too long for an answer."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.core import clock, outbox
from app.ergs import queries
from app.ergs.queries import terms
from app.ergs.queries.membership_late import FIRST_NOTICE, SECOND_NOTICE, late_requests


def remind_of_requests(db: Session) -> None:
    """All leads once for each late request; then administrators, a number a week."""
    for request_id, erg_id in late_requests(db, FIRST_NOTICE):
        for lead_id in queries.leads_of(db, erg_id):
            outbox.put(db, "erg_request_late", subject=request_id, person=lead_id)
    if late_requests(db, SECOND_NOTICE):
        year, week, _day = clock.now().isocalendar()
        for admin_id in terms.org_admins(db):
            outbox.put(
                db,
                "erg_requests_waiting",
                subject=admin_id,
                person=admin_id,
                occasion=f"{year}-{week:02}",
            )
