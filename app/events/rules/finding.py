"""Words by which people look for events."""

from __future__ import annotations

from enum import StrEnum


class Need(StrEnum):
    """What somebody needs to take part; the event must say yes to it."""

    CAPTIONS = "captions"
    STEP_FREE = "step_free"
    SIGN_LANGUAGE = "sign_language"
    QUIET_ROOM = "quiet_room"
