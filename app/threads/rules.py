"""Discussions: states, limits, under which name a post stands, who judges a report."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from app.ergs.rules import Viewer, Visibility, is_visible

MAX_TITLE = 160
MAX_BODY = 10_000
MAX_REASON = 500
MAX_MENTIONS = 10
EDIT_WITHIN = timedelta(days=1)
RETURN_WITHIN = timedelta(days=1)
RECONSIDER_WITHIN = timedelta(days=7)
APPEAL_WITHIN = timedelta(days=14)
LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ2346789"


class PostState(StrEnum):
    """The life of a post; what is gone leaves a tombstone."""

    SHOWN = "shown"
    DELETED = "deleted"
    REMOVED = "removed"


class ReportState(StrEnum):
    """The life of a report; a decision can be reconsidered."""

    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


class AppealState(StrEnum):
    """The life of an appeal; a decision can be taken back until the author is told."""

    WAITING = "waiting"
    GRANTED = "granted"
    REFUSED = "refused"


class Stance(StrEnum):
    """What a member wants to hear of a discussion."""

    USUAL = "usual"
    FOLLOW = "follow"
    MUTE = "mute"


class Face(StrEnum):
    """Under what a post stands: a name, a code of this discussion, or nothing any more."""

    NAME = "name"
    CODE = "code"
    FORMER = "former"


POST_TRANSITIONS = {
    PostState.SHOWN: frozenset({PostState.DELETED, PostState.REMOVED}),
    PostState.DELETED: frozenset({PostState.SHOWN}),
    PostState.REMOVED: frozenset({PostState.SHOWN}),
}
REPORT_TRANSITIONS = {
    ReportState.OPEN: frozenset({ReportState.UPHELD, ReportState.DISMISSED}),
    ReportState.UPHELD: frozenset({ReportState.OPEN}),
    ReportState.DISMISSED: frozenset({ReportState.OPEN}),
}

APPEAL_TRANSITIONS = {
    AppealState.WAITING: frozenset({AppealState.GRANTED, AppealState.REFUSED}),
    AppealState.GRANTED: frozenset({AppealState.WAITING}),
    AppealState.REFUSED: frozenset({AppealState.WAITING}),
}


def can_appeal(state: PostState, removed_at: datetime | None, now: datetime) -> bool:
    """Whether the author of a removed post may still ask for a second look."""
    is_gone = state is PostState.REMOVED and removed_at is not None
    return is_gone and removed_at is not None and now - removed_at <= APPEAL_WITHIN


def is_veiled(roster: Visibility, own: Visibility, *, is_pseudonymous: bool) -> bool:
    """Whether a post is written under a code: for good, whatever its author shows later."""
    return is_pseudonymous or not is_visible(roster, own, Viewer.MEMBER)


def face(
    *, veiled: bool, roster: Visibility, membership: Visibility | None, viewer: Viewer
) -> Face:
    """Under what a post stands for a viewer.

    Who wrote by name and is no visible member now is a former member, whether they have left or
    only hide that they belong: the two must look alike.
    """
    if veiled:
        return Face.CODE
    is_named = membership is not None and is_visible(roster, membership, viewer)
    return Face.NAME if is_named else Face.FORMER


def can_edit(state: PostState, created_at: datetime, *, is_locked: bool, now: datetime) -> bool:
    """Whether an author may still change the words of a post."""
    return state is PostState.SHOWN and not is_locked and now - created_at <= EDIT_WITHIN


def in_line(one: UUID, other: UUID, above: Mapping[UUID, Collection[UUID]]) -> bool:
    """Whether one of two people reports to the other, at any distance, or both are one."""
    return one == other or one in above.get(other, ()) or other in above.get(one, ())


def judges(
    concerned: Collection[UUID],
    tiers: Sequence[Collection[UUID]],
    above: Mapping[UUID, Collection[UUID]],
) -> frozenset[UUID]:
    """Who may decide: of the first tier that has somebody outside every reporting line.

    When nobody is outside, those of the last tier decide who are not concerned themselves.
    """
    for tier in tiers:
        fit = {p for p in tier if not any(in_line(p, other, above) for other in concerned)}
        if fit:
            return frozenset(fit)
    return frozenset(set(tiers[-1] if tiers else ()) - set(concerned))
