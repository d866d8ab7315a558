"""Input of the workspace, made clean; forms never write."""

from app.mentoring.forms.base import OneOfMany
from app.mentoring.forms.goals import GoalForm, GoalWordsForm, StepForm
from app.mentoring.forms.lifecycle import EndingForm, HandoverForm, LookBackForm, PauseForm
from app.mentoring.forms.notes import NoteForm, NoteTextForm
from app.mentoring.forms.sessions import (
    MINUTES,
    FeedbackForm,
    HoursForm,
    PlanForm,
    ProposeForm,
    SeriesForm,
)
from app.mentoring.forms.work import AgreementForm

__all__ = [
    "MINUTES",
    "AgreementForm",
    "EndingForm",
    "FeedbackForm",
    "GoalForm",
    "GoalWordsForm",
    "HandoverForm",
    "HoursForm",
    "LookBackForm",
    "NoteForm",
    "NoteTextForm",
    "OneOfMany",
    "PauseForm",
    "PlanForm",
    "ProposeForm",
    "SeriesForm",
    "StepForm",
]
