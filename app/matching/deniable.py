"""Private answers that are used, deniably: what the matcher sees may be another answer.

Randomized response (Warner 1965): the answer is replaced with such a probability that whatever is
seen is at most three times as likely under one truth as under another. The draw is made once per
person and field and kept by the caller, so that repeated runs reveal nothing more. What is kept is
a shift, not an answer: a person may change their mind without a new draw.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, MutableMapping, Sequence

from .text import MatchingError

ODDS = 3  # the most that any observation can speak for one answer over another
SMALLEST_POOL = 10  # people among whom one can hide
STEPS = 2**32

Source = Callable[[int], bytes]  # random bytes, as many as asked for


def kept_probability(options: int) -> float:
    """With how many options the true answer is seen how often: 3/4 of two, 3/5 of three."""
    return ODDS / (ODDS + options - 1)


def draw(options: int, source: Source) -> int:
    """A shift from 0 (the truth is seen) to options - 1, from a random source."""
    if options < 2:
        raise MatchingError("too_few_options")
    drawn = int.from_bytes(source(4), "big")
    share = STEPS // (ODDS + options - 1)
    if drawn >= share * (ODDS + options - 1):
        return draw(options, source)  # the few numbers that would make the shares unequal
    return max(0, drawn // share - ODDS + 1)


def seen(
    person: Hashable,
    field: str,
    truth: str,
    options: Sequence[str],
    draws: MutableMapping[tuple[Hashable, str], int],
    source: Source,
) -> str:
    """The answer the matcher sees; the draw is made once and kept in ``draws``."""
    key = (person, field)
    if key not in draws:
        draws[key] = draw(len(options), source)
    return shifted(truth, options, draws[key])


def shifted(truth: str, options: Sequence[str], shift: int) -> str:
    """The answer that a draw shows instead of the truth."""
    return options[(options.index(truth) + shift) % len(options)]


def can_hide(people: int) -> bool:
    """Whether a pool is large enough for a deniable hint; below it the hint stays off."""
    return people >= SMALLEST_POOL
