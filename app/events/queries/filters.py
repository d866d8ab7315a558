"""What a reader may ask the lists of events for, as conditions that are built once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVarTuple

from sqlalchemy import ColumnElement, Select, String, bindparam, or_, select
from sqlalchemy.orm import Session

from app.core import clock, hints, search
from app.core.policies import Actor
from app.ergs.models import Erg
from app.ergs.queries import READER, standing
from app.ergs.rules import Discovery
from app.events.models import Event, EventHost, EventText, Occurrence, Rsvp
from app.events.queries.answers import MINE
from app.events.queries.visible import PAGE, hosted_by
from app.events.rules import Access, EventKind, HostState, Mode
from app.events.rules.finding import Need

MY_GROUPS = "mine"
Columns = TypeVarTuple("Columns")
_SEATS = {Mode.IN_PERSON: Occurrence.seats_in_person, Mode.ONLINE: Occurrence.seats_online}
_ACCESS = {
    Need.CAPTIONS: Event.captions,
    Need.STEP_FREE: Event.step_free,
    Need.SIGN_LANGUAGE: Event.sign_language,
    Need.QUIET_ROOM: Event.quiet_room,
}


class Shape(NamedTuple):
    """Which conditions a list has, without their values: each combination is built once."""

    group: str = ""
    kind: bool = False
    mode: Mode | None = None
    language: bool = False
    access: tuple[Need, ...] = ()
    mine_only: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader asks the list of events for; `group` is an address or `MY_GROUPS`."""

    q: str = ""
    group: str = ""
    kind: EventKind | None = None
    mode: Mode | None = None
    language: str = ""
    access: tuple[Need, ...] = ()
    mine_only: bool = False
    past: bool = False
    number: int = 1

    @property
    def shape(self) -> Shape:
        """Its conditions without their values."""
        group = self.group if self.group in ("", MY_GROUPS) else "one"
        return Shape(
            group, bool(self.kind), self.mode, bool(self.language), self.access, self.mine_only
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but words narrows the list."""
        return bool(self.group or self.kind or self.mode or self.language or self.access) or (
            self.mine_only or self.past
        )

    @property
    def skip(self) -> int:
        """How many rows stand on the pages before."""
        return (self.number - 1) * PAGE


def values(db: Session, actor: Actor, wanted: Wanted) -> dict[str, Any]:
    """The values of all conditions."""
    return {
        **standing(db, actor).parameters(),
        "person": actor.person_id,
        "now": clock.now(),
        "slug": wanted.group,
        "kind": wanted.kind,
        "language": wanted.language,
    }


def narrowed(chosen: Select[*Columns], wanted: Wanted) -> Select[*Columns]:
    """Only what the words find."""
    found = search.ids("events", wanted.q)
    return chosen if found is None else chosen.where(Event.id.in_(found))


def conditions(shape: Shape) -> Iterator[ColumnElement[bool]]:
    """The conditions of a shape; their values are parameters."""
    if shape.group == MY_GROUPS:
        yield hosted_by(READER.member_of)
    elif shape.group:
        yield Event.id.in_(_hosted_by_named())
    if shape.kind:
        yield Event.kind == bindparam("kind", type_=Event.kind.type)
    if shape.mode:
        seats = _SEATS[shape.mode]
        yield or_(seats.is_(None), seats > 0)
    if shape.language:
        written = select(EventText.event_id).where(EventText.locale == bindparam("language"))
        yield Event.id.in_(written)
    for need in shape.access:
        yield _ACCESS[need] == Access.YES
    if shape.mine_only:
        own = select(Rsvp.occurrence_id).where(
            Rsvp.person_id == hints.person(), Rsvp.state.in_(MINE)
        )
        yield Occurrence.id.in_(own)


def _hosted_by_named() -> Select[Any]:
    """What the group at an address hosts, if the reader may know that it exists."""
    known = or_(Erg.discovery != Discovery.HIDDEN, Erg.id.in_(READER.known))
    return (
        select(EventHost.event_id)
        .join(Erg, Erg.id == EventHost.erg_id)
        .where(
            Erg.slug == bindparam("slug", type_=String()),
            known,
            EventHost.state == HostState.ACCEPTED,
        )
    )
