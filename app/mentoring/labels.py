"""What people read for each state and choice of mentoring."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app.mentoring.rules import (
    AgreementState,
    Claim,
    GoalState,
    NoteScope,
    RelationshipState,
    SessionState,
    Sharing,
)

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
CLAUSES = (
    _l("What we tell each other stays between us, unless somebody is in danger."),
    _l("The mentee brings the topics; the mentor asks, listens and shares what was learned."),
    _l("Whoever cannot come says so the day before, and proposes another time."),
    _l("Either of us may end this at any time, without giving a reason."),
)
