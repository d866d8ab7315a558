"""What weights would do in a large cohort, while somebody still moves the slider.

Each web process prepares a state of a cohort once and keeps it, so that a move costs a fraction of
a second. What is kept are ids and numbers of pairs by public factors: no answer, no exclusion, and
nothing that is for the matching alone.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.matching.preview import Previewer
from app.programs import feed
from app.programs.figures import Figures
from app.programs.models import Cohort
from app.programs.rules import form_from
from app.programs.weights import preferences

MOST_PAIRS = 3_000_000  # mentees times mentors; beyond that a worker tries the weights
MOST_BYTES = 96_000_000  # what a process keeps at most, the newest state excepted
FRESH = 3.0  # seconds for which nobody asks again whether the cohort has changed
UNWEIGHED = 1e-6  # a factor that counts nothing now, and might


@dataclass(frozen=True, slots=True)
class Prepared:
    """A cohort in one state: ready to try weights, and the pairs of its last run."""

    state: str
    previewer: Previewer
    earlier: Mapping[str, str]


class Shelf:
    """The prepared states that this process keeps, one a cohort, the least used going first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[UUID, Prepared] = OrderedDict()
        self._checked: dict[UUID, tuple[float, object]] = {}
        self._lock = threading.Lock()
        self.preparing = threading.Lock()  # one at a time: it takes more memory than what is kept

    def fresh(self, cohort_id: UUID, rules: object) -> Prepared | None:
        """What is ready under these rules, if it was compared with the cohort a moment ago."""
        with self._lock:
            at, under = self._checked.get(cohort_id, (0.0, None))
            is_fresh = under == rules and time.monotonic() - at < FRESH
            return self._kept.get(cohort_id) if is_fresh else None

    def get(self, cohort_id: UUID, state: str) -> Prepared | None:
        """What is ready for this very state."""
        with self._lock:
            found = self._kept.get(cohort_id)
            return found if found is not None and found.state == state else None

    def put(self, cohort_id: UUID, prepared: Prepared, rules: object) -> None:
        """Keep a state in place of the cohort's former one, as it is now."""
        with self._lock:
            self._kept[cohort_id] = prepared
            self._kept.move_to_end(cohort_id)
            self._checked[cohort_id] = time.monotonic(), rules
            while len(self._kept) > 1 and self._size() > MOST_BYTES:
                self._checked.pop(self._kept.popitem(last=False)[0])

    def _size(self) -> int:
        return sum(one.previewer.size for one in self._kept.values())


SHELF = Shelf()


def can_preview(rules: Mapping[str, Any], mentees: int, mentors: int) -> bool:
    """Whether weights of a cohort of this size are tried while somebody waits."""
    return form_from(rules).kind == "pairs" and mentees * mentors <= MOST_PAIRS


def previewed(db: Session, cohort: Cohort, rules: Mapping[str, Any], seed: int) -> Figures | None:
    """The figures of a matching under these weights; None where there is nobody to match."""
    prepared = _prepared(db, cohort, seed)
    if prepared is None:
        return None
    weights = {str(one.at): one.weight for one in preferences(rules) if not one.is_private}
    found = prepared.previewer.tried(weights)
    earlier = prepared.earlier
    return Figures(
        mentees=len(prepared.previewer.mentees),
        matched=found.matched,
        total=found.total,
        floor=found.floor,
        changed=sum(found.mate.get(mentee) != mentor for mentee, mentor in earlier.items()),
        is_preview=True,
    )


def _prepared(db: Session, cohort: Cohort, seed: int) -> Prepared | None:
    rules = (cohort.rules, seed)
    if found := SHELF.fresh(cohort.id, rules):
        return found
    state = feed.state_of(db, cohort, seed)
    found = SHELF.get(cohort.id, state)
    if found is None:
        with SHELF.preparing:
            found = SHELF.get(cohort.id, state) or _prepare(db, cohort, seed, state)
    if found is not None:
        SHELF.put(cohort.id, found, rules)
    return found


def _prepare(db: Session, cohort: Cohort, seed: int, state: str) -> Prepared | None:
    pool = feed.load_pool(db, cohort.id)
    earlier = feed.earlier_pairs(db, cohort.id)
    instance = feed.instance_of(pool, _public(cohort.rules), seed, earlier)
    if not instance.mentees or not instance.mentors:
        return None
    shown = replace(instance, excluded=frozenset())
    return Prepared(state, Previewer(shown), dict(instance.current))


def _public(rules: Mapping[str, Any]) -> dict[str, Any]:
    """The rules without what is for the matching alone; preferences are called by their place."""
    kept = [
        {**one, "label": str(at), "weight": max(float(one.get("weight", 0)), UNWEIGHED)}
        if one["kind"] == "prefer"
        else one
        for at, one in enumerate(rules["rules"])
        if not one.get("private")
    ]
    return {**rules, "rules": kept, "objective": "total"}
