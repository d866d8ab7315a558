"""What makes a password acceptable."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

SHORTEST = 12
LONGEST = 200
FEWEST_CHARACTERS = 5
DEMO_PASSWORD = "trellis-demo"  # noqa: S105 - public, refused in production
_PLAIN = str.maketrans("013457@$!", "oieastasi")
_RUNS = ("01234567890123456789", "98765432109876543210", "abcdefghijklmnopqrstuvwxyz")


@cache
def common_words() -> frozenset[str]:
    """The words that guessed passwords are made of, collected by us, in lower case."""
    text = files("app.accounts").joinpath("data/common_words.txt").read_text(encoding="utf-8")
    return frozenset(text.split())


def is_common(password: str) -> bool:
    """Whether a password is guessed first: common words, runs of keys and decoration only.

    At twelve characters and more a list of leaked passwords holds little else, so we look at what
    it is made of: `Password2026!`, `p4ssw0rdp4ssw0rd`, `123456789012`, `Summer-Sunday-2026`.
    """
    folded = password.casefold()
    if len(set(folded)) < FEWEST_CHARACTERS or any(folded in run * 3 for run in _RUNS):
        return True
    return any(_is_made_of_words(form) for form in (folded, folded.translate(_PLAIN)))


def _is_made_of_words(text: str) -> bool:
    """Whether the letters, without digits and marks, are common words one after another."""
    letters = "".join(char for char in text if char.isalpha())
    reachable = {0}
    for start in range(len(letters)):
        if start in reachable:
            reachable |= {
                end
                for end in range(start + 1, len(letters) + 1)
                if letters[start:end] in common_words()
            }
    return len(letters) in reachable
