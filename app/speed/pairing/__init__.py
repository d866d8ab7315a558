"""Who talks with whom, round by round: pure, deterministic, exact where the sides are fixed."""

from app.speed.pairing.draw import draw, redraw
from app.speed.pairing.people import (
    Odd,
    Plan,
    Player,
    Reason,
    ReasonCode,
    Side,
    Talk,
    are_opposite,
    may_talk,
)

__all__ = [
    "Odd",
    "Plan",
    "Player",
    "Reason",
    "ReasonCode",
    "Side",
    "Talk",
    "are_opposite",
    "draw",
    "may_talk",
    "redraw",
]
