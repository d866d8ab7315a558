"""What upper domains do with two people who both want to go on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.policies import Actor
from app.core.registries import Registry


@dataclass(frozen=True, slots=True)
class Destination:
    """Where mutual wishes of a session may lead: a choice on the organizers' page.

    `options(db, actor)` lists (id, label) that this actor may choose; `chosen(db, session_id)`
    is what was chosen; `choose(db, actor_id, session_id, id or None)` checks and writes.
    """

    label: Callable[[], str]
    options: Callable[[Session, Actor], list[tuple[str, str]]]
    chosen: Callable[[Session, UUID], str | None]
    choose: Callable[[Session, Actor, UUID, str | None], None]


# f(db, session_id, mentor person, mentee person) -> whether it follows up; runs inside the
# transaction in which the window closes. Where nobody does, both get a neutral message.
on_mutual: Registry[Callable[[Session, UUID, UUID, UUID], bool]] = Registry("mutual follow-up")
destinations: Registry[Destination] = Registry("destination of mutual wishes")
