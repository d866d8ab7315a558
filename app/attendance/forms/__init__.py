"""What people enter about attendance, and the words of the choices."""

from app.attendance.forms.after import FeedbackForm, MaterialForm
from app.attendance.forms.door import CodeForm, GuestsForm, RoomForm, WalkInForm
from app.attendance.forms.needs import AnswerForm, NeedsForm
from app.attendance.forms.words import (
    FILTERS,
    KINDS,
    NEED_STATES,
    NEEDS,
    OUTCOMES,
    STARS,
    STATES,
    TONES,
)

__all__ = [
    "FILTERS",
    "KINDS",
    "NEEDS",
    "NEED_STATES",
    "OUTCOMES",
    "STARS",
    "STATES",
    "TONES",
    "AnswerForm",
    "CodeForm",
    "FeedbackForm",
    "GuestsForm",
    "MaterialForm",
    "NeedsForm",
    "RoomForm",
    "WalkInForm",
]
