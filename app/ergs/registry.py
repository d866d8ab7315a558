"""What upper domains add to groups: panels, places, lines on the leads' desk, news of leaving."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.orm import Session

from app.core.policies import Actor
from app.core.registries import Registry
from app.ergs.models import Erg


@dataclass(frozen=True, slots=True)
class Panel:
    """A partial on a group's page; it reads its inputs from `panel.data`."""

    template: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """A page of a group among its tabs; shown to those who may open it.

    The endpoint takes the group's `slug` alone, and its guard finds the group itself.
    """

    endpoint: str
    label: Any
    icon: str
    order: int
    is_for_leads: bool = False


@dataclass(frozen=True, slots=True)
class DeskAct:
    """A button on a line of the desk; `action` is an address that takes a POST."""

    label: str
    action: str
    kind: str = "secondary"
    icon: str | None = None
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeskLink:
    """A way on from a line of the desk, to a page where more has to be said."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class DeskItem:
    """Something that waits for those who run a group; the oldest deadline comes first.

    `group` is the group's name in the reader's language; `url` is where more can be done about it.
    Where a `day` is meant and no hour, it is shown instead of `due`, which is its end.
    """

    id: str
    topic: str
    erg_id: UUID
    group: str
    title: str
    text: str
    since: datetime
    url: str
    icon: str
    due: datetime | None = None
    acts: tuple[DeskAct, ...] = ()
    links: tuple[DeskLink, ...] = ()
    day: date | None = None


@dataclass(frozen=True, slots=True)
class HandoverSection:
    """What a domain passes on to those who will lead a group: lines, and where to see more."""

    title: str
    lines: list[str]
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Farewell:
    """What somebody said in a group and may take along when they leave.

    `remove(db, person_id, erg_id=...)` runs in the leaving transaction and says how much it took;
    `undo` is an endpoint that takes `erg_id` and needs no membership.
    """

    remove: Callable[..., int]
    undo: str


panels: Registry[Callable[[Session, Actor, Erg], Panel]] = Registry("group panel")
leavings: Registry[Callable[[Session, UUID, UUID], None]] = Registry("leaving handler")
# The same for whoever stays in the group and leaves one of its chapters.
chapter_leavings: Registry[Callable[[Session, UUID, UUID], None]] = Registry(
    "chapter leaving handler"
)
farewells: Registry[Farewell] = Registry("what leavers may take along")
places: Registry[Place] = Registry("place in a group")
desk: Registry[Callable[[Session, Actor], list[DeskItem]]] = Registry("desk provider")
# Runs in the transaction in which a group is archived: handler(db, actor_id, erg_id).
archivings: Registry[Callable[[Session, UUID | None, UUID], None]] = Registry("archiving handler")
# A select of the ids of groups in which something happens soon that a reader may see, built once:
# the reader is `queries.READER`, the instant `hints.now()`.
liveliness: Registry[Callable[[], Select[UUID]]] = Registry("liveliness provider")
# A way to find who leads next when a term ends, beside asking somebody: fn(group).
successions: Registry[Callable[[Erg], DeskLink]] = Registry("way to a successor")
# A section of the handover pack, for those who lead a group or are about to.
handover_sections: Registry[Callable[[Session, Actor, Erg], HandoverSection]] = Registry(
    "handover section"
)
