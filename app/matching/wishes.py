"""Whom mentees hope to meet: how many such wishes could be met at once, and how many were."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .fairness.cover import Demand, most
from .scoring import Scorer
from .solver import ordered
from .types import Instance, Outcome, Participant, Value


@dataclass(frozen=True)
class WishesMet:
    """Exact figures, for no reader: see the caller's shield."""

    could: int
    met: int


def wishes_met(instance: Instance, outcome: Outcome) -> WishesMet:
    """Of the mentees with a wish: how many could meet whom they hope for, at the same time and
    under all rules, and how many do. A wish counts as met when the mentor is at least one of those
    hoped for; mentors count by what their match may know (values `wishes` and `shared`)."""
    wishing = {m.id: _set(m, "wishes") for m in instance.mentees if _set(m, "wishes")}
    sharing = {m.id: _set(m, "shared") for m in instance.mentors if _set(m, "shared")}
    if not wishing or not sharing:
        return WishesMet(0, 0)
    met = sum(
        bool(wishing.get(mentee, frozenset()) & sharing.get(mentor, frozenset()))
        for mentee, mentor in outcome.mate.items()
    )
    return WishesMet(_could(instance, wishing, sharing), met)


def _could(
    instance: Instance,
    wishing: dict[str, frozenset[str]],
    sharing: dict[str, frozenset[str]],
) -> int:
    scorer = Scorer(ordered(instance))
    problem = scorer.problem(public=False)
    pairs = [
        (scorer.rows[mentee], scorer.columns[mentor])
        for mentee, hopes in wishing.items()
        for mentor, shared in sharing.items()
        if hopes & shared
    ]
    keys = np.array(pairs, np.int64).reshape(-1, 2)
    keys = keys[problem.score[keys[:, 0], keys[:, 1]] > -np.inf]
    if not len(keys):
        return 0
    people = np.zeros(len(instance.mentees), bool)
    people[keys[:, 0]] = True
    demand = Demand("people", 0, people, problem.capacity)
    return most(problem, demand, keys[:, 0], keys[:, 1]).value


def _set(person: Participant, name: str) -> frozenset[str]:
    value: Value = person.values.get(name)
    return value if isinstance(value, frozenset) else frozenset()
