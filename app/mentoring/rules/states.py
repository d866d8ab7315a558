"""States and their transition tables."""

from __future__ import annotations

from enum import StrEnum

from app.mentoring.rules.circles import RoundState, WaitState
from app.mentoring.rules.reshaping import ReshapeState
from app.programs.rules import Table, states, table


class RelationshipState(StrEnum):
    """The life of a relationship."""

    TRIAL = "trial"
    ACTIVE = "active"
    PAUSED = "paused"
    CONCLUDING = "concluding"
    CLOSED = "closed"


class ClosingReason(StrEnum):
    """Why a relationship ended."""

    COMPLETED = "completed"
    NO_FAULT = "no_fault"
    INACTIVITY = "inactivity"
    LEFT_ORG = "left_org"
    COHORT_END = "cohort_end"
    RESHAPED = "reshaped"
    CONCERN = "concern"
    ORGANIZER = "organizer"


class AgreementState(StrEnum):
    """How far an agreement is signed."""

    DRAFT = "draft"
    SIGNED_BY_SOME = "signed_by_some"
    SIGNED = "signed"


class SessionState(StrEnum):
    """The life of a session; only people say that one was held."""

    PLANNED = "planned"
    PROPOSED = "proposed"
    SCHEDULED = "scheduled"
    DUE = "due"
    CLAIMED = "claimed"
    CONFIRMED = "confirmed"
    MISSED = "missed"
    CANCELED = "canceled"
    MOVED = "moved"
    UNKNOWN = "unknown"


class Claim(StrEnum):
    """The one-tap answers to "did you meet?"."""

    MET = "met"
    NOT_YET = "not_yet"
    MOVED = "moved"
    NO_CONTACT = "no_contact"


class GuideState(StrEnum):
    """The life of a version of a guide."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


class GoalState(StrEnum):
    """The life of a goal."""

    DRAFT = "draft"
    ACTIVE = "active"
    ACHIEVED = "achieved"
    DROPPED = "dropped"
    CARRIED_OVER = "carried_over"


class FlagState(StrEnum):
    """The life of a risk flag."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    ACTED = "acted"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"


class Sharing(StrEnum):
    """Who sees a goal."""

    ME = "me"
    PAIR = "pair"
    PROGRAM = "program"


class NoteScope(StrEnum):
    """Who sees a note."""

    OWN = "own"
    SHARED = "shared"


TRANSITIONS: dict[type[StrEnum], Table] = {
    RelationshipState: states(
        RelationshipState,
        table(
            trial="active closed",
            active="paused concluding closed",
            paused="active closed",
            concluding="closed",
            closed="active",
        ),
    ),
    AgreementState: states(
        AgreementState,
        table(
            draft="signed_by_some",
            signed_by_some="signed draft",
            signed="draft",
        ),
    ),
    SessionState: states(
        SessionState,
        table(
            planned="proposed scheduled canceled",
            proposed="scheduled canceled",
            scheduled="due claimed moved canceled missed",
            due="claimed missed moved unknown canceled",
            claimed="confirmed missed moved",
            missed="claimed moved scheduled",
            moved="scheduled canceled claimed missed",
            unknown="claimed missed moved",
            canceled="scheduled",
        ),
    ),
    GuideState: states(GuideState, table(draft="published", published="retired")),
    GoalState: states(
        GoalState,
        table(
            draft="active dropped",
            active="achieved dropped carried_over",
            achieved="active",
            dropped="active",
        ),
    ),
    RoundState: states(RoundState, table(open="closed")),
    ReshapeState: states(ReshapeState, table(asked="done refused withdrawn", done="recalled")),
    WaitState: states(
        WaitState,
        table(
            waiting="offered left",
            offered="joined left passed waiting",
            left="waiting",
            passed="waiting",
            joined="waiting",
        ),
    ),
    FlagState: states(
        FlagState,
        table(
            open="acknowledged acted snoozed resolved",
            acknowledged="open acted snoozed resolved",
            acted="open snoozed resolved",
            snoozed="open acted resolved",
            resolved="open",
        ),
    ),
}


LIVE = (
    RelationshipState.TRIAL,
    RelationshipState.ACTIVE,
    RelationshipState.PAUSED,
    RelationshipState.CONCLUDING,
)


HELD = (SessionState.CLAIMED, SessionState.CONFIRMED)


NOT_HELD = (
    SessionState.CANCELED,
    SessionState.MISSED,
    SessionState.MOVED,
    SessionState.UNKNOWN,
)


AHEAD = (SessionState.PLANNED, SessionState.PROPOSED, SessionState.SCHEDULED)


ANSWERABLE = (
    SessionState.DUE,
    SessionState.SCHEDULED,
    SessionState.CLAIMED,
    SessionState.MISSED,
    SessionState.MOVED,
    SessionState.UNKNOWN,
)
