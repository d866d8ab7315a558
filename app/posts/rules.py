"""The life of a post, when it leaves, and when a person's digest is due."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

RECALL_WITHIN = timedelta(minutes=10)
# News older than this is read on the pages; a digest does not bring it up any more.
NEWS_FOR = timedelta(days=8)
SATURDAY = 5
USUAL_HOUR = 9
MAX_TITLE = 160
MAX_BODY = 20_000


class PostKind(StrEnum):
    """What a post is."""

    ANNOUNCEMENT = "announcement"
    NEWSLETTER = "newsletter"


class PostState(StrEnum):
    """The life of a post; at which stage of approval it is, stands in its round."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    SENT = "sent"
    ARCHIVED = "archived"
    REJECTED = "rejected"


class Rhythm(StrEnum):
    """How often somebody wants a digest."""

    DAILY = "daily"
    WEEKLY = "weekly"
    NONE = "none"


POST_TRANSITIONS: dict[PostState, frozenset[PostState]] = {
    PostState.DRAFT: frozenset({PostState.IN_REVIEW, PostState.APPROVED, PostState.ARCHIVED}),
    PostState.IN_REVIEW: frozenset({PostState.APPROVED, PostState.REJECTED, PostState.DRAFT}),
    PostState.APPROVED: frozenset({PostState.SCHEDULED, PostState.DRAFT, PostState.IN_REVIEW}),
    PostState.SCHEDULED: frozenset(
        {PostState.SENT, PostState.APPROVED, PostState.DRAFT, PostState.IN_REVIEW}
    ),
    # Back to approved by recall, within minutes.
    PostState.SENT: frozenset({PostState.ARCHIVED, PostState.APPROVED}),
    PostState.REJECTED: frozenset({PostState.ARCHIVED, PostState.DRAFT, PostState.IN_REVIEW}),
    PostState.ARCHIVED: frozenset({PostState.SENT, PostState.DRAFT}),
}
# What may still be taken back to be written anew.
ON_ITS_WAY = frozenset({PostState.IN_REVIEW, PostState.APPROVED, PostState.SCHEDULED})


def may_be_recalled(state: PostState, leaves_at: datetime | None, now: datetime) -> bool:
    """Whether a post was sent but has reached nobody yet."""
    return state is PostState.SENT and leaves_at is not None and now < leaves_at


def last_slot(
    now: datetime, zone: ZoneInfo, rhythm: Rhythm, hour: int, weekday: int
) -> tuple[date, datetime] | None:
    """(day, instant) of the newest moment up to `now` at which a digest is due.

    Daily means on working days; an hour that the clocks skip is the one after.
    """
    if rhythm is Rhythm.NONE:
        return None
    today = now.astimezone(zone).date()
    for back in range(8):
        day = today - timedelta(days=back)
        is_due = day.weekday() < SATURDAY if rhythm is Rhythm.DAILY else day.weekday() == weekday
        instant = datetime.combine(day, time(hour), zone).astimezone(UTC)
        if is_due and instant <= now:
            return day, instant
    return None


class Text(Protocol):
    """Words in one language."""

    locale: str


T = TypeVar("T", bound=Text)


def text_in(texts: Iterable[T], locale: str) -> T | None:
    """The words in exactly one language."""
    return next((text for text in texts if text.locale == locale), None)
