"""Counting polls on their day, after the snapshots of the month."""

from __future__ import annotations

from app.core import clock
from app.core.database import reading, writing
from app.core.jobs import sweep
from app.ergs.models import ErgPoll
from app.ergs.queries import polls
from app.ergs.services.polls import advance_poll
from app.ergs.services.snapshots import take_snapshot

DAY = 86_400


@sweep("polls", every=DAY)
def advance_polls() -> None:
    """Every step that is due, one poll at a time; the size is that of this month's snapshot."""
    for poll_id in polls.due_polls(reading(), clock.now().date()):
        with writing() as db:
            row = db.get_one(ErgPoll, poll_id)
            take_snapshot(db, row.erg_id)
            advance_poll(db, poll_id)
