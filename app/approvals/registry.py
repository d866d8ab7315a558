"""What upper domains let a group approve: a kind of item, its facts, and what follows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.registries import Registry


@dataclass(frozen=True, slots=True)
class Fact:
    """Something a rule may ask about an item: its label and the possible values with theirs."""

    name: str
    label: Any
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Item:
    """An item as those who decide read it, in their language; `body` is Markdown,
    `when` its day and hour as the reader's language writes them."""

    title: str
    url: str
    body: str = ""
    locale: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    when: str = ""


class ItemKind(Protocol):
    """A kind of item; one object, registered under its name."""

    label: Any
    facts: tuple[Fact, ...]

    def describe(self, db: Session, subject_ids: Collection[UUID]) -> dict[UUID, Item]:
        """The items as they are now, in as few statements as for one."""

    def on_approved(self, db: Session, actor_id: UUID | None, subject_id: UUID) -> None:
        """The last stage said yes, or a rule did."""

    def on_changes(self, db: Session, actor_id: UUID | None, subject_id: UUID) -> None:
        """Somebody asked for changes."""

    def on_rejected(self, db: Session, actor_id: UUID | None, subject_id: UUID) -> None:
        """Somebody said no."""

    def on_undone(self, db: Session, actor_id: UUID | None, subject_id: UUID) -> None:
        """A decision was taken back; raises Refused when the item has left already."""


kinds: Registry[ItemKind] = Registry("kind of item to approve")
