"""People who know each other: reporting lines, former pairs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..text import Message
from ..types import Participant, Rule
from .base import ALL, Degrees, Flags, Floats, bad_value


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
            raise bad_value(self.rule, person, value)
        return value

    def holds(self, rows: slice) -> Flags:
        """See Factor."""
        flags = np.zeros((rows.stop - rows.start, self.width), bool)
        first, last = np.searchsorted(self.pairs[:, 0], [rows.start, rows.stop])
        near = self.pairs[first:last]
        flags[near[:, 0] - rows.start, near[:, 1]] = True
        return flags

    def degree(self, rows: slice, columns: slice = ALL) -> Degrees:
        """See Factor."""
        return self.holds(rows)[:, columns].astype(np.float32)

    def reason(self, mentee: int, mentor: int) -> Message:
        """See Factor."""
        code = "related" if (mentee, mentor) in self.found else "unknown"
        return Message(code, {"label": self.rule.label})
