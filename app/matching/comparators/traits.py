"""What mentors bring, whoever the mentee is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..text import Message
from ..types import Participant, Rule
from .base import ALL, Degrees, Flags, Floats, column, missing


class Has:
    """The mentor names it."""

    def __init__(
        self, rule: Rule, mentees: Sequence[Participant], mentors: Sequence[Participant]
    ) -> None:
        self.rule = rule
        self.named = np.array([not missing(v) for v in column(mentors, rule.mentor)], bool)
        everybody = np.ones((len(mentees), 1), np.float32)
        self.linear: tuple[Floats, Floats] | None = (
            everybody,
            self.named.astype(np.float32)[:, None],
        )

    def holds(self, rows: slice) -> Flags:
        """See Factor."""
        flags: Flags = np.tile(self.named, (rows.stop - rows.start, 1))
        return flags

    def degree(self, rows: slice, columns: slice = ALL) -> Degrees:
        """See Factor."""
        return self.holds(rows)[:, columns].astype(np.float32)

    def reason(self, mentee: int, mentor: int) -> Message:
        """See Factor."""
        return Message("has" if self.named[mentor] else "has_not", {"label": self.rule.label})
