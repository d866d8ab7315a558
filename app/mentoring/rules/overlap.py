"""Times that suit most of a group: where not all can, those at which the fewest are missing.

Whoever must be there (the mentor of a group) always can, and never fewer than the quorum. Of times
at which equally many can, the rule of `slots` shares early and late hours over the zones. Who
cannot come is told by name to the group; why is known to nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from app.events.rules.fair_time import hour_of
from app.mentoring.rules.slots import (
    HORIZON,
    LEAD,
    MOST,
    STEP,
    Side,
    Slot,
    apart,
    cost,
    suits,
    turn_of,
)


def enough(
    sides: Sequence[Side], starts_at: datetime, minutes: int, needed: int, must: Collection[UUID]
) -> list[Side] | None:
    """Those who can at a start, if they are enough and nobody is missing who must be there."""
    able = [side for side in sides if suits(side, starts_at, minutes)]
    if len(able) < needed or not set(must) <= {side.person_id for side in able}:
        return None
    return able


def propose_most(
    sides: Sequence[Side],
    *,
    now: datetime,
    minutes: int,
    needed: int,
    must: Collection[UUID] = (),
    due: datetime | None = None,
    since: datetime | None = None,
    count: int = MOST,
) -> list[Slot]:
    """Up to `count` starts, those at which the fewest are missing first, then the fairest."""
    begin = max(now + LEAD, since or now)
    turn, near = turn_of(sides), due or begin
    found = list(_found(sides, begin, minutes, needed, must))
    found.sort(key=lambda slot: (len(slot.absent), cost(slot, sides, turn, near)))
    return apart(found, count)


def _found(
    sides: Sequence[Side], begin: datetime, minutes: int, needed: int, must: Collection[UUID]
) -> Iterator[Slot]:
    at = begin.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    end = at + HORIZON
    while at < end:
        able = enough(sides, at, minutes, needed, must)
        if able is not None:
            hours = {side.person_id: hour_of(at, minutes, side.zone) for side in able}
            absent = tuple(s.person_id for s in sides if s.person_id not in hours)
            yield Slot(at, hours, absent)
        at += STEP
