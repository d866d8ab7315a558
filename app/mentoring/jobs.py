"""Sweeps of mentoring; each may run at any time and twice."""

from __future__ import annotations

from app.core.database import writing
from app.core.jobs import sweep
from app.mentoring.services import relationships, sessions


@sweep("pass_sessions", every=60)
def pass_sessions() -> None:
    """Sessions whose time has passed wait for an answer; after two weeks they are unknown."""
    with writing() as db:
        sessions.mark_due(db)
        sessions.give_up_asking(db)


@sweep("settle_trials", every=600)
def settle_trials() -> None:
    """Trials whose week is over become relationships."""
    with writing() as db:
        relationships.settle_trials(db)
