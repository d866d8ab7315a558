"""What upper domains add to groups: panels on a group's page, and news that somebody left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.policies import Actor
from app.core.registries import Registry
from app.ergs.models import Erg


@dataclass(frozen=True, slots=True)
class Panel:
    """A partial on a group's page; it reads its inputs from `panel.data`."""

    template: str
    data: dict[str, Any] = field(default_factory=dict)


panels: Registry[Callable[[Session, Actor, Erg], Panel]] = Registry("group panel")
leavings: Registry[Callable[[Session, UUID, UUID], None]] = Registry("leaving handler")
