"""Versions of a guide: which session follows which, and what is different."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

PREPARATION = "preparation"


class PromptLike(Protocol):
    """A prompt as the database or a test has it."""

    key: Any
    text: Any


class PartLike(Protocol):
    """A session of a guide."""

    id: Any
    position: Any
    preparation: Any
    prompts: Any


class How(StrEnum):
    """What became of a prompt."""

    NEW = "new"
    REWORDED = "reworded"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Change:
    """One prompt that differs: its texts before and after, in all languages."""

    key: str
    how: How
    before: Mapping[str, str]
    after: Mapping[str, str]


def followers(old: Sequence[PartLike], new: Sequence[PartLike]) -> dict[UUID, UUID]:
    """Which new session carries on an old one: the one that shares most prompts, each once."""
    pairs = sorted(
        (-len(_keys(one) & _keys(other)), abs(one.position - other.position), one.position, i, j)
        for i, one in enumerate(old)
        for j, other in enumerate(new)
        if _keys(one) & _keys(other)
    )
    found: dict[UUID, UUID] = {}
    for *_order, i, j in pairs:
        if old[i].id not in found and new[j].id not in found.values():
            found[old[i].id] = new[j].id
    return found


def _keys(part: PartLike) -> set[str]:
    return {prompt.key for prompt in part.prompts}


def differences(
    old: Sequence[PartLike], new: Sequence[PartLike]
) -> list[tuple[PartLike, list[Change]]]:
    """What differs, session by session in the new order; sessions that are gone come last."""
    before = {following: one for one in old for following in [followers(old, new).get(one.id)]}
    kept = set(followers(old, new))
    found = [(part, _changes(before.get(part.id), part)) for part in new]
    found += [(part, _changes(part, None)) for part in old if part.id not in kept]
    return [(part, changes) for part, changes in found if changes]


def _changes(old: PartLike | None, new: PartLike | None) -> list[Change]:
    before, after = _texts(old), _texts(new)
    return [
        Change(key, _how(key, before, after), before.get(key, {}), after.get(key, {}))
        for key in [*after, *(key for key in before if key not in after)]
        if before.get(key) != after.get(key)
    ]


def _how(key: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> How:
    if key not in before:
        return How.NEW
    return How.REWORDED if key in after else How.GONE


def _texts(part: PartLike | None) -> dict[str, Any]:
    if part is None:
        return {}
    return {PREPARATION: part.preparation, **{p.key: p.text for p in part.prompts}}
