"""Sweeps: the clock moves rounds, and the window of wishes closes."""

from __future__ import annotations

from app.core.database import reading, writing
from app.core.jobs import sweep
from app.speed import services


@sweep("speed_rounds", every=10)
def move_rounds() -> None:
    """Write down rounds that ended; pages know it already by the clock."""
    for session_id in services.to_catch_up(reading()):
        with writing() as db:
            services.catch_up_due(db, session_id)


@sweep("speed_wishes", every=300)
def close_wishes() -> None:
    """Close windows that ran out, one session at a time."""
    for session_id in services.to_close(reading()):
        with writing() as db:
            services.close_due(db, session_id)
