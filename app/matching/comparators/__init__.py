"""How two answers compare: a degree from 0 to 1 for preferences, a yes or no for hard rules.

Each comparator is one class working on whole columns, so that a pair shown to a reader is computed
by the same lines as the matrix the solver sees. Three forms: codes or numbers compared elementwise
(equal, differ, gap, zone), sets counted by a matrix product (overlap, language, windows, distance),
what a mentor has whoever asks (has), and sparse relations (reporting_line, previous_pair).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..types import Participant, Rule
from .base import Factor, Flags, of_pair
from .elementwise import Differ, Equal, Gap, Zone
from .related import Related
from .sets import Distance, Language, Sets, Windows
from .traits import Has

COMPARATORS: dict[str, Callable[[Rule, Sequence[Participant], Sequence[Participant]], Factor]] = {
    "equal": Equal,
    "differ": Differ,
    "overlap": Sets,
    "gap": Gap,
    "language": Language,
    "zone": Zone,
    "windows": Windows,
    "distance": Distance,
    "has": Has,
    "reporting_line": Related,
    "previous_pair": Related,
}

__all__ = ["COMPARATORS", "Factor", "Flags", "of_pair"]
