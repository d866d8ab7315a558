"""What a text is about, roughly: the beginnings of its words that say something."""

from __future__ import annotations

from collections.abc import Collection

from app.core.search import index_words

LEAST = 4
# Words that stand in goals and titles of every kind.
_COMMON = """
about after again also back before being both come could does done each every first from give
have como into just know like make many more most much need next other over people person some
take than that their them then there these they thing this time want week what when which will
with work would year your algo antes cada cosa cuando desde donde entre esta este hacer menos
mucho para pero persona poder primer puede quiero sobre tener tiempo todo trabajo على هذا هذه
التي الذي عند بعد قبل كما ذلك
"""
COMMON = frozenset(_COMMON.split())


def beginnings(*texts: str) -> frozenset[str]:
    """By what related words begin: "speak" finds "speaking", "goals" finds "goal"."""
    words = index_words(" ".join(texts))
    return frozenset(_beginning(word) for word in words if _says_something(word))


def _says_something(word: str) -> bool:
    is_pair = len(word) == 2 and word > "\u0e00"  # text written without spaces comes in pairs
    return is_pair or (len(word) >= LEAST and word not in COMMON and not word.isdigit())


def _beginning(word: str) -> str:
    if len(word) <= LEAST:
        return word
    return word[: max(LEAST, len(word) - (3 if len(word) > 7 else 1))]


def shares(words: Collection[str], wanted: Collection[str]) -> int:
    """How many of the beginnings a text answers."""
    return sum(any(word.startswith(begin) for word in words) for begin in wanted)
