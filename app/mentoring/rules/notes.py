"""How texts of two people come together, and which changes make a version of their own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from difflib import SequenceMatcher

LONGEST_NOTE = 20_000
# A deleted note can be brought back for so long.
KEPT_DELETED = timedelta(days=30)
# One version grows while somebody types: for so long, and while no more than this many of its
# characters are typed away. Everything else begins a new version, so that nothing is overwritten.
ONE_VERSION = timedelta(minutes=10)
MAY_GO = 40


def plain(text: str) -> str:
    """A text with one kind of line end and without blanks at its end."""
    return "\n".join(line.rstrip() for line in text.splitlines()).rstrip()


def lost(before: str, after: str) -> int:
    """How many characters of a text are not in the one that replaces it."""
    least = min(len(before), len(after))
    start = next((n for n in range(least) if before[n] != after[n]), least)
    rest = least - start
    end = next((n for n in range(rest) if before[-1 - n] != after[-1 - n]), rest)
    return len(before) - start - end


def joined(theirs: str, mine: str) -> str:
    """Both texts in one: what they share once, and where they differ theirs before mine."""
    return "\n".join(_joined(theirs.splitlines(), mine.splitlines()))


def _joined(theirs: list[str], mine: list[str]) -> Iterator[str]:
    for kind, a, b, c, d in SequenceMatcher(None, theirs, mine, autojunk=False).get_opcodes():
        yield from theirs[a:b]
        if kind != "equal":
            yield from mine[c:d]
