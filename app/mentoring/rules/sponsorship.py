"""What sponsors do, and when a pair is asked whether it goes on as sponsorship."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum

from app.mentoring.rules.lifecycle import months_after

ASKED_FOR = timedelta(days=21)
RETURNS_WITHIN = timedelta(days=1)
LONGEST_WHOM, LONGEST_RESULT = 200, 500


class SponsorAct(StrEnum):
    """The four things that move a career."""

    INTRODUCED = "introduced"
    NOMINATED = "nominated"
    SPOKE_FOR = "spoke_for"
    STRETCH_WORK = "stretch_work"


def is_due(
    today: date,
    ends_on: date,
    months: int,
    asked_at: datetime | None,
    renewal_asked_at: datetime | None,
) -> bool:
    """Whether the question is due: from the middle of each term, and anew at its renewal."""
    if renewal_asked_at is not None:
        return asked_at is None or asked_at < renewal_asked_at
    begins = months_after(ends_on, -months)
    middle = begins + (ends_on - begins) / 2
    return today >= middle and (asked_at is None or asked_at.date() < begins)
