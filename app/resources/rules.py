"""Resources: kinds, who may open them, which language a reader gets, when a look is due."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from enum import StrEnum

from app.ergs.rules import Viewer

MAX_TITLE = 160
MAX_DESCRIPTION = 2000
MAX_URL = 2000
MAX_TAGS = 8
MAX_TAG = 40
MAX_NOTE = 300
REVIEW_EVERY = timedelta(days=365)


class ResourceKind(StrEnum):
    """What stands behind a resource."""

    FILE = "file"
    LINK = "link"


class Access(StrEnum):
    """Who may open a resource, from the narrowest to the widest."""

    LEADS = "leads"
    GROUP = "group"
    COMPANY = "company"


def can_open(access: Access, viewer: Viewer, *, is_discreet: bool) -> bool:
    """Whether a viewer may open a resource; a confidential group opens nothing to colleagues."""
    if viewer is Viewer.LEAD:
        return True
    if viewer is Viewer.MEMBER:
        return access is not Access.LEADS
    return access is Access.COMPANY and not is_discreet


def choices_for(*, is_discreet: bool) -> list[Access]:
    """The rights that a group can give."""
    return [a for a in Access if a is not Access.COMPANY or not is_discreet]


def pick_locale(offered: Collection[str], wanted: str, source: str) -> str | None:
    """The language a reader gets: theirs, its base, the source, else the first there is."""
    for tag in (wanted, wanted.split("-")[0], source):
        if tag in offered:
            return tag
    return min(offered, default=None)


def is_overdue(review_on: date | None, today: date) -> bool:
    """Whether somebody should have looked whether it is still right."""
    return review_on is not None and review_on < today


def clean_tags(text: str) -> list[str]:
    """Tags as they were typed, separated by commas, each once whatever its case."""
    words = (" ".join(word.split()).lstrip("#").strip() for word in text.split(","))
    found: dict[str, str] = {}
    for word in words:
        if word:
            found.setdefault(word.casefold(), word[:MAX_TAG])
    return list(found.values())[:MAX_TAGS]


def is_web_address(url: str) -> bool:
    """Whether a link leads to a page on the web; nothing else is offered to be clicked."""
    head, _sep, rest = url.strip().partition("://")
    is_whole = bool(rest) and not any(c.isspace() or ord(c) < 32 for c in url.strip())
    return head.lower() in ("http", "https") and is_whole and len(url) <= MAX_URL
