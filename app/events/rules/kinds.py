"""What is usual for each kind of event: where the short form begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum

from app.events.rules.states import EventKind

SMALL, MEDIUM = 25, 100


class Crowd(StrEnum):
    """How many may come, as rules of approval ask it."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"
    UNLIMITED = "unlimited"


class Speaker(StrEnum):
    """Whether somebody from outside of the company speaks."""

    OWN = "own"
    EXTERNAL = "external"


class Cost(StrEnum):
    """Whether money was asked for."""

    NONE = "none"
    ASKED = "asked"


@dataclass(frozen=True, slots=True)
class Usual:
    """The usual length, hour, seats and guests; seats None is unlimited, 0 is closed."""

    minutes: int
    at: time
    in_person: int | None
    online: int | None
    guests: int = 0


USUAL: Mapping[EventKind, Usual] = {
    EventKind.TOWN_HALL: Usual(60, time(15), None, None),
    EventKind.SPEED_MENTORING: Usual(75, time(16), 40, 0),
    EventKind.GATHERING: Usual(90, time(17, 30), 40, 0, guests=1),
    EventKind.NETWORKING: Usual(90, time(17), 60, 0, guests=1),
    EventKind.TEAM_BUILDING: Usual(180, time(14), 24, 0),
    EventKind.WORKSHOP: Usual(120, time(14), 20, 0),
    EventKind.WEBINAR: Usual(45, time(12), 0, None),
    EventKind.KICKOFF: Usual(90, time(15), 60, None),
}


def crowd_of(*seats: int | None) -> Crowd:
    """How large it may become with so many seats in each mode."""
    counted = [number for number in seats if number is not None]
    if len(counted) < len(seats):
        return Crowd.UNLIMITED
    total = sum(counted)
    if total <= SMALL:
        return Crowd.SMALL
    return Crowd.MEDIUM if total <= MEDIUM else Crowd.LARGE
