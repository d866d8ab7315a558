"""Feedback as a figure of a group's health: only what hosts may read already.

How many came of those whose coming was checked is a figure of events; here are its answers.
"""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.attendance.models import FeedbackBox
from app.events.models import EventHost, Occurrence
from app.events.rules import HostState
from app.health.registry import Figure, Window, figures
from app.health.rules import Measure, Unit

GOOD = 4


def feedback(db: Session, window: Window) -> dict[UUID, Measure]:
    """Of the answers shown to hosts about dates of the window, how many were 4 or 5."""
    rows = db.execute(
        select(EventHost.erg_id, FeedbackBox.shown)
        .join(Occurrence, Occurrence.event_id == EventHost.event_id)
        .join(FeedbackBox, FeedbackBox.occurrence_id == Occurrence.id)
        .where(
            EventHost.state == HostState.ACCEPTED,
            Occurrence.starts_at >= window.since,
            Occurrence.starts_at < window.until,
        )
    )
    good: Counter[UUID] = Counter()
    of: Counter[UUID] = Counter()
    for erg_id, shown in rows:
        good[erg_id] += sum(1 for answer in shown if answer[0] >= GOOD)
        of[erg_id] += len(shown)
    return {erg_id: Measure(good[erg_id], number) for erg_id, number in of.items() if number}


figures.add(
    "feedback",
    Figure(
        _l("Feedback"),
        _l("Of the anonymous answers about the group's events of 90 days, how many were 4 or 5."),
        _l("All answers that organizers may read: from five on, in steps of five."),
        Unit.SHARE,
        70,
        feedback,
    ),
)
