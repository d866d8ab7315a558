"""Single days of a relationship: what became of it, who was told, and the sweeps of a day."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from app.core import clock, outbox
from app.core.database import reading
from app.mentoring import jobs
from app.mentoring.models import Relationship


def people(pair: Relationship) -> list[UUID]:
    """Its members."""
    return [member.person_id for member in pair.members]


def now_is(pair: Relationship) -> Relationship:
    """The relationship as it stands now."""
    return reading().get_one(Relationship, pair.id)


def told(kind: str, pair: Relationship) -> set[UUID]:
    """Who is about to hear of something."""
    return {delivery.person_id for delivery in outbox.pending(reading(), kind, pair.id)}


def sweep_at(instant: datetime) -> None:
    """Every sweep of mentoring, twice, because they may run twice."""
    with clock.frozen(instant):
        for run in (jobs.pass_sessions, jobs.settle_trials, jobs.pass_terms) * 2:
            run()
