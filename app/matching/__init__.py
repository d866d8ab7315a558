"""Matching people: score, solve, prove, explain. Pure: nothing of the app, no database, no text
of its own beyond the catalog in ``text``.

``solve(instance)`` answers with an ``Outcome``; ``Explainer`` answers questions about one.
"""

from .explain import Alternative, Explainer
from .joint import JointOutcome, solve_jointly
from .rematch import Rematch, rematch
from .solver import solve
from .text import MatchingError, Message, describe
from .types import (
    Contribution,
    Instance,
    Outcome,
    Pair,
    Participant,
    Rule,
    Unmatched,
    input_hash,
)

__all__ = [
    "Alternative",
    "Contribution",
    "Explainer",
    "Instance",
    "JointOutcome",
    "MatchingError",
    "Message",
    "Outcome",
    "Pair",
    "Participant",
    "Rematch",
    "Rule",
    "Unmatched",
    "describe",
    "input_hash",
    "rematch",
    "solve",
    "solve_jointly",
]
