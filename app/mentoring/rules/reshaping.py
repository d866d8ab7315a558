"""When circles should be put together or parted, and who would then be with whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from itertools import combinations
from uuid import UUID

ASKED_FOR = timedelta(days=7)  # how long the people of the circles can answer
LOW_TWICE = 2  # that many sessions in a row below the quorum


class ReshapeKind(StrEnum):
    """What is proposed."""

    MERGE = "merge"
    SPLIT = "split"


class ReshapeState(StrEnum):
    """The life of a proposal once the people are asked."""

    ASKED = "asked"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    RECALLED = "recalled"


class Cause(StrEnum):
    """Why something is proposed."""

    TOO_FEW = "too_few"
    TOO_MANY = "too_many"
    ABSENT = "absent"


def cause_of(people: int, least: int, most: int, missed: Sequence[bool]) -> Cause | None:
    """Why a circle should not stay as it is; `missed` says of its latest sessions, the newest
    first, whether fewer came than must."""
    if people > most:
        return Cause.TOO_MANY
    if people < least:
        return Cause.TOO_FEW
    is_low = len(missed) >= LOW_TWICE and all(missed[:LOW_TWICE])
    return Cause.ABSENT if is_low else None


def common_hours(masks: Sequence[int]) -> int:
    """How many hours of the week all of these people have."""
    if not masks:
        return 0
    common = masks[0]
    for mask in masks[1:]:
        common &= mask
    return common.bit_count()


def parted(people: Sequence[UUID], masks: Mapping[UUID, int]) -> tuple[list[UUID], list[UUID]]:
    """Two halves with the most hours in common; of equal ones those who joined first together."""
    half = (len(people) + 1) // 2
    best = max(
        combinations(people, half),
        key=lambda chosen: (
            common_hours([masks[one] for one in chosen])
            + common_hours([masks[one] for one in people if one not in chosen])
        ),
    )
    return list(best), [one for one in people if one not in best]


def agree(answers: Mapping[UUID, bool], groups: Sequence[Sequence[UUID]]) -> bool:
    """Whether more than half of each group say yes; who says nothing says no."""
    return all(sum(answers.get(one, False) for one in group) * 2 > len(group) for group in groups)
