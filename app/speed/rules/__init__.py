"""States of a session, its clock, the prompts."""

from app.speed.rules.prompts import PROMPTS, TOPICS, OwnPrompts, Prompt, PromptSet, prompt_of
from app.speed.rules.states import (
    AWAY,
    BREAK_MINUTES,
    ROUND_MINUTES,
    ROUNDS,
    SITTING,
    TRANSITIONS,
    WISH_HOURS,
    SeatState,
    SessionState,
    may_become,
)
from app.speed.rules.timing import Clock, Phase, at, extended, poll_after, schedule

__all__ = [
    "AWAY",
    "BREAK_MINUTES",
    "PROMPTS",
    "ROUNDS",
    "ROUND_MINUTES",
    "SITTING",
    "TOPICS",
    "TRANSITIONS",
    "WISH_HOURS",
    "Clock",
    "OwnPrompts",
    "Phase",
    "Prompt",
    "PromptSet",
    "SeatState",
    "SessionState",
    "at",
    "extended",
    "may_become",
    "poll_after",
    "prompt_of",
    "schedule",
]
