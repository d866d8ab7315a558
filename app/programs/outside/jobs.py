"""Sweeps about people from outside; each may run at any time and twice."""

from __future__ import annotations

from app.core.database import writing
from app.core.jobs import sweep
from app.programs.services import outside


@sweep("lapse_invitations", every=600)
def lapse_invitations() -> None:
    """End invitations that nobody answered in time."""
    with writing() as db:
        outside.lapse(db)


@sweep("close_outside_accounts", every=3600)
def close_outside_accounts() -> None:
    """Give notice to guests with nothing left to do, and end what is over."""
    with writing() as db:
        outside.close_accounts(db)
        outside.end_lending_over(db)
