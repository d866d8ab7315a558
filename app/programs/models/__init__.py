"""Programs, cohorts, forms, enrollments, runs, candidates, decisions, offers, sheets."""

from app.programs.models.bridges import CohortEvent, CohortTalks, SignUpSheet
from app.programs.models.enrollments import Baseline, Enrollment, Exclusion
from app.programs.models.kept import RulesVersion, RunInput, ShortlistEntry, WishReport
from app.programs.models.offers import Offer
from app.programs.models.outside import (
    LentSeat,
    OutsideAccount,
    OutsideInvitation,
    Partner,
    PersonPlaces,
)
from app.programs.models.programs import Cohort, EnrollmentForm, Program, ProgramOrganizer
from app.programs.models.requests import MatchRequest
from app.programs.models.runs import Candidate, JointRun, MatchRun, PairDecision

__all__ = [
    "Baseline",
    "Candidate",
    "Cohort",
    "CohortEvent",
    "CohortTalks",
    "Enrollment",
    "EnrollmentForm",
    "Exclusion",
    "JointRun",
    "LentSeat",
    "MatchRequest",
    "MatchRun",
    "Offer",
    "OutsideAccount",
    "OutsideInvitation",
    "PairDecision",
    "Partner",
    "PersonPlaces",
    "Program",
    "ProgramOrganizer",
    "RulesVersion",
    "RunInput",
    "ShortlistEntry",
    "SignUpSheet",
    "WishReport",
]
