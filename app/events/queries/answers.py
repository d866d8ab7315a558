"""Answers of people, seats and queues."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, and_, bindparam, false, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from app.accounts.models import Person
from app.core import clock
from app.core.database import ReadSession
from app.core.policies import Actor
from app.ergs.models import Membership
from app.ergs.queries import Standing, standing
from app.ergs.rules import SEEN_BY, MembershipState, Visibility
from app.events.models import Event, Occurrence, Rsvp
from app.events.queries.visible import occurrence_for
from app.events.rules import (
    HELD,
    Audience,
    EventState,
    Mode,
    OccurrenceState,
    RsvpState,
)
from app.events.rules.waiting import Outlook, rung_until

NAMES = 50
CLASHES = 3
MINE = (
    RsvpState.GOING,
    RsvpState.OFFERED,
    RsvpState.WAITLISTED,
    RsvpState.MAYBE,
    RsvpState.PENDING_APPROVAL,
    RsvpState.CHECKED_IN,
    RsvpState.ATTENDED,
)
IN_CALENDAR = (
    RsvpState.GOING,
    RsvpState.CHECKED_IN,
    RsvpState.ATTENDED,
    RsvpState.MAYBE,
    RsvpState.OFFERED,
)


def rsvp_of(db: Session, occurrence_id: UUID, person_id: UUID | None) -> Rsvp | None:
    """A person's answer; a page that asks twice reads it once."""
    if not isinstance(db, ReadSession):
        return db.scalar(_own(), {"occurrence": occurrence_id, "person": person_id})
    return _own_around(db, occurrence_id, person_id)[0]


def clashes_of(db: Session, occurrence_id: UUID, person_id: UUID | None) -> list[Occurrence]:
    """Where else a person said they would be at the time of a date, read with their answer."""
    if not isinstance(db, ReadSession):
        return _read_around(db, occurrence_id, person_id)[1]
    return _own_around(db, occurrence_id, person_id)[1]


Around = tuple[Rsvp | None, list[Occurrence]]


def _own_around(db: ReadSession, occurrence_id: UUID, person_id: UUID | None) -> Around:
    known: dict[Any, Around] = db.info.setdefault("rsvps", {})
    key = (occurrence_id, person_id)
    if key not in known:
        known[key] = _read_around(db, occurrence_id, person_id)
    return known[key]


def _read_around(db: Session, occurrence_id: UUID, person_id: UUID | None) -> Around:
    asked = {"occurrence": occurrence_id, "person": person_id}
    rows = list(db.scalars(_own_and_clashing(), asked).unique())
    own = next((row for row in rows if row.occurrence_id == occurrence_id), None)
    others = [row.occurrence for row in rows if row.occurrence_id != occurrence_id]
    return own, sorted(others, key=lambda other: (other.starts_at, other.id))[:CLASHES]


# Every page of an event asks these; building a statement costs more than running it.
_OCCURRENCE = bindparam("occurrence", type_=Uuid())


@cache
def _own() -> Select[Rsvp]:
    person = bindparam("person", type_=Uuid())
    return select(Rsvp).where(Rsvp.occurrence_id == _OCCURRENCE, Rsvp.person_id == person)


@cache
def _own_and_clashing() -> Select[Rsvp]:
    """One's answer to a date, and to the others at the same time to which one goes."""
    this, other = aliased(Occurrence), aliased(Occurrence)
    overlaps = and_(
        Rsvp.state.in_((RsvpState.GOING, RsvpState.OFFERED)),
        other.state == OccurrenceState.SCHEDULED,
        other.starts_at < this.ends_at,
        other.ends_at > this.starts_at,
    )
    return (
        select(Rsvp)
        .join(other, other.id == Rsvp.occurrence_id)
        .join(this, this.id == _OCCURRENCE)
        .where(
            Rsvp.person_id == bindparam("person", type_=Uuid()),
            or_(Rsvp.occurrence_id == _OCCURRENCE, overlaps),
        )
        .options(joinedload(Rsvp.occurrence).joinedload(Occurrence.event).joinedload(Event.texts))
    )


@cache
def _seats() -> Select[Mode, RsvpState, int, int]:
    counted = (*HELD, RsvpState.WAITLISTED)
    return (
        select(Rsvp.mode, Rsvp.state, func.sum(1 + Rsvp.guests), func.count())
        .where(Rsvp.occurrence_id == _OCCURRENCE, Rsvp.state.in_(counted))
        .group_by(Rsvp.mode, Rsvp.state)
    )


@cache
def _names(shown: tuple[Visibility, ...]) -> Select[str | None]:
    return (
        select(Person.name)
        .join(Rsvp, Rsvp.person_id == Person.id)
        .where(
            Rsvp.occurrence_id == _OCCURRENCE,
            Rsvp.state.in_(HELD - {RsvpState.OFFERED}),
            Rsvp.visibility.in_(shown),
            Person.name.is_not(None),
        )
        .order_by(Person.name, Rsvp.id)
        .limit(NAMES)
    )


def entry_for(db: Session, actor: Actor, occurrence_id: UUID) -> Rsvp | None:
    """The actor's own answer with its event, as far as it stands in their calendar."""
    occurrence = occurrence_for(db, actor, occurrence_id)
    rsvp = rsvp_of(db, occurrence_id, actor.person_id)
    return rsvp if occurrence is not None and rsvp and rsvp.state in IN_CALENDAR else None


