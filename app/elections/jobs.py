"""The sweep that moves elections along their days."""

from __future__ import annotations

from app.core.database import reading, writing
from app.core.jobs import sweep
from app.elections import queries, services


@sweep("elections", every=300)
def move_elections() -> None:
    """Open nominations and votes, close and count, one election at a time."""
    for election_id in queries.due(reading()):
        with writing() as db:
            services.advance(db, election_id)
