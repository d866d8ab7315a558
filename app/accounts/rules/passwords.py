"""What makes a password acceptable."""

from __future__ import annotations

import gzip
from functools import cache
from importlib.resources import files

SHORTEST = 12
LONGEST = 200
DEMO_PASSWORD = "trellis-demo"  # noqa: S105 - public, refused in production


@cache
def common_passwords() -> frozenset[str]:
    """Passwords that stand in breach collections, shipped with the app, in lower case."""
    raw = files("app.accounts").joinpath("data/common_passwords.txt.gz").read_bytes()
    return frozenset(gzip.decompress(raw).decode("utf-8").split("\n"))


def is_common(password: str) -> bool:
    """Whether a password, or its beginning without trailing digits and marks, is guessed first."""
    folded = password.casefold()
    core = folded.rstrip("0123456789!?.#*$@-_")
    return folded in common_passwords() or core in common_passwords() or len(set(folded)) < 5
