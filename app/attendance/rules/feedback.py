"""Feedback: answers that nobody can trace, shown in steps of at least five new ones.

The answers of a date are one sorted list, rewritten whole with each new one: no row, time or
order of a single answer exists. What hosts read is a copy that moves only when five more have
come, so the difference of two readings is always the answers of at least five people.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

ASK_AFTER = timedelta(hours=24)
OPEN_FOR = timedelta(days=14)
SHOWN_FROM = 5
STEP = 5

# [[stars, what was good, what to change], ...], sorted
Answers = list[Any]


@dataclass(frozen=True, slots=True)
class Summary:
    """What hosts read; the texts of one answer do not stand beside each other."""

    number: int
    average: float
    spread: dict[int, int]
    good: list[str]
    change: list[str]


def put_in(answers: Iterable[Any], stars: int, good: str, change: str) -> Answers:
    """The list with one answer more, as if all had been given at once."""
    return sorted([*([*one] for one in answers), [stars, good, change]])


def to_show(answers: Sequence[Any], shown: Sequence[Any]) -> Answers:
    """What hosts may read now: all of them once enough are new, else what they read before."""
    enough = len(answers) >= SHOWN_FROM and len(answers) - len(shown) >= STEP
    return [list(one) for one in (answers if enough else shown)]


def summary_of(shown: Sequence[Any]) -> Summary | None:
    """The figures and words of what may be read; None while there is too little."""
    if len(shown) < SHOWN_FROM:
        return None
    stars = [int(one[0]) for one in shown]
    return Summary(
        len(stars),
        sum(stars) / len(stars),
        {star: stars.count(star) for star in range(5, 0, -1)},
        sorted(one[1] for one in shown if one[1]),
        sorted(one[2] for one in shown if one[2]),
    )
