"""The clock of a session: from one written instant it is known for every later one.

The server's time decides; no phone and no sweep that comes late moves a round.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum


class Phase(StrEnum):
    """What is going on."""

    BEFORE = "before"
    TALK = "talk"
    BREAK = "break"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Clock:
    """A round (from 1), what is going on in it, and until when."""

    round: int
    phase: Phase
    until: datetime | None


def at(clock: Clock, now: datetime, rounds: int, talk: int, pause: int) -> Clock:
    """Where the clock stands now, given where it once stood; lengths in minutes."""
    while clock.until is not None and now >= clock.until:
        clock = _following(clock, clock.until, rounds, talk, pause)
    return clock


def _following(clock: Clock, since: datetime, rounds: int, talk: int, pause: int) -> Clock:
    if clock.phase is Phase.TALK and clock.round >= rounds:
        return Clock(rounds, Phase.OVER, None)
    if clock.phase is Phase.TALK and pause:
        return Clock(clock.round, Phase.BREAK, since + timedelta(minutes=pause))
    return Clock(clock.round + 1, Phase.TALK, since + timedelta(minutes=talk))


def extended(clock: Clock, minutes: int) -> Clock:
    """The same with more time for what is going on."""
    if clock.until is None:
        return clock
    return replace(clock, until=clock.until + timedelta(minutes=minutes))


def schedule(
    begin: datetime, rounds: int, talk: int, pause: int
) -> list[tuple[datetime, datetime]]:
    """(beginning, end) of every round, if nobody pauses or extends."""
    step = timedelta(minutes=talk + pause)
    return [(begin + n * step, begin + n * step + timedelta(minutes=talk)) for n in range(rounds)]


def poll_after(phase: Phase, seconds_left: float | None, is_soon: bool) -> int | None:
    """After how many seconds a phone asks again; None is never.

    Often only around a change: a phone that lies there for an hour asks once a minute.
    """
    if phase is Phase.OVER:
        return None
    if seconds_left is None:
        return 15 if is_soon else 60
    return max(3, min(20, int(seconds_left) + 1))
