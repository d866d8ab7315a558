"""What a relationship is made of, page by page; and what may stop its messages for a while."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_
from sqlalchemy.orm import Session

from app.core.registries import Registry
from app.mentoring.models import Relationship


def always(_pair: Relationship) -> bool:
    """In every format, at every time of its life."""
    return True


@dataclass(frozen=True, slots=True)
class Place:
    """A page of a relationship among its tabs; its endpoint takes `relationship_id` alone.

    `is_for` says which relationships have it, by what the found row says and without a statement;
    `is_kept` that whoever has left still has it, with what is their own.
    """

    endpoint: str
    label: Any
    order: int
    is_for: Callable[[Relationship], bool] = always
    is_kept: bool = False


places: Registry[Place] = Registry("place in a workspace")

# f(db, relationship_id, person_id): whether this person's contact with the others is suspended.
# Asked inside the transaction that sends a message; whoever registers one says nothing of why.
contact_stops: Registry[Callable[[Session, UUID, UUID], bool]] = Registry("stop of contact")

# f(relationship_id, person, at) -> condition: since the instant `at` (or at all) what the others do
# waits for this person, who asked for it; nobody else sees any difference.
holds: Registry[Callable[[Any, Any, Any], ColumnElement[bool]]] = Registry("hold of what arrives")


def is_held(relationship_id: Any, person: Any, at: Any = None) -> ColumnElement[bool]:
    """Whether something of a relationship waits for a person until they look for it."""
    return or_(false(), *(asked(relationship_id, person, at) for _name, asked in holds))
