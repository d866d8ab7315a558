"""Codes at the door: one a person and date, and one for the room that changes all the time.

Both are keyed digests of random ids, so they say nothing about person, event or group, and need no
table. A person's code is written in an alphabet without look-alikes and read forgivingly.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from uuid import UUID

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 12
ROOM_SECONDS = 75
_MEANT = str.maketrans("OIL", "011")


def own_code(key: str, rsvp_id: UUID) -> str:
    """The code of one person's place at one date: 60 bits."""
    digest = int.from_bytes(_digest(key, b"place" + rsvp_id.bytes)[:8], "big")
    return "".join(ALPHABET[digest >> 5 * n & 31] for n in range(CODE_LENGTH))


def spelled(code: str) -> str:
    """A code as people read it: in groups of four."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def read_code(text: str) -> str | None:
    """The code that somebody typed or a camera read; None when it cannot be one."""
    code = "".join(c for c in text.upper() if c.isalnum()).translate(_MEANT)
    return code if len(code) == CODE_LENGTH and set(code) <= set(ALPHABET) else None


def room_code(key: str, occurrence_id: UUID, now: datetime) -> str:
    """The six digits that stand on the screen now."""
    return _digits(key, occurrence_id, _window(now))


def room_codes(key: str, occurrence_id: UUID, now: datetime) -> tuple[str, str]:
    """The digits that are taken: those on the screen, and those that stood there before."""
    window = _window(now)
    return (_digits(key, occurrence_id, window), _digits(key, occurrence_id, window - 1))


def room_seconds_left(now: datetime) -> int:
    """How long the digits on the screen still stand there."""
    return ROOM_SECONDS - int(now.timestamp()) % ROOM_SECONDS


def _window(now: datetime) -> int:
    return int(now.timestamp()) // ROOM_SECONDS


def _digits(key: str, occurrence_id: UUID, window: int) -> str:
    digest = _digest(key, b"room" + occurrence_id.bytes + str(window).encode())
    return f"{int.from_bytes(digest[:8], 'big') % 10**6:06d}"


def _digest(key: str, what: bytes) -> bytes:
    return hmac.digest(key.encode(), b"attendance|" + what, hashlib.sha256)
