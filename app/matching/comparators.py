"""How two answers compare: a degree from 0 to 1 for preferences, a yes or no for hard rules.

Each comparator is one class working on whole columns, so that a pair shown to a reader is computed
by the same lines as the matrix the solver sees. Three forms: codes or numbers compared elementwise
(equal, differ, gap, zone), sets counted by a matrix product (overlap, language, windows), and
sparse relations (reporting_line, previous_pair).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .text import MatchingError, Message
from .types import Participant, Rule, Value

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]
Degrees = NDArray[Any]  # float32 or float64
TAG = re.compile(r"([A-Za-z]{2,3})([-_][A-Za-z0-9]+)+")
FEW = 64  # distinct mentee values up to which a factor folds into the one matrix product


class Factor(Protocol):
    """A rule bound to the people of one instance."""

    linear: tuple[Floats, Floats] | None  # rows @ columns.T = degree, when it is bilinear

    def degree(self, rows: slice) -> Degrees:
        """How well each mentee of the rows fits each mentor, 0..1; 0 where unanswered."""

    def holds(self, rows: slice) -> Flags:
        """Whether the comparison holds; False where unanswered."""

    def reason(self, mentee: int, mentor: int) -> Message:
        """What to say about a pair on this factor."""


def _missing(value: Value) -> bool:
    return value is None or value == "" or value == frozenset()


def _column(people: Sequence[Participant], name: str) -> list[Value]:
    return [person.values.get(name) for person in people]


def _number(rule: Rule, name: str, default: float) -> float:
    value = rule.params.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or np.isnan(value):
        raise MatchingError("bad_param", label=rule.label, param=name)
    return float(value)


def _bad(rule: Rule, person: Participant, value: Value) -> MatchingError:
    return MatchingError("bad_value", id=person.id, label=rule.label, value=repr(value)[:80])


class Elementwise:
    """Numbers or category codes compared pair by pair; NaN stands for unanswered."""

    def __init__(
        self, rule: Rule, mentees: Sequence[Participant], mentors: Sequence[Participant]
    ) -> None:
        self.rule = rule
        self.raw = (_column(mentees, rule.mentee), _column(mentors, rule.mentor))
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
        if _missing(value):
            return np.nan
        if isinstance(value, (str, frozenset)) or not np.isfinite(float(value or 0)):
            raise _bad(self.rule, person, value)
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

    def degree(self, rows: slice) -> Degrees:
        """See Factor."""
        degrees: Degrees = np.nan_to_num(self.compare(self.a[rows, None], self.b[None, :]))
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
        if not self.degree(slice(mentee, mentee + 1))[0, mentor] > 0:
            return Message("stretch", {"label": label})
        return self.praise(mentee, mentor)

    def praise(self, mentee: int, mentor: int) -> Message:
        """What speaks for the pair."""
        raise NotImplementedError


class Equal(Elementwise):
    """Both gave the same answer."""

    def configure(self) -> None:
        """Number the answers."""
        texts = {str(v) for side in self.raw for v in side if not _missing(v)}
        self.codes = {text: float(code) for code, text in enumerate(sorted(texts))}

    def _float(self, person: Participant, value: Value) -> float:
        if isinstance(value, frozenset) and value:
            raise _bad(self.rule, person, value)
        return np.nan if _missing(value) else self.codes[str(value)]

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
        self.low, self.high = _number(self.rule, "low", 1), _number(self.rule, "high", np.inf)
        self.fade = _number(self.rule, "fade", 0)
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
        """Name the distance."""
        steps = f"{self.b[mentor] - self.a[mentee]:g}"
        return Message("gap", {"label": self.rule.label, "steps": steps})


class Zone(Elementwise):
    """Offsets from UTC in hours lie at most ``hours`` apart (around the clock)."""

    def configure(self) -> None:
        """The greatest distance that still counts."""
        self.hours = _number(self.rule, "hours", 6)
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


class Sets:
    """Sets of words: what they have in common, counted by one matrix product."""

    code = "shared"

    def __init__(
        self, rule: Rule, mentees: Sequence[Participant], mentors: Sequence[Participant]
    ) -> None:
        self.rule = rule
        self.at_least = _number(rule, "at_least", 1)
        self.share = rule.params.get("share", self.default_share())
        if self.share not in ("mentee", "mentor", "union", "any") or self.at_least <= 0:
            raise MatchingError("bad_param", label=rule.label, param="share, at_least")
        self.sets = tuple(
            [self.items(p, p.values.get(name)) for p in people]
            for people, name in ((mentees, rule.mentee), (mentors, rule.mentor))
        )
        known = frozenset().union(*self.sets[0]) & frozenset().union(*self.sets[1])
        words = {word: at for at, word in enumerate(sorted(known))}
        self.a, self.b = (_multi_hot(side, words) for side in self.sets)
        self.sizes = tuple(np.array([len(s) for s in side], float) for side in self.sets)
        self.linear = self._folded()

    def default_share(self) -> str:
        """Of whose items the degree is a share."""
        return "mentee"

    def items(self, person: Participant, value: Value) -> frozenset[str]:
        """A value as a set."""
        if value is None or value == "":
            return frozenset()
        if isinstance(value, frozenset):
            return value
        if isinstance(value, str):
            return frozenset([value])
        raise _bad(self.rule, person, value)

    def _folded(self) -> tuple[Floats, Floats] | None:
        mine, theirs = (np.maximum(size, 1)[:, None] for size in self.sizes)
        if self.share == "mentee":
            return np.divide(self.a, mine, dtype=np.float32), self.b
        if self.share == "mentor":
            return self.a, np.divide(self.b, theirs, dtype=np.float32)
        return None

    def common(self, rows: slice) -> Floats:
        """How many items each pair has in common."""
        product: Floats = self.a[rows] @ self.b.T
        return product

    def degree(self, rows: slice) -> Degrees:
        """See Factor."""
        common = self.common(rows)
        if self.share == "any":
            enough: Degrees = np.minimum(common / self.at_least, 1)
            return enough
        mine, theirs = self.sizes[0][rows, None], self.sizes[1][None, :]
        whole = {"mentee": mine, "mentor": theirs, "union": mine + theirs - common}
        part: Degrees = common / np.maximum(whole[str(self.share)], 1)
        return part

    def holds(self, rows: slice) -> Flags:
        """See Factor."""
        flags: Flags = self.common(rows) >= self.at_least
        return flags

    def reason(self, mentee: int, mentor: int) -> Message:
        """See Factor."""
        mine, theirs = self.sets[0][mentee], self.sets[1][mentor]
        if not mine or not theirs:
            return Message("unknown", {"label": self.rule.label})
        if not mine & theirs:
            return Message("stretch", {"label": self.rule.label})
        return self.praise(mine & theirs)

    def praise(self, shared: frozenset[str]) -> Message:
        """Name what the two share."""
        names = ", ".join(sorted(item.strip() for item in shared))
        return Message(self.code, {"label": self.rule.label, "items": names})


class Language(Sets):
    """They share a language, whatever its regional form."""

    code = "language"

    def default_share(self) -> str:
        """One language in common is enough."""
        return "any"

    def items(self, person: Participant, value: Value) -> frozenset[str]:
        """Languages in one spelling: tags without region or script, names in any case."""
        found = {}
        for language in super().items(person, value):
            tag = TAG.fullmatch(language)
            found[tag[1].lower() if tag else language.casefold()] = tag[1] if tag else language
        self.spelling = {**found, **getattr(self, "spelling", {})}
        return frozenset(found)

    def praise(self, shared: frozenset[str]) -> Message:
        """Name the languages as people wrote them."""
        return super().praise(frozenset(self.spelling[language] for language in shared))


class Windows(Sets):
    """Slots of the week (bits of an integer, in UTC) that suit both; ``minutes`` per slot."""

    def default_share(self) -> str:
        """Enough hours in common count fully."""
        return "any"

    def __init__(
        self, rule: Rule, mentees: Sequence[Participant], mentors: Sequence[Participant]
    ) -> None:
        self.minutes = _number(rule, "minutes", 60)
        slots = _number(rule, "hours", 1) * 60 / max(self.minutes, 1)
        params = {**rule.params, "at_least": slots, "share": "any"}
        super().__init__(Rule(**{**rule.__dict__, "params": params}), mentees, mentors)

    def items(self, person: Participant, value: Value) -> frozenset[str]:
        """The set bits of a mask."""
        if value is None:
            return frozenset()
        if not isinstance(value, int) or value < 0:
            raise _bad(self.rule, person, value)
        return frozenset(str(bit) for bit in range(value.bit_length()) if value >> bit & 1)

    def praise(self, shared: frozenset[str]) -> Message:
        """Name the hours."""
        hours = f"{len(shared) * self.minutes / 60:g}"
        return Message("windows", {"label": self.rule.label, "hours": hours})


class Related:
    """One names the other: in a reporting line, or as a former partner. The answer is sparse."""

    linear: tuple[Floats, Floats] | None = None

    def __init__(
        self, rule: Rule, mentees: Sequence[Participant], mentors: Sequence[Participant]
    ) -> None:
        self.rule, self.width = rule, len(mentors)
        rows = {p.id: at for at, p in enumerate(mentees)}
        columns = {p.id: at for at, p in enumerate(mentors)}
        found = {
            (rows[p.id], columns[x])
            for p in mentees
            for x in self._ids(p, rule.mentee)
            if x in columns
        }
        found |= {
            (rows[x], columns[p.id])
            for p in mentors
            for x in self._ids(p, rule.mentor)
            if x in rows
        }
        self.found = found
        self.pairs = np.array(sorted(found), np.int64).reshape(-1, 2)

    def _ids(self, person: Participant, name: str) -> frozenset[str]:
        value = person.values.get(name)
        if value is None or value == "":
            return frozenset()
        if isinstance(value, str):
            return frozenset([value])
        if not isinstance(value, frozenset):
            raise _bad(self.rule, person, value)
        return value

    def holds(self, rows: slice) -> Flags:
        """See Factor."""
        flags = np.zeros((rows.stop - rows.start, self.width), bool)
        first, last = np.searchsorted(self.pairs[:, 0], [rows.start, rows.stop])
        near = self.pairs[first:last]
        flags[near[:, 0] - rows.start, near[:, 1]] = True
        return flags

    def degree(self, rows: slice) -> Degrees:
        """See Factor."""
        return self.holds(rows).astype(np.float32)

    def reason(self, mentee: int, mentor: int) -> Message:
        """See Factor."""
        code = "related" if (mentee, mentor) in self.found else "unknown"
        return Message(code, {"label": self.rule.label})


def _multi_hot(side: Iterable[frozenset[str]], words: dict[str, int]) -> Floats:
    sets = list(side)
    matrix = np.zeros((len(sets), len(words)), np.float32)
    for row, items in enumerate(sets):
        matrix[row, [words[item] for item in items if item in words]] = 1
    return matrix


COMPARATORS: dict[str, Callable[[Rule, Sequence[Participant], Sequence[Participant]], Factor]] = {
    "equal": Equal,
    "differ": Differ,
    "overlap": Sets,
    "gap": Gap,
    "language": Language,
    "zone": Zone,
    "windows": Windows,
    "reporting_line": Related,
    "previous_pair": Related,
}
