"""The life of groups, their texts and chapters."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Protocol, TypeVar


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


class TextStatus(StrEnum):
    """Whether a text is the original, a translation of it, or older than it."""

    SOURCE = "source"
    TRANSLATED = "translated"
    STALE = "stale"


ERG_TRANSITIONS = {
    ErgState.DRAFT: frozenset({ErgState.ACTIVE, ErgState.ARCHIVED}),
    ErgState.ACTIVE: frozenset({ErgState.DORMANT, ErgState.ARCHIVED}),
    ErgState.DORMANT: frozenset({ErgState.ACTIVE, ErgState.ARCHIVED}),
    ErgState.ARCHIVED: frozenset[ErgState](),
}


class Text(Protocol):
    """A text in one language."""

    locale: str
    status: TextStatus


T = TypeVar("T", bound=Text)


def pick_text(texts: Iterable[T], wanted: str) -> T | None:
    """The text in the wanted language, else in its base language, else the source."""
    by_locale = {text.locale: text for text in texts}
    for tag in (wanted, wanted.split("-")[0]):
        if tag in by_locale:
            return by_locale[tag]
    return next((t for t in by_locale.values() if t.status is TextStatus.SOURCE), None)
