"""The sweeps of belonging: terms, invitations, late requests, snapshots, briefs."""

from __future__ import annotations

from app.core import clock
from app.core.database import reading, writing
from app.core.jobs import sweep
from app.ergs.queries import invitations, snapshots, terms
from app.ergs.services.invitations import expire_invitation
from app.ergs.services.membership_late import remind_of_requests
from app.ergs.services.snapshots import take_snapshot
from app.ergs.services.sponsor import send_briefs
from app.ergs.services.terms import sweep_terms

HOUR, DAY = 3600, 86_400


@sweep("terms", every=HOUR)
def move_terms() -> None:
    """Begin, end, extend and warn, one group at a time."""
    for erg_id in terms.groups_with_due_terms(reading(), clock.now().date()):
        with writing() as db:
            sweep_terms(db, erg_id)


@sweep("invitations", every=HOUR)
def end_invitations() -> None:
    """Close what nobody answered in time."""
    for invitation_id in invitations.overdue(reading()):
        with writing() as db:
            expire_invitation(db, invitation_id)


@sweep("waiting_requests", every=HOUR)
def remind() -> None:
    """Nobody waits for an answer unnoticed."""
    with writing() as db:
        remind_of_requests(db)


@sweep("snapshots", every=DAY)
def take_snapshots() -> None:
    """Once a month for each group; daily, so that a missed day is made up for."""
    month = clock.now().date().replace(day=1)
    for erg_id in snapshots.groups_without_snapshot(reading(), month):
        with writing() as db:
            take_snapshot(db, erg_id)


@sweep("briefs", every=DAY)
def brief_sponsors() -> None:
    """One brief a quarter."""
    with writing() as db:
        send_briefs(db)
