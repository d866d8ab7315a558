"""Enums of elections, what may follow what, and what the calendar demands."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from enum import StrEnum

from app.core import clock
from app.ergs.rules import RoleName


class ElectionState(StrEnum):
    """The life of an election; certified and void are final."""

    DRAFT = "draft"
    NOMINATING = "nominating"
    VOTING = "voting"
    COUNTED = "counted"
    CERTIFIED = "certified"
    VOID = "void"


class CandidateState(StrEnum):
    """Whether somebody who was nominated stands."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class TieRule(StrEnum):
    """What decides between candidates who are level; declared before and fixed from then on."""

    EARLIER_ROUNDS = "earlier_rounds"
    LOT = "lot"
    JOINT = "joint"


_S = ElectionState
ELECTION_TRANSITIONS = {
    _S.DRAFT: frozenset({_S.NOMINATING, _S.VOID}),
    _S.NOMINATING: frozenset({_S.VOTING, _S.VOID}),
    _S.VOTING: frozenset({_S.COUNTED, _S.VOID}),
    _S.COUNTED: frozenset({_S.CERTIFIED, _S.VOID}),
    _S.CERTIFIED: frozenset[ElectionState](),
    _S.VOID: frozenset[ElectionState](),
}

_C = CandidateState
CANDIDATE_TRANSITIONS: dict[CandidateState | None, frozenset[CandidateState]] = {
    None: frozenset({_C.PROPOSED, _C.ACCEPTED}),
    _C.PROPOSED: frozenset({_C.ACCEPTED, _C.DECLINED, _C.WITHDRAWN}),
    _C.ACCEPTED: frozenset({_C.WITHDRAWN}),
    _C.DECLINED: frozenset({_C.ACCEPTED, _C.WITHDRAWN}),
    _C.WITHDRAWN: frozenset({_C.ACCEPTED}),
}

ELECTED_ROLES = (
    RoleName.LEAD,
    RoleName.CO_LEAD,
    RoleName.TREASURER,
    RoleName.COMMS,
    RoleName.ACCESS_LEAD,
    RoleName.MODERATOR,
)
MAX_SEATS = 9
MAX_CANDIDATES = 30
MAX_STATEMENT = 2000
WITNESSES = 2
# With fewer ballots the numbers would say how single people voted: only the outcome is shown.
MIN_SHOWN = 5
REMIND_BEFORE = timedelta(days=2)


def first_moment(day: date, zone: str) -> datetime:
    """The instant at which a day begins in a zone."""
    return datetime.combine(day, time.min, clock.zone(zone)).astimezone(clock.zone("UTC"))


def last_moment(day: date, zone: str) -> datetime:
    """The last minute of a day in a zone: its own date stands before it wherever it is shown."""
    return first_moment(day + timedelta(days=1), zone) - timedelta(minutes=1)


def due_state(
    state: ElectionState,
    now: datetime,
    *,
    is_announced: bool,
    nominating_at: datetime,
    voting_at: datetime,
    closes_at: datetime,
) -> ElectionState | None:
    """The step that the calendar demands now; one at a time, None when there is none."""
    if state is _S.DRAFT and is_announced and nominating_at <= now:
        return _S.NOMINATING
    if state is _S.NOMINATING and voting_at <= now:
        return _S.VOTING
    if state is _S.VOTING and closes_at <= now:
        return _S.COUNTED
    return None


def remind_at(voting_at: datetime, closes_at: datetime) -> datetime:
    """Two days before the end, of a short vote in its middle."""
    return max(closes_at - REMIND_BEFORE, voting_at + (closes_at - voting_at) / 2)
