"""The ballot box: a sorted multiset of rankings, and a set of places on the roll."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence

# [[ranking, how often], ...], sorted: what was put in last cannot be told from it.
Box = list[list]
Ranking = tuple[int, ...]


def put_in(box: Box, ranking: Sequence[int]) -> Box:
    """The box with one more ballot, as if all had been put in at once."""
    counts = multiset(box)
    key = tuple(ranking)
    counts[key] = counts.get(key, 0) + 1
    return [[list(one), number] for one, number in sorted(counts.items())]


def multiset(box: Box) -> dict[Ranking, int]:
    """How often each ranking was cast."""
    return {tuple(ranking): number for ranking, number in box}


def size(box: Box) -> int:
    """How many ballots there are."""
    return sum(number for _ranking, number in box)


def digest(salt: str, box: Box) -> str:
    """The fingerprint of a box; salted, so that nobody finds the ballots by trying."""
    lines = [f"{' '.join(map(str, one))} x {n}" for one, n in sorted(multiset(box).items())]
    return hmac.new(bytes.fromhex(salt), "\n".join(lines).encode(), hashlib.sha256).hexdigest()


def commitment(seed: str) -> str:
    """What is published of the seed of the lot before anybody votes."""
    return hashlib.sha256(seed.encode()).hexdigest()


def lot_order(seed: str, numbers: Iterable[int]) -> list[int]:
    """The candidates in the order of the lot; whoever comes earlier wins it."""
    return sorted(numbers, key=lambda n: hashlib.sha256(f"{seed}:{n}".encode()).digest())


def blank(places: int) -> bytes:
    """Nobody on the roll has voted."""
    return bytes(-(-places // 8))


def has_mark(marks: bytes, place: int) -> bool:
    """Whether the person at a place of the roll has voted."""
    return bool(marks[place // 8] >> (place % 8) & 1)


def with_mark(marks: bytes, place: int) -> bytes:
    """The set with one place more."""
    changed = bytearray(marks)
    changed[place // 8] |= 1 << (place % 8)
    return bytes(changed)


def marked(marks: bytes) -> int:
    """How many have voted."""
    return sum(byte.bit_count() for byte in marks)


def ranking_of(ranks: Mapping[int, int]) -> Ranking:
    """The candidates in the order of the ranks given to them; gaps between ranks do not matter."""
    return tuple(sorted(ranks, key=ranks.__getitem__))


def doubled(ranks: Mapping[int, int]) -> set[int]:
    """The candidates who share a rank with another."""
    given = list(ranks.values())
    return {number for number, rank in ranks.items() if given.count(rank) > 1}


def is_valid(ranking: Sequence[int], numbers: Iterable[int]) -> bool:
    """Whether a ranking names at least one candidate, each once, and nobody else."""
    return (
        bool(ranking) and len(set(ranking)) == len(ranking) and set(ranking).issubset(set(numbers))
    )
