"""What people read for each state and choice of mentoring."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l

from app.mentoring.rules import (
    AgreementState,
    Claim,
    ClosingReason,
    EndingCode,
    GoalState,
    NoteScope,
    RelationshipState,
    RematchCause,
    SessionState,
    Sharing,
)
from app.mentoring.rules.circles import PostKind
from app.mentoring.rules.reshaping import Cause, ReshapeState
from app.programs.rules import SHAPES, Format

STATES: dict[Any, tuple[Any, str]] = {
    RelationshipState.TRIAL: (_l("Getting to know each other"), "info"),
    RelationshipState.ACTIVE: (_l("Active"), "good"),
    RelationshipState.PAUSED: (_l("Pausing"), "off"),
    RelationshipState.CONCLUDING: (_l("Concluding"), "wait"),
    RelationshipState.CLOSED: (_l("Ended"), "off"),
}
SESSIONS: dict[Any, tuple[Any, str]] = {
    SessionState.PLANNED: (_l("Planned"), "off"),
    SessionState.PROPOSED: (_l("Proposed"), "wait"),
    SessionState.SCHEDULED: (_l("Scheduled"), "info"),
    SessionState.DUE: (_l("Did you meet?"), "wait"),
    SessionState.CLAIMED: (_l("One of you says you met"), "good"),
    SessionState.CONFIRMED: (_l("You met"), "good"),
    SessionState.MISSED: (_l("Did not take place"), "off"),
    SessionState.CANCELED: (_l("Canceled"), "off"),
    SessionState.MOVED: (_l("To be moved"), "wait"),
    SessionState.UNKNOWN: (_l("Nobody said"), "off"),
}
GOALS: dict[Any, tuple[Any, str]] = {
    GoalState.DRAFT: (_l("Draft"), "off"),
    GoalState.ACTIVE: (_l("On the way"), "info"),
    GoalState.ACHIEVED: (_l("Achieved"), "good"),
    GoalState.DROPPED: (_l("Let go"), "off"),
    GoalState.CARRIED_OVER: (_l("Carried over"), "info"),
}
AGREEMENTS: dict[Any, tuple[Any, str]] = {
    AgreementState.DRAFT: (_l("Not signed yet"), "wait"),
    AgreementState.SIGNED_BY_SOME: (_l("Signed by some of you"), "wait"),
    AgreementState.SIGNED: (_l("Signed by everyone"), "good"),
}
RESHAPE_CAUSES: dict[Any, Any] = {
    Cause.TOO_FEW: _l("Fewer people are left than a circle needs."),
    Cause.TOO_MANY: _l("It has more people than a circle should have."),
    Cause.ABSENT: _l("To the last two sessions fewer came than must."),
}
RESHAPINGS: dict[Any, tuple[Any, str]] = {
    ReshapeState.ASKED: (_l("The people are asked"), "wait"),
    ReshapeState.DONE: (_l("Done"), "good"),
    ReshapeState.REFUSED: (_l("Not enough said yes"), "off"),
    ReshapeState.WITHDRAWN: (_l("Not asked any more"), "off"),
    ReshapeState.RECALLED: (_l("Taken back"), "off"),
}
POSTS: dict[Any, tuple[Any, str]] = {
    PostKind.QUESTION: (_l("Question"), "circle-question-mark"),
    PostKind.RESOURCE: (_l("Worth reading"), "link"),
    PostKind.THANKS: (_l("Thank-you"), "heart"),
}
CLAIMS = {
    Claim.MET: _l("We met"),
    Claim.NOT_YET: _l("Not yet"),
    Claim.MOVED: _l("We moved it"),
    Claim.NO_CONTACT: _l("No contact"),
}
SHARINGS = {
    Sharing.ME: _l("Only me"),
    Sharing.PAIR: _l("My partner and me"),
    Sharing.PROGRAM: _l("My partner and me; organizers see its title and progress"),
}
SCOPES = {
    NoteScope.OWN: _l("Only me"),
    NoteScope.SHARED: _l("My partner and me"),
}
ENDINGS = {
    EndingCode.CAPACITY: _l("The mentor has fewer places now"),
    EndingCode.SCHEDULES: _l("Their schedules do not fit"),
    EndingCode.NEW_ROLE: _l("One of them has a new role"),
    EndingCode.OTHER_GOALS: _l("The goals have changed"),
    EndingCode.PROGRAM_CHANGE: _l("The program changes"),
}
ENDED_WORDS = {
    ClosingReason.COMPLETED: _l("You have completed your time together."),
    ClosingReason.NO_FAULT: _l("Nobody is at fault. The organizers look for your next match."),
    ClosingReason.INACTIVITY: _l("Nobody had met for a long time. You can go on after all."),
    ClosingReason.LEFT_ORG: _l("Not everybody can go on. The organizers look for your next match."),
    ClosingReason.COHORT_END: _l("The program came to its end."),
    ClosingReason.RESHAPED: _l("Your circle goes on in another shape."),
    ClosingReason.CONCERN: _l("The organizers have ended this pair."),
    ClosingReason.ORGANIZER: _l("The organizers have ended this pair."),
}
CAUSES = {
    RematchCause.TRIAL: _l("A trial ended"),
    RematchCause.LEFT_ORG: _l("The partner left the company"),
    RematchCause.LEFT_COHORT: _l("The partner left the program"),
    RematchCause.ENDED: _l("The pair ended"),
}
KIND_WORDS = {
    EndingCode.CAPACITY: _l("There is room for fewer conversations now; that is nobody's choice."),
    EndingCode.SCHEDULES: _l("Your calendars left too little room for each other."),
    EndingCode.NEW_ROLE: _l("A new role changed what is possible right now."),
    EndingCode.OTHER_GOALS: _l("Goals change, and another partner fits the new ones better."),
    EndingCode.PROGRAM_CHANGE: _l("The program changes its shape, and this pair ends with it."),
}
CLAUSES = (
    _l("What we tell each other stays between us, unless somebody is in danger."),
    _l("The mentee brings the topics; the mentor asks, listens and shares what was learned."),
    _l("Whoever cannot come says so the day before, and proposes another time."),
    _l("Either of us may end this at any time, without giving a reason."),
)
TOGETHER = (
    CLAUSES[0],
    _l("Everybody brings topics, asks, listens and shares what was learned."),
    CLAUSES[2],
    _l("Each of us may leave at any time, without giving a reason."),
)


def clauses_of(kind: Format) -> Sequence[Any]:
    """What every agreement says; where nobody is the mentor, nobody only listens."""
    return TOGETHER if SHAPES[kind].is_mutual else CLAUSES
