"""Named selects of programs, found through the actor."""

from app.programs.queries.comparing import Comparison, comparison
from app.programs.queries.enrollments import (
    counts,
    enrollment_for,
    enrollment_form,
    mine_in,
    my_enrollments,
    people_by_email,
    people_page,
)
from app.programs.queries.groups import company_of, group_page
from app.programs.queries.programs import (
    cohort_for,
    cohorts_of,
    managed_program,
    program_for,
    program_page,
    sheet_for,
    visible_to,
)
from app.programs.queries.runs import (
    candidate_for,
    candidates_page,
    decisions_of,
    mates_of,
    names_in,
    names_of,
    offer_for,
    offers_of,
    open_offers_to,
    run_and_person,
    run_for,
    runs_of,
    trial_of,
    versions_of,
)
from app.programs.queries.standing import waits_of
from app.programs.queries.waiting import Waiting, waiting_page, was_matched

__all__ = [
    "Comparison",
    "Waiting",
    "candidate_for",
    "candidates_page",
    "cohort_for",
    "cohorts_of",
    "company_of",
    "comparison",
    "counts",
    "decisions_of",
    "enrollment_for",
    "enrollment_form",
    "group_page",
    "managed_program",
    "mates_of",
    "mine_in",
    "my_enrollments",
    "names_in",
    "names_of",
    "offer_for",
    "offers_of",
    "open_offers_to",
    "people_by_email",
    "people_page",
    "program_for",
    "program_page",
    "run_and_person",
    "run_for",
    "runs_of",
    "sheet_for",
    "trial_of",
    "versions_of",
    "visible_to",
    "waiting_page",
    "waits_of",
    "was_matched",
]
