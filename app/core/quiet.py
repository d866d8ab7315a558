"""Quiet hours: when nobody wants to be disturbed, in their own zone, on both changes of clocks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)


def is_quiet(now: datetime, zone: ZoneInfo, begins: time | None, ends: time | None) -> bool:
    """Whether the wall clock of `zone` stands within the quiet hours at this instant."""
    if begins is None or ends is None or begins == ends:
        return False
    wall = now.astimezone(zone).time()
    if begins < ends:
        return begins <= wall < ends
    return wall >= begins or wall < ends


def quiet_until(
    now: datetime, zone: ZoneInfo, begins: time | None, ends: time | None
) -> datetime | None:
    """The instant (UTC) at which the quiet hours end that hold at `now`; None when none hold."""
    if begins is None or ends is None or not is_quiet(now, zone, begins, ends):
        return None
    end = min(at for at in _wall_times(now, zone, ends) if not is_quiet(at, zone, begins, ends))
    # A wall time that the clocks skip is read as later: the quiet ends when the clocks jump.
    while end - MINUTE > now and not is_quiet(end - MINUTE, zone, begins, ends):
        end -= MINUTE
    return end


def _wall_times(now: datetime, zone: ZoneInfo, wall: time) -> Iterator[datetime]:
    """The next instants at which the wall clock shows `wall`; it may do so twice in one night."""
    today = now.astimezone(zone).date()
    for day in (0, 1, 2):
        local = datetime.combine(today + timedelta(days=day), wall, tzinfo=zone)
        for fold in (0, 1):
            instant = local.replace(fold=fold).astimezone(UTC)
            if instant > now:
                yield instant
