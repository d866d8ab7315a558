"""What people read for each state and choice."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l

from app.programs.rules import (
    CandidateState,
    CohortState,
    DeclineReason,
    EnrollmentState,
    Format,
    OfferState,
    ProgramState,
    Purpose,
    RequestState,
    Role,
    RunState,
)

FORMATS = {
    Format.ONE_TO_ONE: _l("One-to-one"),
    Format.GROUP: _l("Group mentoring"),
    Format.CIRCLE: _l("Circle"),
    Format.PEER: _l("Peer"),
    Format.REVERSE: _l("Reverse"),
    Format.FLASH: _l("Flash"),
    Format.SITUATIONAL: _l("Situational"),
    Format.SPONSORSHIP: _l("Sponsorship"),
    Format.BUDDY: _l("Buddy"),
}

_SIDES = {Role.MENTEE: _l("Mentees"), Role.MENTOR: _l("Mentors")}
_FORMAT_SIDES = {
    Format.BUDDY: {Role.MENTEE: _l("New colleagues"), Role.MENTOR: _l("Buddies")},
    Format.SPONSORSHIP: {Role.MENTEE: _l("Sponsored colleagues"), Role.MENTOR: _l("Sponsors")},
    Format.REVERSE: {Role.MENTEE: _l("Leaders"), Role.MENTOR: _l("Junior mentors")},
    Format.CIRCLE: dict.fromkeys(Role, _l("Members of circles")),
    Format.PEER: dict.fromkeys(Role, _l("Peers")),
}
_ROLES = {Role.MENTEE: _l("Mentee"), Role.MENTOR: _l("Mentor")}
_FORMAT_ROLES = {
    Format.BUDDY: {Role.MENTEE: _l("New colleague"), Role.MENTOR: _l("Buddy")},
    Format.SPONSORSHIP: {Role.MENTEE: _l("Sponsored colleague"), Role.MENTOR: _l("Sponsor")},
    Format.REVERSE: {Role.MENTEE: _l("Leader"), Role.MENTOR: _l("Junior mentor")},
    Format.CIRCLE: dict.fromkeys(Role, _l("Member")),
    Format.PEER: dict.fromkeys(Role, _l("Peer")),
}

# label and tone of the pill, by kind of state
STATES: dict[type[StrEnum], dict[Any, tuple[Any, str]]] = {
    ProgramState: {
        ProgramState.DRAFT: (_l("Draft"), "off"),
        ProgramState.PUBLISHED: (_l("Published"), "good"),
        ProgramState.RETIRED: (_l("Retired"), "off"),
    },
    CohortState: {
        CohortState.DRAFT: (_l("Draft"), "off"),
        CohortState.READY: (_l("Ready"), "info"),
        CohortState.ENROLLING: (_l("Enrolling"), "good"),
        CohortState.MATCHING: (_l("Matching"), "wait"),
        CohortState.ACTIVE: (_l("Running"), "good"),
        CohortState.CLOSING: (_l("Closing"), "wait"),
        CohortState.CLOSED: (_l("Closed"), "off"),
        CohortState.ARCHIVED: (_l("Archived"), "off"),
        CohortState.CANCELED: (_l("Canceled"), "bad"),
    },
    EnrollmentState: {
        EnrollmentState.INVITED: (_l("Invited"), "info"),
        EnrollmentState.STARTED: (_l("Form not sent yet"), "wait"),
        EnrollmentState.SUBMITTED: (_l("Waiting for approval"), "wait"),
        EnrollmentState.UNDER_REVIEW: (_l("Under review"), "wait"),
        EnrollmentState.APPROVED: (_l("Approved"), "info"),
        EnrollmentState.TRAINING_DUE: (_l("Training due"), "wait"),
        EnrollmentState.READY: (_l("Ready for matching"), "good"),
        EnrollmentState.COMPLETED: (_l("Completed"), "good"),
        EnrollmentState.DECLINED: (_l("Declined"), "bad"),
        EnrollmentState.PAUSED: (_l("Paused"), "off"),
        EnrollmentState.WITHDRAWN: (_l("Withdrawn"), "off"),
        EnrollmentState.REMOVED: (_l("Removed"), "bad"),
    },
    RunState: {
        RunState.DRAFT: (_l("Draft"), "off"),
        RunState.QUEUED: (_l("Waiting to start"), "wait"),
        RunState.RUNNING: (_l("Running"), "wait"),
        RunState.REVIEW: (_l("Ready for review"), "info"),
        RunState.PUBLISHING: (_l("Publishing soon"), "wait"),
        RunState.PUBLISHED: (_l("Published"), "good"),
        RunState.DISCARDED: (_l("Discarded"), "off"),
        RunState.FAILED: (_l("Failed"), "bad"),
    },
    CandidateState: {
        CandidateState.PROPOSED: (_l("Proposed"), "info"),
        CandidateState.LOCKED: (_l("Fixed"), "good"),
        CandidateState.VETOED: (_l("Not this pair"), "bad"),
        CandidateState.ACCEPTED_IN_RUN: (_l("Accepted"), "good"),
    },
    OfferState: {
        OfferState.DRAFT: (_l("Draft"), "off"),
        OfferState.OFFERED: (_l("Waiting for an answer"), "wait"),
        OfferState.PARTLY_ACCEPTED: (_l("Waiting for the last word"), "wait"),
        OfferState.ACCEPTED: (_l("Accepted"), "good"),
        OfferState.DECLINED: (_l("Declined"), "off"),
        OfferState.EXPIRED: (_l("Expired"), "off"),
        OfferState.WITHDRAWN: (_l("Withdrawn"), "off"),
        OfferState.SUPERSEDED: (_l("Another offer was accepted"), "off"),
        OfferState.RECALLED: (_l("Recalled"), "off"),
    },
}

STATES[RequestState] = {
    RequestState.ASKED: (_l("Waiting for the mentor"), "wait"),
    RequestState.ACCEPTED: (_l("Accepted"), "good"),
    RequestState.DECLINED: (_l("Declined"), "off"),
    RequestState.EXPIRED: (_l("Not answered in time"), "off"),
    RequestState.WITHDRAWN: (_l("Withdrawn"), "off"),
    RequestState.SUPERSEDED: (_l("No longer needed"), "off"),
}

DECLINE_REASONS = {
    DeclineReason.GOALS: _l("Our goals do not fit"),
    DeclineReason.TIME: _l("I do not have the time now"),
    DeclineReason.KNOWN: _l("We know each other already"),
    DeclineReason.CLOSE: _l("We work too closely together"),
    DeclineReason.OTHER: _l("Another reason"),
}

WHO_SEES = {
    Purpose.VISIBLE: _l("Seen by your match and by the organizers of this program."),
    Purpose.MATCHING_ONLY: _l(
        "Only the matching uses this. Nobody reads it, it appears in no list and in no reason."
    ),
    Purpose.AGGREGATE_ONLY: _l(
        "Counted only together with everybody else's answers. Nobody sees yours."
    ),
}

# What an organizer may do next with a cohort, and what the button says.
COHORT_ACTS = {
    CohortState.READY: _l("Mark as ready"),
    CohortState.ENROLLING: _l("Open enrollment"),
    CohortState.MATCHING: _l("Close enrollment and match"),
    CohortState.ACTIVE: _l("Start the cohort"),
    CohortState.CLOSING: _l("Begin closing"),
    CohortState.CLOSED: _l("Close the cohort"),
    CohortState.ARCHIVED: _l("Archive"),
    CohortState.CANCELED: _l("Cancel this cohort"),
    CohortState.DRAFT: _l("Back to draft"),
}

PHASES = {
    "": _l("Waiting for the worker"),
    "read": _l("Reading the enrollments"),
    "prune": _l("Finding promising pairs"),
    "score": _l("Scoring all pairs"),
    "solve": _l("Finding the best pairs together"),
    "certify": _l("Proving that nothing better exists"),
    "explain": _l("Writing down the reasons"),
    "save": _l("Saving"),
}


def role_label(format_: Format, role: Role) -> Any:
    """What this format calls the people on this side."""
    return _FORMAT_ROLES.get(format_, _ROLES)[role]


def side_label(format_: Format, role: Role) -> Any:
    """The people on this side, as many."""
    return _FORMAT_SIDES.get(format_, _SIDES)[role]


def state_label(state: StrEnum) -> Any:
    """The words for a state."""
    return STATES[type(state)][state][0]


def state_tone(state: StrEnum) -> str:
    """The pill's tone for a state."""
    return STATES[type(state)][state][1]
