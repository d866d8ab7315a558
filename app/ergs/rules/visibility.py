"""Who may see who belongs; the narrower always wins."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from uuid import UUID


class Visibility(StrEnum):
    """Who may see a membership; declared from the narrowest to the widest."""

    NOBODY = "nobody"
    LEADS = "leads"
    MEMBERS = "members"
    COMPANY = "company"


class Viewer(StrEnum):
    """How close a reader stands to a group."""

    COLLEAGUE = "colleague"
    MEMBER = "member"
    LEAD = "lead"


SEEN_BY = {
    Viewer.COLLEAGUE: frozenset({Visibility.COMPANY}),
    Viewer.MEMBER: frozenset({Visibility.COMPANY, Visibility.MEMBERS}),
    Viewer.LEAD: frozenset({Visibility.COMPANY, Visibility.MEMBERS, Visibility.LEADS}),
}


_WIDTH = {visibility: width for width, visibility in enumerate(Visibility)}


_ALIAS_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ2346789"


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


def alias(row_id: UUID) -> str:
    """Four letters under which a confidential person appears to leads; says nothing about them."""
    digest = hashlib.sha256(b"alias" + row_id.bytes).digest()
    return "".join(_ALIAS_LETTERS[byte % len(_ALIAS_LETTERS)] for byte in digest[:4])
