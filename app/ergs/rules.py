"""Enums, transitions and pure rules about groups and who may see who belongs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol, TypeVar
from uuid import UUID


class ErgState(StrEnum):
    """The life of a group."""

    DRAFT = "draft"
    ACTIVE = "active"
    DORMANT = "dormant"
    ARCHIVED = "archived"


class Discovery(StrEnum):
    """Who learns that the group exists."""

    LISTED = "listed"
    UNLISTED = "unlisted"
    HIDDEN = "hidden"


class Admission(StrEnum):
    """How one becomes a member."""

    OPEN = "open"
    APPROVAL = "approval"
    INVITE = "invite"


class Visibility(StrEnum):
    """Who may see a membership; declared from the narrowest to the widest."""

    NOBODY = "nobody"
    LEADS = "leads"
    MEMBERS = "members"
    COMPANY = "company"


class Relation(StrEnum):
    """How a member describes themselves; no rights depend on it."""

    MEMBER = "member"
    ALLY = "ally"
    UNDISCLOSED = "undisclosed"


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


class ChapterAxis(StrEnum):
    """What a chapter gathers people by."""

    REGION = "region"
    INTEREST = "interest"


class Region(StrEnum):
    """The part of the world of a regional chapter, for the directory's filter."""

    AFRICA = "africa"
    ASIA_PACIFIC = "asia_pacific"
    EUROPE = "europe"
    LATIN_AMERICA = "latin_america"
    MIDDLE_EAST = "middle_east"
    NORTH_AMERICA = "north_america"


class RoleName(StrEnum):
    """What a person does for a group."""

    LEAD = "lead"
    CO_LEAD = "co_lead"
    TREASURER = "treasurer"
    COMMS = "comms"
    ACCESS_LEAD = "access_lead"
    MODERATOR = "moderator"
    SPONSOR = "sponsor"
    CHECK_IN = "check_in"


class RoleState(StrEnum):
    """The life of a role grant."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    SHADOW = "shadow"
    ENDED = "ended"
    REVOKED = "revoked"


class TextStatus(StrEnum):
    """Whether a text is the original, a translation of it, or older than it."""

    SOURCE = "source"
    TRANSLATED = "translated"
    STALE = "stale"


class Viewer(StrEnum):
    """How close a reader stands to a group."""

    COLLEAGUE = "colleague"
    MEMBER = "member"
    LEAD = "lead"


ERG_TRANSITIONS = {
    ErgState.DRAFT: frozenset({ErgState.ACTIVE, ErgState.ARCHIVED}),
    ErgState.ACTIVE: frozenset({ErgState.DORMANT, ErgState.ARCHIVED}),
    ErgState.DORMANT: frozenset({ErgState.ACTIVE, ErgState.ARCHIVED}),
    ErgState.ARCHIVED: frozenset[ErgState](),
}

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

ROLE_TRANSITIONS = {
    RoleState.PROPOSED: frozenset({RoleState.ACTIVE, RoleState.SHADOW, RoleState.REVOKED}),
    RoleState.SHADOW: frozenset({RoleState.ACTIVE, RoleState.ENDED, RoleState.REVOKED}),
    RoleState.ACTIVE: frozenset({RoleState.SHADOW, RoleState.ENDED, RoleState.REVOKED}),
}
LEADING = frozenset({RoleName.LEAD, RoleName.CO_LEAD})

SEEN_BY = {
    Viewer.COLLEAGUE: frozenset({Visibility.COMPANY}),
    Viewer.MEMBER: frozenset({Visibility.COMPANY, Visibility.MEMBERS}),
    Viewer.LEAD: frozenset({Visibility.COMPANY, Visibility.MEMBERS, Visibility.LEADS}),
}

RETURN_WITHIN = timedelta(days=1)
MAX_REASON = 500
_WIDTH = {visibility: width for width, visibility in enumerate(Visibility)}
_ALIAS_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ2346789"


class Text(Protocol):
    """A text in one language."""

    locale: str
    status: TextStatus


T = TypeVar("T", bound=Text)


def narrower(one: Visibility, other: Visibility) -> Visibility:
    """The narrower of two visibilities, which always wins."""
    return min(one, other, key=_WIDTH.__getitem__)


def choices_under(roster: Visibility) -> list[Visibility]:
    """What a member can choose so that it makes a difference, narrowest first."""
    return [v for v in Visibility if _WIDTH[v] <= _WIDTH[roster]]


def usual_visibility(roster: Visibility, *, is_sensitive: bool) -> Visibility:
    """What the join form proposes: the group's roster, in a sensitive group nobody."""
    return Visibility.NOBODY if is_sensitive else roster


def is_visible(roster: Visibility, own: Visibility, viewer: Viewer) -> bool:
    """Whether a viewer may see that a member belongs."""
    return narrower(roster, own) in SEEN_BY[viewer]


def is_shielded(roster: Visibility, *, says_so: bool) -> bool:
    """Whether a group is sensitive: it says so, or its roster is closed to members."""
    return says_so or roster in (Visibility.NOBODY, Visibility.LEADS)


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


def is_in_force(starts_on: date, ends_on: date | None, today: date) -> bool:
    """Whether a term covers a day; its last day counts."""
    return starts_on <= today and (ends_on is None or today <= ends_on)


def alias(row_id: UUID) -> str:
    """Four letters under which a confidential person appears to leads; says nothing about them."""
    digest = hashlib.sha256(b"alias" + row_id.bytes).digest()
    return "".join(_ALIAS_LETTERS[byte % len(_ALIAS_LETTERS)] for byte in digest[:4])


def pick_text(texts: Iterable[T], wanted: str) -> T | None:
    """The text in the wanted language, else in its base language, else the source."""
    by_locale = {text.locale: text for text in texts}
    for tag in (wanted, wanted.split("-")[0]):
        if tag in by_locale:
            return by_locale[tag]
    return next((t for t in by_locale.values() if t.status is TextStatus.SOURCE), None)
