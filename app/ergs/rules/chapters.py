"""Which chapters lie near a person."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

from app.ergs.rules.founding import slug_of

MAX_CHAPTERS = 60


class Placed(Protocol):
    """What lies somewhere."""

    slug: str
    zone: str | None


P = TypeVar("P", bound=Placed)


def near(chapters: Iterable[P], *, zone: str, site: str | None) -> list[P]:
    """The chapters of a person's site, else those that share their time zone; only a proposal."""
    listed = list(chapters)
    here = [chapter for chapter in listed if site and chapter.slug == slug_of(site)]
    return here or [chapter for chapter in listed if chapter.zone and chapter.zone == zone]
