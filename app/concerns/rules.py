"""States, outcomes and the numbers of concerns; who is too near to read one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from app.programs.rules import Table, states, table

LONGEST_TEXT = 10_000
TRIAGE_DAYS = 2  # working days
READ_FOR = timedelta(minutes=30)  # how long opened words stay open before they are opened anew
CLOSES_AFTER = timedelta(days=30)  # since the last thing that was decided or said
KEPT_MONTHS = (3, 6, 12, 24, 36)


class ConcernState(StrEnum):
    """The life of a concern."""

    RAISED = "raised"
    TRIAGED = "triaged"
    HANDLED = "handled"
    CLOSED = "closed"


class Outcome(StrEnum):
    """What handlers decided, or that the person took it back."""

    TALKED = "talked"
    PAIR_ENDED = "pair_ended"
    CONTACT_RESTS = "contact_rests"
    CONTACT_LIFTED = "contact_lifted"
    PASSED_ON = "passed_on"
    NOTHING = "nothing"
    WITHDRAWN = "withdrawn"


# What a handler can choose; that somebody withdrew is not a decision.
DECISIONS = tuple(one for one in Outcome if one is not Outcome.WITHDRAWN)
OF_PAIR = (Outcome.PAIR_ENDED, Outcome.CONTACT_RESTS, Outcome.CONTACT_LIFTED)


class EntryKind(StrEnum):
    """What was written: by the person, to the person, or among handlers."""

    WORDS = "words"
    ANSWER = "answer"
    NOTE = "note"


FOR_RAISER = (EntryKind.WORDS, EntryKind.ANSWER)


class HandlerState(StrEnum):
    """The life of a handler's role: two administrators give it, one of them ends it."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    ENDED = "ended"


TRANSITIONS: dict[type[StrEnum], Table] = {
    ConcernState: states(
        ConcernState,
        table(
            raised="triaged closed",
            triaged="handled closed",
            handled="triaged closed",
        ),
    ),
    HandlerState: states(HandlerState, table(proposed="active ended", active="ended")),
}


def is_near(
    handler: UUID, concerned: Collection[UUID], above: Mapping[UUID, Collection[UUID]]
) -> bool:
    """Whether a handler is one of the people concerned, above one of them, or below."""
    over = above.get(handler, ())
    return any(
        handler == person or person in over or handler in above.get(person, ())
        for person in concerned
    )
