"""Enums of events and what may follow what."""

from __future__ import annotations

from enum import StrEnum


class EventKind(StrEnum):
    """What kind of gathering it is."""

    TOWN_HALL = "town_hall"
    SPEED_MENTORING = "speed_mentoring"
    GATHERING = "gathering"
    NETWORKING = "networking"
    TEAM_BUILDING = "team_building"
    WORKSHOP = "workshop"
    WEBINAR = "webinar"
    KICKOFF = "kickoff"


class Audience(StrEnum):
    """Who may come."""

    COMPANY = "company"
    MEMBERS = "members"


class Mode(StrEnum):
    """How one takes part; each mode has its own seats and its own queue."""

    IN_PERSON = "in_person"
    ONLINE = "online"


class Access(StrEnum):
    """An answer about accessibility; unanswered is None, which keeps an event unpublished."""

    YES = "yes"
    ON_REQUEST = "on_request"
    NO = "no"


class EventState(StrEnum):
    """The life of an event; canceled is final."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    PUBLISHED = "published"
    POSTPONED = "postponed"
    COMPLETED = "completed"
    CANCELED = "canceled"


class HostState(StrEnum):
    """Whether a group agreed to host."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LEFT = "left"


class OccurrenceState(StrEnum):
    """What people decided about a date; the clock decides the rest (`Phase`)."""

    SCHEDULED = "scheduled"
    CANCELED = "canceled"


class Phase(StrEnum):
    """Where the clock stands with a date."""

    UPCOMING = "upcoming"
    LIVE = "live"
    ENDED = "ended"


class Reply(StrEnum):
    """What a person answers."""

    GOING = "going"
    MAYBE = "maybe"
    NO = "no"


class RsvpState(StrEnum):
    """Where an answer stands."""

    GOING = "going"
    PENDING_APPROVAL = "pending_approval"
    WAITLISTED = "waitlisted"
    OFFERED = "offered"
    MAYBE = "maybe"
    NO = "no"
    EXPIRED = "expired"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    REMOVED = "removed"
    CHECKED_IN = "checked_in"
    ATTENDED = "attended"
    NO_SHOW = "no_show"


_S = RsvpState
_ANSWERS = frozenset({_S.WAITLISTED, _S.PENDING_APPROVAL, _S.MAYBE, _S.NO})

# A claim always passes through WAITLISTED, from where admission gives it a seat in the same
# transaction if there is one; so GOING is reached only from a place in the queue or an offer.
RSVP_TRANSITIONS: dict[RsvpState | None, frozenset[RsvpState]] = {
    None: _ANSWERS,
    _S.MAYBE: _ANSWERS - {_S.MAYBE},
    _S.NO: _ANSWERS - {_S.NO},
    _S.WITHDRAWN: _ANSWERS,
    _S.DECLINED: _ANSWERS,
    _S.EXPIRED: _ANSWERS,
    _S.PENDING_APPROVAL: frozenset(
        {_S.WAITLISTED, _S.WITHDRAWN, _S.MAYBE, _S.NO, _S.REMOVED, _S.EXPIRED}
    ),
    _S.WAITLISTED: frozenset(
        {_S.GOING, _S.OFFERED, _S.PENDING_APPROVAL, _S.WITHDRAWN, _S.MAYBE, _S.EXPIRED, _S.REMOVED}
    ),
    _S.OFFERED: frozenset(
        {
            _S.GOING,
            _S.EXPIRED,
            _S.DECLINED,
            _S.MAYBE,
            _S.REMOVED,
            _S.PENDING_APPROVAL,
            # The event was moved so near that seats are not offered any more: back into the queue.
            _S.WAITLISTED,
        }
    ),
    _S.GOING: frozenset(
        {_S.WITHDRAWN, _S.MAYBE, _S.REMOVED, _S.CHECKED_IN, _S.NO_SHOW, _S.PENDING_APPROVAL}
    ),
    # Only organizers take a removal back; the way leads through the queue again.
    _S.REMOVED: frozenset({_S.WAITLISTED, _S.PENDING_APPROVAL}),
    _S.CHECKED_IN: frozenset({_S.GOING, _S.ATTENDED}),
    # Known only where check-in was used; a scan that arrives late, or its undo, corrects it.
    _S.ATTENDED: frozenset({_S.NO_SHOW}),
    _S.NO_SHOW: frozenset({_S.ATTENDED}),
}

# Answers that hold or want something; whoever gave one hears what becomes of the event, and may
# step back at any time.
CONCERNED = frozenset({_S.GOING, _S.OFFERED, _S.WAITLISTED, _S.PENDING_APPROVAL, _S.MAYBE})
# What a person had and gave up themselves.
GIVEN_UP = frozenset({_S.WITHDRAWN, _S.DECLINED})
HELD = frozenset({_S.GOING, _S.CHECKED_IN, _S.ATTENDED, _S.OFFERED})

_E = EventState
EVENT_TRANSITIONS = {
    _E.DRAFT: frozenset({_E.SUBMITTED, _E.PUBLISHED, _E.CANCELED}),
    _E.SUBMITTED: frozenset({_E.DRAFT, _E.CHANGES_REQUESTED, _E.APPROVED, _E.CANCELED}),
    _E.CHANGES_REQUESTED: frozenset({_E.DRAFT, _E.SUBMITTED, _E.CANCELED}),
    _E.APPROVED: frozenset({_E.DRAFT, _E.PUBLISHED, _E.SUBMITTED, _E.CANCELED}),
    _E.PUBLISHED: frozenset({_E.POSTPONED, _E.COMPLETED, _E.CANCELED}),
    _E.POSTPONED: frozenset({_E.PUBLISHED, _E.CANCELED}),
    _E.COMPLETED: frozenset[EventState](),
    _E.CANCELED: frozenset[EventState](),
}
# Nobody but those who plan and approve it has seen it.
UNSEEN_EVENTS = frozenset({_E.DRAFT, _E.SUBMITTED, _E.CHANGES_REQUESTED, _E.APPROVED})
SHOWN_EVENTS = (_E.PUBLISHED, _E.POSTPONED, _E.COMPLETED, _E.CANCELED)
