"""What somebody needs to take part, and where its arrangement stands."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

PURGE_AFTER = timedelta(days=7)


class NeedKind(StrEnum):
    """What is needed."""

    CAPTIONS = "captions"
    SIGN_LANGUAGE = "sign_language"
    STEP_FREE = "step_free"
    SEATING = "seating"
    QUIET = "quiet"
    DIET = "diet"
    COMPANION = "companion"
    LARGE_PRINT = "large_print"
    OTHER = "other"


class NeedState(StrEnum):
    """Where it stands."""

    OPEN = "open"
    ARRANGED = "arranged"
    CANNOT = "cannot"


NEED_TRANSITIONS = {
    NeedState.OPEN: frozenset({NeedState.ARRANGED, NeedState.CANNOT}),
    NeedState.ARRANGED: frozenset({NeedState.OPEN, NeedState.CANNOT}),
    NeedState.CANNOT: frozenset({NeedState.OPEN, NeedState.ARRANGED}),
}
