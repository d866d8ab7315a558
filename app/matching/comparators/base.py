"""What every comparator is: a rule bound to columns of answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..text import MatchingError, Message
from ..types import Participant, Rule, Value

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]
Degrees = NDArray[Any]  # float32 or float64
ALL = slice(None)


class Factor(Protocol):
    """A rule bound to the people of one instance."""

    linear: tuple[Floats, Floats] | None  # rows @ columns.T = degree, when it is bilinear

    def degree(self, rows: slice, columns: slice = ALL) -> Degrees:
        """How well each mentee of the rows fits each mentor of the columns, 0..1; 0 where
        unanswered."""

    def holds(self, rows: slice) -> Flags:
        """Whether the comparison holds; False where unanswered."""

    def reason(self, mentee: int, mentor: int) -> Message:
        """What to say about a pair on this factor."""


def of_pair(factor: Factor, mentee: int, mentor: int) -> float:
    """The degree of one pair, without the rest of the row."""
    return float(factor.degree(slice(mentee, mentee + 1), slice(mentor, mentor + 1))[0, 0])


def missing(value: Value) -> bool:
    return value is None or value == "" or value == frozenset()


def column(people: Sequence[Participant], name: str) -> list[Value]:
    return [person.values.get(name) for person in people]


def number(rule: Rule, name: str, default: float) -> float:
    value = rule.params.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or np.isnan(value):
        raise MatchingError("bad_param", label=rule.label, param=name)
    return float(value)


def bad_value(rule: Rule, person: Participant, value: Value) -> MatchingError:
    return MatchingError("bad_value", id=person.id, label=rule.label, value=repr(value)[:80])
