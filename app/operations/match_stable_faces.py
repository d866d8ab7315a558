"""Faces of a stable matching, where both sides ranked each other."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from app.operations.match_faces import rendered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.matching.signup import Rankings


@dataclass(frozen=True)
class Found:
    """A matching of two sides that ranked each other, and how many pairs would break it."""

    ranked: Rankings
    mate: Mapping[str, str]
    blocking: int
    sides: tuple[str, str]

    @cached_property
    def pairs(self) -> list[tuple[str, str, int, int]]:
        """(mentee, mentor, what choice the mentor is to them, and they to the mentor)."""
        wishes, hosts = self.ranked.wishes, self.ranked.hosts
        return [
            (one, to, wishes[one].index(to) + 1, hosts.ranking[hosts.host[to]].index(one) + 1)
            for one in wishes
            if (to := self.mate.get(one))
        ]

    @property
    def waiting(self) -> list[str]:
        """Mentees without a mentor, as in the sheet."""
        return [one for one in self.ranked.wishes if one not in self.mate]

    @property
    def proof(self) -> str:
        """What was checked against all rankings."""
        count = f"{self.blocking} blocking pair{'' if self.blocking == 1 else 's'}"
        return f"{count}: no two who ranked each other would both rather have each other"


def as_text(found: Found) -> str:
    """The matching for a reader at a terminal."""
    names, wishes = found.ranked.names, found.ranked.wishes
    lines = [f"Matched {len(found.pairs)} of {len(wishes)} mentees; {found.proof}.", ""]
    width = max((len(names[one]) for one, *_rest in found.pairs), default=0)
    for one, mentor, choice, back in found.pairs:
        lines.append(f"{names[one]:<{width}}  {names[mentor]}  (choice {choice}, ranked {back})")
    lines += [f"{names[one]}: not matched" for one in found.waiting]
    return "\n".join(lines)


def as_json(found: Found) -> str:
    """One JSON document."""
    keys = ("mentee", "mentor", "choice", "ranked")
    answer = {
        "pairs": [dict(zip(keys, pair, strict=True)) for pair in found.pairs],
        "unmatched": found.waiting,
        "matched_share": len(found.pairs) / len(found.ranked.wishes),
        "blocking_pairs": found.blocking,
        "certified": found.blocking == 0,
    }
    return json.dumps(answer, ensure_ascii=False)


def as_csv(found: Found) -> str:
    """The pairs for a spreadsheet."""
    from app.matching.sheets import guarded

    lines, names = io.StringIO(), found.ranked.names
    writer = csv.writer(lines)
    writer.writerow(["mentee", "mentee name", "mentor", "mentor name", "choice", "ranked"])
    for one, mentor, choice, back in found.pairs:
        cells = [one, names[one], mentor, names[mentor], str(choice), str(back)]
        writer.writerow([guarded(cell) for cell in cells])
    return "\ufeff" + lines.getvalue()


def as_html(found: Found) -> str:
    """A report that stands alone, to read, print or send."""
    return rendered("matching/report_stable.html", found=found, names=found.ranked.names)
