"""Numbers and categories compared pair by pair."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..text import MatchingError, Message
from ..types import Participant, Rule, Value
from .base import ALL, Degrees, Flags, Floats, bad_value, column, missing, number, of_pair

FEW = 64  # distinct mentee values up to which a factor folds into the one matrix product


class Elementwise:
    """Numbers or category codes compared pair by pair; NaN stands for unanswered."""

    def __init__(
        self, rule: Rule, mentees: Sequence[Participant], mentors: Sequence[Participant]
    ) -> None:
        self.rule = rule
        self.raw = (column(mentees, rule.mentee), column(mentors, rule.mentor))
        self.configure()
        self.a = self.encode(mentees, self.raw[0])
        self.b = self.encode(mentors, self.raw[1])
        self.linear = self._folded()

    def configure(self) -> None:
        """Read the rule's settings."""

    def encode(self, people: Sequence[Participant], values: list[Value]) -> NDArray[np.float64]:
        """Values as floats."""
        return np.array([self._float(*pair) for pair in zip(people, values, strict=True)], float)

    def _float(self, person: Participant, value: Value) -> float:
        if missing(value):
            return np.nan
        if isinstance(value, (str, frozenset)) or not np.isfinite(float(value or 0)):
            raise bad_value(self.rule, person, value)
        return float(value or 0)

    def compare(self, a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[Any]:
        """Degree for broadcast columns, before unanswered pairs are zeroed."""
        raise NotImplementedError

    def satisfied(self, a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[Any]:
        """Truth for broadcast columns; comparisons with NaN are False."""
        return self.compare(a, b) > 0

    def _folded(self) -> tuple[Floats, Floats] | None:
        values, index = np.unique(self.a, return_inverse=True)
        if len(values) > FEW:
            return None
        rows = np.eye(max(len(values), 1), dtype=np.float32)[index]
        table = np.nan_to_num(self.compare(values[:, None], self.b[None, :]))
        return rows, np.ascontiguousarray(table.T, dtype=np.float32)

    def degree(self, rows: slice, columns: slice = ALL) -> Degrees:
        """See Factor."""
        degrees: Degrees = np.nan_to_num(self.compare(self.a[rows, None], self.b[None, columns]))
        return degrees

    def holds(self, rows: slice) -> Flags:
        """See Factor."""
        return self.satisfied(self.a[rows, None], self.b[None, :]).astype(bool)

    def answered(self, mentee: int, mentor: int) -> bool:
        """Whether both sides answered."""
        return not (np.isnan(self.a[mentee]) or np.isnan(self.b[mentor]))

    def reason(self, mentee: int, mentor: int) -> Message:
        """See Factor."""
        label = self.rule.label
        if not self.answered(mentee, mentor):
            return Message("unknown", {"label": label})
        if not of_pair(self, mentee, mentor) > 0:
            return Message("stretch", {"label": label})
        return self.praise(mentee, mentor)

    def praise(self, mentee: int, mentor: int) -> Message:
        """What speaks for the pair."""
        raise NotImplementedError


class Equal(Elementwise):
    """Both gave the same answer."""

    def configure(self) -> None:
        """Number the answers."""
        texts = {str(v) for side in self.raw for v in side if not missing(v)}
        self.codes = {text: float(code) for code, text in enumerate(sorted(texts))}

    def _float(self, person: Participant, value: Value) -> float:
        if isinstance(value, frozenset) and value:
            raise bad_value(self.rule, person, value)
        return np.nan if missing(value) else self.codes[str(value)]

    def compare(self, a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[Any]:
        """1 where equal."""
        same: Floats = (a == b).astype(np.float32)
        return same

    def praise(self, mentee: int, mentor: int) -> Message:
        """Name the common answer."""
        return Message("equal", {"label": self.rule.label, "value": self.raw[0][mentee]})


class Differ(Equal):
    """Both answered, differently."""

    def compare(self, a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[Any]:
        """1 where both are known and unequal."""
        return ((a < b) | (a > b)).astype(np.float32)

    def praise(self, mentee: int, mentor: int) -> Message:
        """Name both answers."""
        sides = {"mentee": self.raw[0][mentee], "mentor": self.raw[1][mentor]}
        return Message("differ", {"label": self.rule.label, **sides})


class Gap(Elementwise):
    """The mentor stands ``low`` to ``high`` steps above the mentee; outside it fades to 0."""

    def configure(self) -> None:
        """Bounds of the sweet spot, and the steps over which the degree fades."""
        self.low, self.high = number(self.rule, "low", 1), number(self.rule, "high", np.inf)
        self.fade = number(self.rule, "fade", 0)
        if self.low > self.high or self.fade < 0:
            raise MatchingError("bad_param", label=self.rule.label, param="low, high, fade")

    def compare(self, a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[Any]:
        """1 inside the bounds, falling to 0 one step past ``fade``."""
        step = b - a
        outside = np.maximum(np.maximum(self.low - step, step - self.high), 0)
        return np.clip(1 - outside / (self.fade + 1), 0, 1)

    def satisfied(self, a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[Any]:
        """Inside the bounds."""
        step = b - a
        return (step >= self.low) & (step <= self.high)

    def praise(self, mentee: int, mentor: int) -> Message:
        """Say how many steps lie between the two, whoever is further."""
        steps = abs(self.b[mentor] - self.a[mentee])
        code = {0.0: "gap_none", 1.0: "gap_one"}.get(float(steps), "gap_steps")
        return Message(code, {"label": self.rule.label, "steps": f"{steps:g}"})


class Zone(Elementwise):
    """Offsets from UTC in hours lie at most ``hours`` apart (around the clock)."""

    def configure(self) -> None:
        """The greatest distance that still counts."""
        self.hours = number(self.rule, "hours", 6)
        if self.hours <= 0:
            raise MatchingError("bad_param", label=self.rule.label, param="hours")

    def apart(self, a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[Any]:
        """Hours between the clocks."""
        turn = np.abs(a - b) % 24
        nearest: NDArray[Any] = np.minimum(turn, 24 - turn)
        return nearest

    def compare(self, a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[Any]:
        """1 on the same clock, 0 from ``hours`` on."""
        return np.clip(1 - self.apart(a, b) / self.hours, 0, 1)

    def satisfied(self, a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[Any]:
        """At most ``hours`` apart."""
        return self.apart(a, b) <= self.hours

    def praise(self, mentee: int, mentor: int) -> Message:
        """Name the distance."""
        hours = float(self.apart(self.a[mentee], self.b[mentor]))
        return Message("zone", {"label": self.rule.label, "hours": f"{hours:g}"})
