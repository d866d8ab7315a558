"""What people enter about events, and the words of the choices."""

from app.events.forms.answer import AnswerForm
from app.events.forms.event import LONGEST, EventForm
from app.events.forms.planning import NewDateForm, ReasonForm, TranslationForm
from app.events.forms.words import (
    ACCESS,
    AUDIENCES,
    CHOOSE,
    HOST_STATES,
    KINDS,
    MODES,
    NEEDED,
    SHOWN_TO,
    STATES,
)

__all__ = [
    "ACCESS",
    "AUDIENCES",
    "CHOOSE",
    "HOST_STATES",
    "KINDS",
    "LONGEST",
    "MODES",
    "NEEDED",
    "SHOWN_TO",
    "STATES",
    "AnswerForm",
    "EventForm",
    "NewDateForm",
    "ReasonForm",
    "TranslationForm",
]
