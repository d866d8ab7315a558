"""States and pure rules of relationships, sessions, agreements, guides, goals and notes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from app.programs.rules import Table, states, table

REMINDERS = {"day": timedelta(hours=24), "hour": timedelta(hours=1)}
ASKS = {"first": timedelta(hours=2), "second": timedelta(hours=48)}
UNKNOWN_AFTER = timedelta(days=14)
TRIAL_DAYS = 7
MOST_STEPS = 6
LONGEST_PAUSE = timedelta(days=60)


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
            moved="scheduled canceled claimed",
            unknown="claimed missed moved",
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
}

LIVE = (
    RelationshipState.TRIAL,
    RelationshipState.ACTIVE,
    RelationshipState.PAUSED,
    RelationshipState.CONCLUDING,
)
HELD = (SessionState.CLAIMED, SessionState.CONFIRMED)
AHEAD = (SessionState.PLANNED, SessionState.PROPOSED, SessionState.SCHEDULED)
ANSWERABLE = (
    SessionState.DUE,
    SessionState.SCHEDULED,
    SessionState.CLAIMED,
    SessionState.MISSED,
    SessionState.MOVED,
    SessionState.UNKNOWN,
)


def instant_of(wall: datetime, zone: str) -> datetime:
    """The UTC instant of a wall time; a time that the clock skips moves on with the clock."""
    return wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def state_after_claims(claims: Mapping[UUID, Claim], people: int) -> SessionState:
    """What the answers so far say: one "met" claims, everybody's "met" confirms."""
    said = list(claims.values())
    met = said.count(Claim.MET)
    if met:
        return SessionState.CONFIRMED if met == people else SessionState.CLAIMED
    return SessionState.MOVED if Claim.MOVED in said else SessionState.MISSED


def agreement_state(signers: int, people: int) -> AgreementState:
    """How far an agreement is signed by that many of the people."""
    if signers == 0:
        return AgreementState.DRAFT
    return AgreementState.SIGNED if signers == people else AgreementState.SIGNED_BY_SOME


def spoken(translations: Mapping[str, str], tag: str) -> tuple[str, str]:
    """The text in a language and the language it is in; English when there is no translation."""
    for wanted in (tag, tag.split("-")[0], "en"):
        if translations.get(wanted):
            return translations[wanted], wanted
    other = next(iter(translations), "en")
    return translations.get(other, ""), other
