"""How many wishes were met, fit to be told: coarse, with a crowd, and frozen between crowds.

A threshold alone protects nobody whom two reports tell apart. So a report names a band of the share
alone, only where at least FEWEST wishes could be met among at least CROWD people, and a new one is
made only when FEWEST people of the pool have changed since any other: no two differ by one person.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from .published import FEWEST
from .wishes import WishesMet

CROWD = 2 * FEWEST  # people among whom those with a wish cannot be told
BANDS = ((0.9, "90"), (0.75, "75"), (0.5, "50"), (0.0, "0"))  # from which share on, and its name
HIDDEN = "few"


@dataclass(frozen=True)
class Report:
    """A share that may be told, and who was in the pool when it was made."""

    share: str
    people: frozenset[str]


def reported(figures: WishesMet, people: AbstractSet[str], former: Sequence[Report] = ()) -> Report:
    """The report of a run: any former one whose pool is almost this one, else a new one.

    All former ones count, not the last alone: whoever goes and comes back must not be subtracted.
    """
    for one in former:
        if len(one.people ^ people) < FEWEST:
            return one
    return Report(_band(figures, len(people)), frozenset(people))


def _band(figures: WishesMet, people: int) -> str:
    if figures.could < FEWEST or people < CROWD:
        return HIDDEN
    share = min(1.0, figures.met / figures.could)
    return next(name for least, name in BANDS if share >= least)
