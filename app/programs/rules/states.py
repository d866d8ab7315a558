"""States and the tables by which they change."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Format(StrEnum):
    """How people meet in a program."""

    ONE_TO_ONE = "one_to_one"
    GROUP = "group"
    CIRCLE = "circle"
    PEER = "peer"
    REVERSE = "reverse"
    FLASH = "flash"
    SITUATIONAL = "situational"
    SPONSORSHIP = "sponsorship"
    BUDDY = "buddy"


class Role(StrEnum):
    """The side on which a person enrolls; formats give the sides their own names."""

    MENTEE = "mentee"
    MENTOR = "mentor"


class ProgramState(StrEnum):
    """The life of a program."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


class CohortState(StrEnum):
    """The life of one run of a program."""

    DRAFT = "draft"
    READY = "ready"
    ENROLLING = "enrolling"
    MATCHING = "matching"
    ACTIVE = "active"
    CLOSING = "closing"
    CLOSED = "closed"
    ARCHIVED = "archived"
    CANCELED = "canceled"


class EnrollmentState(StrEnum):
    """The life of one person's enrollment in one role."""

    INVITED = "invited"
    STARTED = "started"
    SUBMITTED = "submitted"
    UNDER_REVIEW = "under_review"
    APPROVED = "approved"
    TRAINING_DUE = "training_due"
    READY = "ready"
    COMPLETED = "completed"
    DECLINED = "declined"
    PAUSED = "paused"
    WITHDRAWN = "withdrawn"
    REMOVED = "removed"


class RunState(StrEnum):
    """The life of a match run; nothing leaves before PUBLISHED."""

    DRAFT = "draft"
    QUEUED = "queued"
    RUNNING = "running"
    REVIEW = "review"
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    DISCARDED = "discarded"
    FAILED = "failed"


class CandidateState(StrEnum):
    """What became of one proposed pair of a run."""

    PROPOSED = "proposed"
    LOCKED = "locked"
    VETOED = "vetoed"
    ACCEPTED_IN_RUN = "accepted_in_run"


class OfferState(StrEnum):
    """The life of an offer of one relationship."""

    DRAFT = "draft"
    OFFERED = "offered"
    PARTLY_ACCEPTED = "partly_accepted"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    RECALLED = "recalled"


class OfferSource(StrEnum):
    """Where an offer comes from."""

    RUN = "run"
    SELF = "self"
    ORGANIZER = "organizer"
    IMPORT = "import"
    REMATCH = "rematch"
    SPEED = "speed"


class RequestState(StrEnum):
    """The life of a mentee's own request to a mentor of their shortlist; it holds no place."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


class DeclineReason(StrEnum):
    """Why an offer is declined; the other side never sees it."""

    GOALS = "goals"
    TIME = "time"
    KNOWN = "known"
    CLOSE = "close"
    OTHER = "other"


class Decision(StrEnum):
    """What an organizer decided about one pair of a cohort."""

    LOCK = "lock"
    VETO = "veto"


class Purpose(StrEnum):
    """What an answer may be used for; who can see it follows from this."""

    VISIBLE = "visible"
    MATCHING_ONLY = "matching_only"
    AGGREGATE_ONLY = "aggregate_only"


class SheetState(StrEnum):
    """The life of an uploaded sign-up sheet."""

    UPLOADED = "uploaded"
    MAPPED = "mapped"
    DONE = "done"
    DISCARDED = "discarded"


Table = Mapping[StrEnum, frozenset[StrEnum]]


def table(**rows: str) -> dict[str, frozenset[str]]:
    """Rows of a transition table: each state and, apart by blanks, where it may go."""
    return {before: frozenset(after.split()) for before, after in rows.items()}


def states(kind: type[StrEnum], rows: dict[str, frozenset[str]]) -> Table:
    """The rows as a table over all states of the kind; a word that is no state is an error."""
    return {state: frozenset(kind(to) for to in rows.get(state.value, ())) for state in kind}


_LEAVE = "paused withdrawn removed"


TRANSITIONS: dict[type[StrEnum], Table] = {
    ProgramState: states(
        ProgramState,
        table(
            draft="published",
            published="retired",
            retired="published",
        ),
    ),
    CohortState: states(
        CohortState,
        table(
            draft="ready canceled",
            ready="enrolling draft canceled",
            enrolling="matching canceled",
            matching="enrolling active canceled",
            active="closing",
            closing="closed",
            closed="archived",
        ),
    ),
    EnrollmentState: states(
        EnrollmentState,
        table(
            invited="started declined withdrawn removed",
            started="submitted withdrawn removed",
            submitted=f"under_review approved declined {_LEAVE}",
            under_review=f"approved declined {_LEAVE}",
            approved=f"training_due ready declined {_LEAVE}",
            training_due=f"ready {_LEAVE}",
            ready=f"completed {_LEAVE}",
            completed="ready",
            paused="ready withdrawn removed",
            withdrawn="started",
            declined="under_review",
        ),
    ),
    RunState: states(
        RunState,
        table(
            draft="queued discarded",
            queued="running discarded",
            running="review failed queued discarded",
            review="publishing discarded",
            publishing="published review",
            failed="queued discarded",
        ),
    ),
    CandidateState: states(
        CandidateState,
        table(
            proposed="locked vetoed accepted_in_run",
            locked="proposed vetoed accepted_in_run",
            vetoed="proposed locked",
            accepted_in_run="proposed",
        ),
    ),
    OfferState: states(
        OfferState,
        table(
            draft="offered withdrawn",
            offered="partly_accepted accepted declined expired withdrawn superseded recalled",
            partly_accepted="accepted declined expired withdrawn superseded recalled",
            expired="offered",
        ),
    ),
    RequestState: states(
        RequestState,
        table(
            asked="accepted declined expired withdrawn superseded",
            declined="asked",
        ),
    ),
    SheetState: states(
        SheetState,
        table(
            uploaded="mapped discarded",
            mapped="uploaded done discarded",
        ),
    ),
}


OPEN_OFFERS = (OfferState.OFFERED, OfferState.PARTLY_ACCEPTED)


NO_YES = (
    OfferState.DECLINED,
    OfferState.EXPIRED,
    OfferState.WITHDRAWN,
    OfferState.SUPERSEDED,
    OfferState.RECALLED,
)


LIVE_RUNS = (RunState.QUEUED, RunState.RUNNING)


IN_POOL = (EnrollmentState.READY,)


LIVE_ENROLLMENTS = tuple(
    state
    for state in EnrollmentState
    if state not in (EnrollmentState.DECLINED, EnrollmentState.WITHDRAWN, EnrollmentState.REMOVED)
)


def may_move(before: StrEnum, after: StrEnum, tables: Mapping[type[StrEnum], Table]) -> bool:
    """Whether the table of the state's kind allows this change."""
    return after in tables[type(before)].get(before, frozenset())