@dataclass(frozen=True, slots=True)
class Place:
    """Seats of one mode as the page shows them."""

    mode: Mode
    capacity: int | None
    taken: int
    waiting: int
    offered: int = 0

    @property
    def free(self) -> int | None:
        """Seats left; None is unlimited."""
        return None if self.capacity is None else max(0, self.capacity - self.taken)

    @property
    def is_full(self) -> bool:
        """Whether who comes now waits; those who wait come first."""
        return self.capacity is not None and (not self.free or self.waiting > 0)

    @property
    def over(self) -> int:
        """How many seats were taken before the capacity was lowered."""
        return 0 if self.capacity is None else max(0, self.taken - self.capacity)


def places(db: Session, occurrence: Occurrence) -> dict[Mode, Place]:
    """Seats taken and people waiting in each open mode."""
    rows = db.execute(_seats(), {"occurrence": occurrence.id}).all()
    return {
        mode: Place(
            mode,
            occurrence.capacity(mode),
            sum(int(seats) for m, state, seats, _ in rows if m is mode and state in HELD),
            sum(n for m, state, _, n in rows if m is mode and state is RsvpState.WAITLISTED),
            sum(n for m, state, _, n in rows if m is mode and state is RsvpState.OFFERED),
        )
        for mode in occurrence.modes
    }


def position(db: Session, rsvp: Rsvp) -> int:
    """How many stand in the same queue up to and with this person."""
    other = aliased(Rsvp)
    before = or_(
        other.priority < rsvp.priority,
        and_(other.priority == rsvp.priority, other.queued_at < rsvp.queued_at),
        and_(
            other.priority == rsvp.priority, other.queued_at == rsvp.queued_at, other.id < rsvp.id
        ),
    )
    ahead = db.scalar(
        select(func.count())
        .select_from(other)
        .where(
            other.occurrence_id == rsvp.occurrence_id,
            other.mode == rsvp.mode,
            other.state == RsvpState.WAITLISTED,
            before,
        )
    )
    return 1 + (ahead or 0)


def outlook(db: Session, rsvp: Rsvp, seats: dict[Mode, Place]) -> Outlook:
    """Why this person waits and what happens next; without `seats` no number is told."""
    occurrence = rsvp.occurrence
    rung, until = rung_until(clock.now(), occurrence.starts_at)
    is_paused = occurrence.event.state is EventState.POSTPONED
    place = seats.get(rsvp.mode)
    if place is None:
        is_closed = occurrence.capacity(rsvp.mode) == 0
        return Outlook(rung, until, rsvp.seats, is_paused=is_paused, is_closed=is_closed)
    return Outlook(
        rung, until, rsvp.seats, position(db, rsvp), place.free, place.offered, is_paused
    )


def attendees(db: Session, actor: Actor, occurrence: Occurrence) -> list[str]:
    """Names of those who come and let this reader know; of a hidden event none at all.

    At an event for members coming tells that one belongs, so the membership must be visible too.
    """
    event = occurrence.event
    if event.is_hidden:
        return []
    mine = standing(db, actor)
    leads_it = any(erg.id in mine.led for erg in event.accepted_hosts)
    shown = (Visibility.COMPANY, Visibility.LEADS) if leads_it else (Visibility.COMPANY,)
    chosen = _names(shown)
    if event.audience is Audience.MEMBERS:
        chosen = chosen.where(is_visible_member(mine, event))
    return [name for name in db.scalars(chosen, {"occurrence": occurrence.id}) if name]


def is_visible_member(mine: Standing, event: Event) -> ColumnElement[bool]:
    """Whether this reader may see that the person of an answer belongs to a host."""
    options = [
        and_(Membership.erg_id == erg.id, Membership.visibility.in_(SEEN_BY[viewer]))
        for erg in event.accepted_hosts
        for viewer in [mine.viewer(erg.id)]
        if erg.roster in SEEN_BY[viewer]
    ]
    return (
        select(Membership.id)
        .where(
            Membership.person_id == Rsvp.person_id,
            or_(false(), *options),
            Membership.state == MembershipState.ACTIVE,
        )
        .exists()
    )


def ahead_of(db: Session, person_id: UUID, limit: int = 20) -> list[Rsvp]:
    """A person's own places, offers and calls that lie ahead, the next first."""
    asked = {"person": person_id, "now": clock.now(), "most": limit}
    return list(db.scalars(_ahead(), asked).unique())


@cache
def _ahead() -> Select[Rsvp]:
    """Home asks this; building the statement costs more than running it."""
    return (
        select(Rsvp)
        .join(Occurrence, Occurrence.id == Rsvp.occurrence_id)
        .where(
            Rsvp.person_id == bindparam("person"),
            Occurrence.ends_at > bindparam("now"),
            Occurrence.state == OccurrenceState.SCHEDULED,
            or_(
                Rsvp.state.in_((RsvpState.GOING, RsvpState.OFFERED)),
                and_(Rsvp.state == RsvpState.WAITLISTED, Rsvp.called_at.is_not(None)),
            ),
        )
        .order_by(Occurrence.starts_at, Rsvp.id)
        .limit(bindparam("most"))
        .options(joinedload(Rsvp.occurrence).joinedload(Occurrence.event).joinedload(Event.texts))
    )
