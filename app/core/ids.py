"""The only source of randomness: ids, tokens, nonces, initialization vectors.

Under TRELLIS_SEED (tests) and while seeding, each value is
HMAC-SHA256(seed, actor | request number | purpose | subject | n), so that one extra row in a
database shifts no other value and two worlds can be compared byte by byte.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import random
import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from uuid import UUID

_process_seed: bytes | None = None
_requests: Counter[str] = Counter()


@dataclass(slots=True)
class _Scope:
    seed: bytes
    actor: str
    number: int
    drawn: Counter[tuple[str, str]] = field(default_factory=Counter)

    def draw(self, size: int, purpose: str, subject: str) -> bytes:
        key = (purpose, subject)
        label = f"{self.actor}|{self.number}|{purpose}|{subject}|{self.drawn[key]}"
        self.drawn[key] += 1
        blocks = (
            hmac.digest(self.seed, f"{label}|{i}".encode(), hashlib.sha256)
            for i in range(-(-size // 32))
        )
        return b"".join(blocks)[:size]


_scope: ContextVar[_Scope | None] = ContextVar("ids_scope", default=None)


def configure(seed: str | None) -> None:
    """Make the whole process deterministic (tests only) or, with None, truly random."""
    global _process_seed
    _process_seed = seed.encode() if seed else None
    _requests.clear()
    _scope.set(None)


def begin(actor: str) -> None:
    """Start the numbered scope of one request or job of an actor; a no-op without a seed."""
    if _process_seed is not None:
        _requests[actor] += 1
        _scope.set(_Scope(_process_seed, actor, _requests[actor]))


@contextmanager
def seeded(seed: str, actor: str = "seed") -> Iterator[None]:
    """Draw deterministically within a block: the same seed gives the same data."""
    token = _scope.set(_Scope(seed.encode(), actor, 0))
    try:
        yield
    finally:
        _scope.reset(token)


def random_bytes(size: int, purpose: str, subject: object = "") -> bytes:
    """`size` random bytes; purpose and subject keep tests' draws apart."""
    scope = _scope.get()
    if scope is None and _process_seed is not None:
        begin("process")
        scope = _scope.get()
    return scope.draw(size, purpose, str(subject)) if scope else secrets.token_bytes(size)


def new_id(purpose: str = "id", subject: object = "") -> UUID:
    """A random version-4 UUID."""
    return UUID(bytes=random_bytes(16, purpose, subject), version=4)


def token(purpose: str, subject: object = "", size: int = 24) -> str:
    """A URL-safe secret of `size` random bytes."""
    raw = random_bytes(size, purpose, subject)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def generator(purpose: str, subject: object = "") -> random.Random:
    """A random generator of its own for shuffles and believable data."""
    return random.Random(random_bytes(32, purpose, subject))  # noqa: S311 - seeded by us
