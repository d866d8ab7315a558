"""Sets of words and of weekly hours: what two people have in common."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np

from ..text import MatchingError, Message
from ..types import Participant, Rule, Value
from .base import ALL, Degrees, Flags, Floats, bad_value, number

TAG = re.compile(r"([A-Za-z]{2,3})([-_][A-Za-z0-9]+)+")


class Sets:
    """Sets of words: what they have in common, counted by one matrix product."""

    code = "shared"

    def __init__(
        self, rule: Rule, mentees: Sequence[Participant], mentors: Sequence[Participant]
    ) -> None:
        self.rule = rule
        self.at_least = number(rule, "at_least", 1)
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
        raise bad_value(self.rule, person, value)

    def _folded(self) -> tuple[Floats, Floats] | None:
        mine, theirs = (np.maximum(size, 1)[:, None] for size in self.sizes)
        if self.share == "mentee":
            return np.divide(self.a, mine, dtype=np.float32), self.b
        if self.share == "mentor":
            return self.a, np.divide(self.b, theirs, dtype=np.float32)
        return None

    def common(self, rows: slice, columns: slice = ALL) -> Floats:
        """How many items each pair has in common."""
        product: Floats = self.a[rows] @ self.b[columns].T
        return product

    def degree(self, rows: slice, columns: slice = ALL) -> Degrees:
        """See Factor."""
        common = self.common(rows, columns)
        if self.share == "any":
            enough: Degrees = np.minimum(common / self.at_least, 1)
            return enough
        mine, theirs = self.sizes[0][rows, None], self.sizes[1][None, columns]
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
        self.minutes = number(rule, "minutes", 60)
        slots = number(rule, "hours", 1) * 60 / max(self.minutes, 1)
        params = {**rule.params, "at_least": slots, "share": "any"}
        super().__init__(Rule(**{**rule.__dict__, "params": params}), mentees, mentors)

    def items(self, person: Participant, value: Value) -> frozenset[str]:
        """The set bits of a mask."""
        if value is None:
            return frozenset()
        if not isinstance(value, int) or value < 0:
            raise bad_value(self.rule, person, value)
        return frozenset(str(bit) for bit in range(value.bit_length()) if value >> bit & 1)

    def praise(self, shared: frozenset[str]) -> Message:
        """Name the hours."""
        hours = f"{len(shared) * self.minutes / 60:g}"
        return Message("windows", {"label": self.rule.label, "hours": hours})


class Distance(Sets):
    """Steps between two people through their managers; a value holds somebody and all above.

    Two under one manager are two steps apart, which counts nothing; from ``steps`` (6) on, or with
    no manager in common, it counts fully.
    """

    NEAR = 2

    def __init__(
        self, rule: Rule, mentees: Sequence[Participant], mentors: Sequence[Participant]
    ) -> None:
        self.steps = number(rule, "steps", 6)
        if self.steps <= self.NEAR:
            raise MatchingError("bad_param", label=rule.label, param="steps")
        super().__init__(rule, mentees, mentors)

    def _folded(self) -> tuple[Floats, Floats] | None:
        return None

    def apart(self, rows: slice, columns: slice = ALL) -> Floats:
        """Steps up to the first manager in common and down again; infinite without one."""
        common = self.common(rows, columns)
        steps: Floats = self.sizes[0][rows, None] + self.sizes[1][None, columns] - 2 * common
        steps[common == 0] = np.inf
        return steps

    def degree(self, rows: slice, columns: slice = ALL) -> Degrees:
        """See Factor."""
        answered = (self.sizes[0][rows, None] > 0) & (self.sizes[1][None, columns] > 0)
        far = np.clip((self.apart(rows, columns) - self.NEAR) / (self.steps - self.NEAR), 0, 1)
        degrees: Degrees = np.where(answered, far, 0)
        return degrees

    def holds(self, rows: slice) -> Flags:
        """At least ``steps`` apart."""
        return np.asarray(self.degree(rows) >= 1)

    def reason(self, mentee: int, mentor: int) -> Message:
        """See Factor."""
        said = {"label": self.rule.label}
        if not self.sets[0][mentee] or not self.sets[1][mentor]:
            return Message("unknown", said)
        pair = slice(mentee, mentee + 1), slice(mentor, mentor + 1)
        steps = float(self.apart(*pair)[0, 0])
        if np.isinf(steps):
            return Message("distance_none", said)
        if steps <= self.NEAR:
            return Message("distance_near", said)
        return Message("distance", {**said, "steps": f"{steps:g}"})


def _multi_hot(side: Iterable[frozenset[str]], words: dict[str, int]) -> Floats:
    sets = list(side)
    matrix = np.zeros((len(sets), len(words)), np.float32)
    for row, items in enumerate(sets):
        matrix[row, [words[item] for item in items if item in words]] = 1
    return matrix
