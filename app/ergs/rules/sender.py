"""The name under which a group's news stands in a mail program, and where answers go."""

from __future__ import annotations

import re
import unicodedata

MAX_SENDER = 60
MAX_REPLY_TO = 254
# What a display name could pretend with: an address, a list of them, a quoted or marked-up name.
_UNFIT = frozenset('@<>"\\,;:()[]')
_ADDRESS = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9._+-]*[A-Za-z0-9])?@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+\Z"
)


def is_fit_name(name: str) -> bool:
    """Whether a name can stand in a header: one line, no address, no invisible characters."""
    invisible = any(unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs", "Co") for c in name)
    return len(name) <= MAX_SENDER and not invisible and _UNFIT.isdisjoint(name)


def domain_of(address: str | None) -> str:
    """The part after the @, in small letters; empty for what is no plain address."""
    plain = address or ""
    if len(plain) > MAX_REPLY_TO or ".." in plain or not _ADDRESS.match(plain):
        return ""
    return plain.rpartition("@")[2].lower()
