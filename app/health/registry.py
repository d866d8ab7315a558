"""What upper domains add to the health of groups: figures, and what counts as activity."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.orm import Session

from app.core.registries import Registry
from app.health.rules import Measure, Unit


@dataclass(frozen=True, slots=True)
class Window:
    """The groups measured, and the ninety days before `until` that figures look back on."""

    erg_ids: Sequence[UUID]
    since: datetime
    until: datetime
    is_recent: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A number about a group, with its formula in words.

    `measure` answers for many groups in one statement; a group it leaves out has no such figure.
    Confidential members count only in sensitive groups: start from `queries.counted_at(until)`.
    """

    title: Any
    formula: Any
    denominator: Any
    unit: Unit
    order: int
    measure: Callable[[Session, Window], Mapping[UUID, Measure]] | None = None
    # Another share of nearly the same people, which must not give this one away.
    beside: str | None = None


figures: Registry[Figure] = Registry("health figure")
# A select of (erg_id, person_id) of those who did something for or with a group in a window.
activities: Registry[Callable[[Window], Select[Any]]] = Registry("kind of activity")
# How often leads did something in a window, by group; the names are those of `rules.MINUTES`.
efforts: Registry[Callable[[Session, Window], Mapping[UUID, int]]] = Registry("effort of leads")
