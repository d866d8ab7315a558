"""Input about programs, made clean; forms never write."""

from app.programs.forms.answering import AskForm, DeclineForm
from app.programs.forms.availability import AvailabilityForm
from app.programs.forms.desk import CohortMoveForm, DecisionForm, ProgramForm, ReasonForm, SheetForm
from app.programs.forms.enrolling import BASELINE, enroll_form, excluded_emails, reply_of, values_of
from app.programs.forms.ranking import RankingForm, ranking_form
from app.programs.forms.times import ZONES, window_choices
from app.programs.forms.weighing import reweighed, weights_form

__all__ = [
    "BASELINE",
    "ZONES",
    "AskForm",
    "AvailabilityForm",
    "CohortMoveForm",
    "DecisionForm",
    "DeclineForm",
    "ProgramForm",
    "RankingForm",
    "ReasonForm",
    "SheetForm",
    "enroll_form",
    "excluded_emails",
    "ranking_form",
    "reply_of",
    "reweighed",
    "values_of",
    "weights_form",
    "window_choices",
]
