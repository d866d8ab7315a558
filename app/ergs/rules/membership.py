"""The life of a membership."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from app.ergs.rules.groups import Admission


class Relation(StrEnum):
    """How a member describes themselves; no rights depend on it."""

    MEMBER = "member"
    ALLY = "ally"
    UNDISCLOSED = "undisclosed"


class News(StrEnum):
    """What a member hears of a group between events."""

    DIGEST = "digest"
    NONE = "none"


class MembershipState(StrEnum):
    """The life of a membership row."""

    INVITED = "invited"
    REQUESTED = "requested"
    ACTIVE = "active"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    LEFT = "left"
    REMOVED = "removed"
    LAPSED = "lapsed"


MEMBERSHIP_TRANSITIONS = {
    MembershipState.INVITED: frozenset(
        {MembershipState.ACTIVE, MembershipState.DECLINED, MembershipState.LAPSED}
    ),
    MembershipState.REQUESTED: frozenset(
        {
            MembershipState.ACTIVE,
            MembershipState.DECLINED,
            MembershipState.WITHDRAWN,
            MembershipState.LAPSED,
        }
    ),
    MembershipState.ACTIVE: frozenset(
        {MembershipState.LEFT, MembershipState.REMOVED, MembershipState.LAPSED}
    ),
}


OPEN_MEMBERSHIP = frozenset(MEMBERSHIP_TRANSITIONS)


RETURN_WITHIN = timedelta(days=1)


# After a refusal a person may ask again, but not at once.
COOL_DOWN = timedelta(days=30)


# A lead's answer is told after this long; until then it can be taken back.
UNDO_WITHIN = timedelta(minutes=10)


MAX_REASON = 500


def may_ask_from(declined_at: datetime | None, now: datetime) -> datetime | None:
    """From when a person may ask again after a refusal; None when they may now."""
    if declined_at is None or now >= declined_at + COOL_DOWN:
        return None
    return declined_at + COOL_DOWN


def may_undo(decided_at: datetime | None, now: datetime) -> bool:
    """Whether a lead's answer is so fresh that the person has not been told of it."""
    return decided_at is not None and now < decided_at + UNDO_WITHIN


def first_state(
    admission: Admission, *, was_invited: bool, left_at: datetime | None, now: datetime
) -> MembershipState | None:
    """Where a person who asks to join ends up; None when only an invitation opens the door.

    Who left a moment ago may come back as if nothing had been: leaving has an undo.
    """
    has_just_left = left_at is not None and now - left_at <= RETURN_WITHIN
    if was_invited or has_just_left or admission is Admission.OPEN:
        return MembershipState.ACTIVE
    return MembershipState.REQUESTED if admission is Admission.APPROVAL else None
