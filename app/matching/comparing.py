"""Two outcomes side by side, and what a rule costs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from .solver import solve
from .types import Instance, Outcome, Participant


@dataclass(frozen=True)
class Comparison:
    """What changes from one outcome to another. ``moved``: (mentee, former mentor, new mentor)."""

    kept: int
    moved: tuple[tuple[str, str, str], ...]
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    total: float
    floor: float | None

    @property
    def changes_nothing(self) -> bool:
        """Whether everybody keeps what they had."""
        return not (self.moved or self.gained or self.lost)


def compare(before: Outcome, after: Outcome) -> Comparison:
    """Who is moved, who gains a mentor, who loses one; total and floor as differences."""
    old, new = before.mate, after.mate
    both = sorted(old.keys() & new.keys())
    floors = before.floor, after.floor
    return Comparison(
        kept=sum(old[one] == new[one] for one in both),
        moved=tuple((one, old[one], new[one]) for one in both if old[one] != new[one]),
        gained=tuple(sorted(new.keys() - old.keys())),
        lost=tuple(sorted(old.keys() - new.keys())),
        total=after.total - before.total,
        floor=None if None in floors else (floors[1] or 0.0) - (floors[0] or 0.0),
    )


def without_rule(instance: Instance, label: str) -> Instance:
    """The instance with a hard rule relaxed."""
    kept = tuple(r for r in instance.rules if r.kind == "prefer" or r.label != label)
    return replace(instance, rules=kept)


def if_relaxed(instance: Instance, before: Outcome, label: str) -> Comparison:
    """What changes if a public hard rule no longer held."""
    return compare(before, solve(without_rule(instance, label)))


def with_one_more(instance: Instance, before: Outcome, mentor: str) -> Comparison:
    """What changes if a mentor had one more place."""

    def widened(people: Iterable[Participant]) -> tuple[Participant, ...]:
        return tuple(replace(p, capacity=p.capacity + 1) if p.id == mentor else p for p in people)

    return compare(before, solve(replace(instance, mentors=widened(instance.mentors))))
