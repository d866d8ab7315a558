"""What happens after the end when nobody acts: one date at a time, harmless at any time."""

from __future__ import annotations

from app.attendance import queries, services
from app.core.database import reading, writing
from app.core.jobs import sweep


@sweep("attendance", every=600)
def close_attendance() -> None:
    """Attended or not, where check-in was used; and wrong room codes are forgotten."""
    for occurrence_id in services.to_settle(reading()):
        with writing() as db:
            services.settle(db, occurrence_id)
    with writing() as db:
        services.forget_tries(db)


@sweep("feedback", every=1800)
def ask_for_feedback() -> None:
    """A day after the end those who were there are asked."""
    for occurrence_id in queries.due_for_feedback(reading()):
        with writing() as db:
            services.ask_for_feedback(db, occurrence_id)


@sweep("access_needs", every=3600)
def purge_needs() -> None:
    """A week after the end what people needed is forgotten."""
    for occurrence_id in services.to_purge(reading()):
        with writing() as db:
            services.purge_needs(db, occurrence_id)
