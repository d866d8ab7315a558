"""Pure rules of attendance: codes, times of scans, access needs, feedback, materials."""

from app.attendance.rules.codes import (
    CODE_LENGTH,
    ROOM_SECONDS,
    own_code,
    read_code,
    room_code,
    room_codes,
    room_seconds_left,
    spelled,
)
from app.attendance.rules.feedback import (
    ASK_AFTER,
    OPEN_FOR,
    SHOWN_FROM,
    STEP,
    Summary,
    put_in,
    summary_of,
    to_show,
)
from app.attendance.rules.materials import MAX_MATERIALS, MaterialKind
from app.attendance.rules.needs import NEED_TRANSITIONS, PURGE_AFTER, NeedKind, NeedState
from app.attendance.rules.scans import (
    MERGE_WITHIN,
    OPENS_BEFORE,
    SETTLES_AFTER,
    Method,
    Outcome,
    Scanned,
    corrected,
    is_open,
    takes_scans,
)

__all__ = [
    "ASK_AFTER",
    "CODE_LENGTH",
    "MAX_MATERIALS",
    "MERGE_WITHIN",
    "NEED_TRANSITIONS",
    "OPENS_BEFORE",
    "OPEN_FOR",
    "PURGE_AFTER",
    "ROOM_SECONDS",
    "SETTLES_AFTER",
    "SHOWN_FROM",
    "STEP",
    "MaterialKind",
    "Method",
    "NeedKind",
    "NeedState",
    "Outcome",
    "Scanned",
    "Summary",
    "corrected",
    "is_open",
    "own_code",
    "put_in",
    "read_code",
    "room_code",
    "room_codes",
    "room_seconds_left",
    "spelled",
    "summary_of",
    "takes_scans",
    "to_show",
]
