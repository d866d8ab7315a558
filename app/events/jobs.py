"""The sweep that hands on seats when nobody acts."""

from __future__ import annotations

from app.core.database import reading, writing
from app.core.jobs import sweep
from app.events import services


@sweep("seats", every=300)
def hand_on_seats() -> None:
    """End offers that ran out and serve who waits, one date at a time."""
    for occurrence_id in services.to_sweep(reading()):
        with writing() as db:
            services.sweep_due(db, occurrence_id)
