"""What happens in a relationship as members may know it: never who missed or answered what."""

from __future__ import annotations

from enum import StrEnum

PAGE = 30


class Happened(StrEnum):
    """A kind of line in the timeline."""

    BEGUN = "begun"
    JOINED = "joined"
    LEFT = "left"
    SIGNED = "signed"
    SETTLED = "settled"
    PAUSED = "paused"
    RESUMED = "resumed"
    RENEWED = "renewed"
    CONCLUDING = "concluding"
    COMPLETED = "completed"
    ENDED = "ended"
    REOPENED = "reopened"
    PLANNED = "planned"
    MOVED = "moved"
    CANCELED = "canceled"
    CLAIMED = "claimed"
    HELD = "held"
    GOAL_SET = "goal_set"
    GOAL_REACHED = "goal_reached"
    NOTE_SHARED = "note_shared"


class Part(StrEnum):
    """What the timeline can be narrowed to."""

    TOGETHER = "together"
    SESSIONS = "sessions"
    GOALS = "goals"
    NOTES = "notes"
