"""Two outcomes side by side, and what a rule costs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from .solver import solve
from .types import Instance, Outcome, Participant

Solver = Callable[[Instance], Outcome]


@dataclass(frozen=True)
class Comparison:
    """What changes from one outcome to another. ``moved``: (mentee, former mentor, new mentor).

    Where people sit in groups, moved is whoever would sit with others, be it one more or one less.
    """

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
    was, now = _company(before), _company(after)
    floors = before.floor, after.floor
    return Comparison(
        kept=sum(was[one] == now[one] for one in both),
        moved=tuple((one, old[one], new[one]) for one in both if was[one] != now[one]),
        gained=tuple(sorted(new.keys() - old.keys())),
        lost=tuple(sorted(old.keys() - new.keys())),
        total=after.total - before.total,
        floor=None if None in floors else (floors[1] or 0.0) - (floors[0] or 0.0),
    )


def _company(outcome: Outcome) -> Mapping[str, object]:
    """With whom everybody is: a mentor, or all of a group."""
    groups = {one: frozenset(group) for group in outcome.groups for one in group}
    return {**outcome.mate, **groups}


def without_rule(instance: Instance, label: str) -> Instance:
    """The instance with a hard rule relaxed."""
    kept = tuple(r for r in instance.rules if r.kind == "prefer" or r.label != label)
    return replace(instance, rules=kept)


def if_relaxed(
    instance: Instance, before: Outcome, label: str, solver: Solver = solve
) -> Comparison:
    """What changes if a public hard rule no longer held, solved the way ``before`` was."""
    return compare(before, solver(without_rule(instance, label)))


def with_one_more(
    instance: Instance, before: Outcome, mentor: str, solver: Solver = solve
) -> Comparison:
    """What changes if a mentor had one more place, solved the way ``before`` was."""

    def widened(people: Iterable[Participant]) -> tuple[Participant, ...]:
        return tuple(replace(p, capacity=p.capacity + 1) if p.id == mentor else p for p in people)

    return compare(before, solver(replace(instance, mentors=widened(instance.mentors))))
