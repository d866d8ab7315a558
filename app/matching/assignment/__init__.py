"""The best assignment of mentees to mentors on a score matrix, proved over every pair.

The linear program: maximize the sum of (score + reward) over pairs, where each mentee has at most
one mentor, a mentor at most ``capacity`` mentees, and the reward of placing one more person
exceeds anything that scores can gain, so that the most people are matched first. A min-cost flow
solves it on the promising pairs only; prices (its dual) then prove the result against all pairs,
or name the pairs that were missing. Everything is integer in units of a millionth of a score.
"""

from .problem import (
    CHUNK,
    LARGEST,
    MOST_PRIORITY,
    NO_FLOOR,
    UNIT,
    Aim,
    Assignment,
    Certificate,
    Clock,
    Floats,
    Ints,
    Pools,
    Problem,
    Progress,
    Rung,
    chunks,
    no_pairs,
    silent,
    units,
)
from .pruning import distinct, promising
from .solving import assign, check_limits, improve, shortfall

__all__ = [
    "CHUNK",
    "LARGEST",
    "MOST_PRIORITY",
    "NO_FLOOR",
    "UNIT",
    "Aim",
    "Assignment",
    "Certificate",
    "Clock",
    "Floats",
    "Ints",
    "Pools",
    "Problem",
    "Progress",
    "Rung",
    "assign",
    "check_limits",
    "chunks",
    "distinct",
    "improve",
    "no_pairs",
    "promising",
    "shortfall",
    "silent",
    "units",
]
