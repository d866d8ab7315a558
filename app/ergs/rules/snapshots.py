"""How large a group is, roughly: a band that moves only at a snapshot.

A monthly snapshot counts all members and keeps the band alone. To leave a band the number must
pass its edge by more than `SLACK`, so that one person who comes and goes at an edge does not move
it month after month. In the middle of a band nobody's coming or going changes anything; at an edge
a snapshot may move the band, which says that several people came or went in a month, never who.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

EDGES = (0, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000)
SLACK = 2


@dataclass(frozen=True, slots=True)
class Band:
    """From so many to so many members; `high` is none for the last band."""

    low: int
    high: int | None


BANDS = (
    *(Band(low, nxt - 1) for low, nxt in pairwise(EDGES)),
    Band(EDGES[-1], None),
)


def band_of(number: int, before: Band | None = None) -> Band:
    """The band of a number; the one before holds while its edges are passed by little."""
    if before is not None and _holds(before, number):
        return before
    return next(b for b in BANDS if b.high is None or number <= b.high)


def _holds(band: Band, number: int) -> bool:
    return band.low - SLACK <= number and (band.high is None or number <= band.high + SLACK)
