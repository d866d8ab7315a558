"""Short readings of our own, named by key in the sessions of guides; read once a process."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("library.toml")


@dataclass(frozen=True, slots=True)
class Reading:
    """A minute's reading; title and text by language tag, `words` finds what groups keep."""

    key: str
    title: Mapping[str, str]
    text: Mapping[str, str]
    words: str


@cache
def library() -> Mapping[str, Reading]:
    """All readings by key."""
    content = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {
        key: Reading(key, part["title"], part["text"], part["words"])
        for key, part in content.items()
    }


def readings(keys: Iterable[str]) -> list[Reading]:
    """The readings of these keys that there are."""
    return [library()[key] for key in keys if key in library()]
