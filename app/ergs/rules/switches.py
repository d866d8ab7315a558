"""What the four switches open, and when they may not be opened further."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from app.ergs.rules.groups import Admission, Discovery, ErgState
from app.ergs.rules.visibility import Visibility, is_shielded


@dataclass(frozen=True, slots=True)
class Switches:
    """The switches of a group; the fourth, own visibility, is each member's."""

    discovery: Discovery
    admission: Admission
    roster: Visibility
    says_sensitive: bool

    @property
    def is_sensitive(self) -> bool:
        """Whether the group is shielded under these switches."""
        return is_shielded(self.roster, says_so=self.says_sensitive)

    def __str__(self) -> str:
        """The four values in one line, for the audit log."""
        word = "sensitive" if self.says_sensitive else "plain"
        return f"{self.discovery}, {self.admission}, {self.roster}, {word}"


class Switched(Protocol):
    """What has switches."""

    discovery: Any
    admission: Any
    roster: Any
    says_sensitive: Any


def switches_of(thing: Switched) -> Switches:
    """The switches as they stand."""
    return Switches(thing.discovery, thing.admission, thing.roster, thing.says_sensitive)


class Persona(StrEnum):
    """Whose eyes a lead may borrow to look at the group."""

    STRANGER = "stranger"
    COLLEAGUE = "colleague"
    MEMBER = "member"
    LEAD = "lead"
    SPONSOR = "sponsor"
    ADMIN = "admin"


PUBLISHED = (ErgState.ACTIVE, ErgState.DORMANT)
# Who learns of a published group: everybody by the directory, everybody who has its address.
IN_DIRECTORY = (Discovery.LISTED,)
BY_ADDRESS = (Discovery.LISTED, Discovery.UNLISTED)


def is_listed(state: ErgState, discovery: Discovery) -> bool:
    """Whether every colleague finds the group in the directory."""
    return state in PUBLISHED and discovery in IN_DIRECTORY


def is_reachable(state: ErgState, discovery: Discovery) -> bool:
    """Whether every colleague who has the address may open the group's page."""
    return state in PUBLISHED and discovery in BY_ADDRESS


def would_unshield(state: ErgState, before: Switches, after: Switches) -> bool:
    """Whether a change takes away a protection that members counted on.

    A group that has begun sensitive has members who joined because it is; as long as it lives the
    protection stays. Only a draft, which nobody has joined yet, may still choose.
    """
    loses_word = before.says_sensitive and not after.says_sensitive
    loses_shield = before.is_sensitive and not after.is_sensitive
    return state is not ErgState.DRAFT and (loses_word or loses_shield)
