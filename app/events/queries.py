"""Named selects about events; what a reader may not see is not found."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, false, func, literal, or_, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from app.accounts.models import Person
from app.core import clock, search
from app.core.policies import Actor
from app.ergs.models import Erg, Membership
from app.ergs.queries import Standing, standing
from app.ergs.rules import SEEN_BY, Discovery, MembershipState, Visibility
from app.events.models import CalendarFeed, Event, EventHost, Occurrence, Rsvp
from app.events.rules import (
    HELD,
    SHOWN_EVENTS,
    Audience,
    EventKind,
    EventState,
    HostState,
    Mode,
    OccurrenceState,
    RsvpState,
)

PAGE = 20
NAMES = 50
SOON = timedelta(days=30)
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

WITH_WORDS = joinedload(Occurrence.event).joinedload(Event.texts)
WITH_HOSTS = (
    joinedload(Occurrence.event)
    .joinedload(Event.hosts)
    .joinedload(EventHost.erg)
    .joinedload(Erg.texts)
)


def hosted_by(erg_ids: set[UUID]) -> ColumnElement[bool]:
    """Events that one of these groups hosts."""
    if not erg_ids:
        return false()
    return (
        select(EventHost.event_id)
        .where(
            EventHost.event_id == Event.id,
            EventHost.state == HostState.ACCEPTED,
            EventHost.erg_id.in_(erg_ids),
        )
        .exists()
    )


def is_shown_to(mine: Standing) -> ColumnElement[bool]:
    """What a person with this standing may see: their audience's events, leads also drafts."""
    return or_(
        and_(
            Event.state.in_(SHOWN_EVENTS),
            or_(Event.audience == Audience.COMPANY, hosted_by(mine.member_of)),
        ),
        hosted_by(mine.led),
    )


def visible_to(actor: Actor, mine: Standing) -> Select[Any]:
    """Occurrences that the actor may see, joined with their events."""
    seen = is_shown_to(mine) if not actor.is_external else literal(False)
    return select(Occurrence).join(Event, Event.id == Occurrence.event_id).where(seen)


def occurrence_for(db: Session, actor: Actor, occurrence_id: UUID) -> Occurrence | None:
    """A date with its event, words and hosts, in one statement; hidden and absent are None."""
    chosen = visible_to(actor, standing(db, actor)).where(Occurrence.id == occurrence_id)
    found: Occurrence | None = (
        db.scalars(chosen.options(WITH_WORDS, WITH_HOSTS)).unique().one_or_none()
    )
    return found


def rsvp_of(db: Session, occurrence_id: UUID, person_id: UUID | None) -> Rsvp | None:
    """A person's answer."""
    return db.scalar(
        select(Rsvp).where(Rsvp.occurrence_id == occurrence_id, Rsvp.person_id == person_id)
    )


def entry_for(db: Session, actor: Actor, occurrence_id: UUID) -> Rsvp | None:
    """The actor's own answer with its event, as far as it stands in their calendar."""
    occurrence = occurrence_for(db, actor, occurrence_id)
    rsvp = rsvp_of(db, occurrence_id, actor.person_id)
    return rsvp if occurrence is not None and rsvp and rsvp.state in IN_CALENDAR else None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader asks the list of events for."""

    q: str = ""
    group: str = ""
    kind: EventKind | None = None
    mode: Mode | None = None
    mine_only: bool = False
    past: bool = False
    number: int = 1


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of (occurrence, own answer or None)."""

    rows: list[tuple[Occurrence, Rsvp | None]]
    total: int
    number: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // PAGE))


def listing(db: Session, actor: Actor, wanted: Wanted) -> Listing:
    """Events as the reader finds them: the next first, of the past the latest first."""
    own = and_(Rsvp.occurrence_id == Occurrence.id, Rsvp.person_id == actor.person_id)
    chosen = _filtered(visible_to(actor, standing(db, actor)), wanted).outerjoin(Rsvp, own)
    if wanted.mine_only:
        chosen = chosen.where(Rsvp.state.in_(MINE))
    order = Occurrence.starts_at.desc() if wanted.past else Occurrence.starts_at
    rows = db.execute(
        chosen.add_columns(Rsvp, func.count().over())
        .order_by(order, Occurrence.id)
        .limit(PAGE)
        .offset((wanted.number - 1) * PAGE)
        .options(*_loaded())
    ).all()
    return Listing([(row[0], row[1]) for row in rows], rows[0][2] if rows else 0, wanted.number)


def _loaded() -> tuple[Any, ...]:
    event = joinedload(Occurrence.event)
    return (
        event.selectinload(Event.texts),
        event.selectinload(Event.hosts).joinedload(EventHost.erg).joinedload(Erg.texts),
    )


def _filtered(chosen: Select[Any], wanted: Wanted) -> Select[Any]:
    now = clock.now()
    chosen = chosen.where(Occurrence.ends_at <= now if wanted.past else Occurrence.ends_at > now)
    found = search.ids("events", wanted.q)
    if found is not None:
        chosen = chosen.where(Event.id.in_(found))
    if wanted.group:
        named = (
            select(EventHost.event_id)
            .join(Erg, Erg.id == EventHost.erg_id)
            .where(Erg.slug == wanted.group, Erg.discovery != Discovery.HIDDEN)
        )
        chosen = chosen.where(Event.id.in_(named))
    if wanted.kind:
        chosen = chosen.where(Event.kind == wanted.kind)
    if wanted.mode:
        seats = (
            Occurrence.seats_in_person if wanted.mode is Mode.IN_PERSON else Occurrence.seats_online
        )
        chosen = chosen.where(or_(seats.is_(None), seats > 0))
    return chosen


def my_groups(db: Session, mine: Standing) -> list[Erg]:
    """The groups a person belongs to, with their words, for the filter."""
    if not mine.known:
        return []
    return list(
        db.scalars(
            select(Erg)
            .where(Erg.id.in_(mine.known))
            .options(joinedload(Erg.texts))
            .order_by(Erg.slug)
        ).unique()
    )


def of_group(db: Session, actor: Actor, erg: Erg, limit: int = 5) -> list[Occurrence]:
    """The next events of one group that the actor may see."""
    return list(
        db.scalars(
            visible_to(actor, standing(db, actor))
            .where(
                hosted_by({erg.id}),
                Occurrence.ends_at > clock.now(),
                Event.state != EventState.CANCELED,
            )
            .order_by(Occurrence.starts_at, Occurrence.id)
            .limit(limit)
            .options(joinedload(Occurrence.event).joinedload(Event.texts))
        ).unique()
    )


def lively_groups(db: Session, actor: Actor) -> Select[UUID]:
    """The groups that host something in the next weeks which the actor may see."""
    now, host = clock.now(), aliased(EventHost)
    seen = visible_to(actor, standing(db, actor)).where(
        Event.state == EventState.PUBLISHED,
        Occurrence.ends_at > now,
        Occurrence.starts_at < now + SOON,
    )
    shown = seen.subquery()
    return select(host.erg_id).where(
        host.state == HostState.ACCEPTED, host.event_id.in_(select(shown.c.event_id))
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Seats of one mode as the page shows them."""

    mode: Mode
    capacity: int | None
    taken: int
    waiting: int

    @property
    def free(self) -> int | None:
        """Seats left; None is unlimited."""
        return None if self.capacity is None else max(0, self.capacity - self.taken)

    @property
    def over(self) -> int:
        """How many seats were taken before the capacity was lowered."""
        return 0 if self.capacity is None else max(0, self.taken - self.capacity)


def places(db: Session, occurrence: Occurrence) -> dict[Mode, Place]:
    """Seats taken and people waiting in each open mode."""
    counted = (*HELD, RsvpState.WAITLISTED)
    rows = db.execute(
        select(Rsvp.mode, Rsvp.state, func.sum(1 + Rsvp.guests), func.count())
        .where(Rsvp.occurrence_id == occurrence.id, Rsvp.state.in_(counted))
        .group_by(Rsvp.mode, Rsvp.state)
    ).all()
    return {
        mode: Place(
            mode,
            occurrence.capacity(mode),
            sum(int(seats) for m, state, seats, _ in rows if m is mode and state in HELD),
            sum(n for m, state, _, n in rows if m is mode and state is RsvpState.WAITLISTED),
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
    chosen = (
        select(Person.name)
        .join(Rsvp, Rsvp.person_id == Person.id)
        .where(
            Rsvp.occurrence_id == occurrence.id,
            Rsvp.state.in_(HELD - {RsvpState.OFFERED}),
            Rsvp.visibility.in_(shown),
            Person.name.is_not(None),
        )
        .order_by(Person.name, Rsvp.id)
        .limit(NAMES)
    )
    if event.audience is Audience.MEMBERS:
        chosen = chosen.where(_is_visible_member(mine, event))
    return [name for name in db.scalars(chosen) if name]


def _is_visible_member(mine: Standing, event: Event) -> ColumnElement[bool]:
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


def visible_hosts(event: Event, mine: Standing) -> list[Erg]:
    """The hosts whose existence is no secret to the reader."""
    return [
        erg
        for erg in event.accepted_hosts
        if erg.discovery is not Discovery.HIDDEN or erg.id in mine.known
    ]


def ahead_of(db: Session, person_id: UUID, limit: int = 20) -> list[Rsvp]:
    """A person's own places, offers and calls that lie ahead, the next first."""
    asked = {"person": person_id, "now": clock.now(), "most": limit}
    return list(db.scalars(_ahead(), asked).unique())


@cache
def _ahead() -> Select[tuple[Rsvp]]:
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


@dataclass(frozen=True, slots=True)
class Feed:
    """A person's calendar: what stands in it, and in which language and zone."""

    person: Person
    rows: list[Rsvp]


def feed_for(db: Session, _actor: Actor, token: str) -> Feed | None:
    """The calendar behind an address; a revoked one is not found."""
    person = db.scalar(
        select(Person)
        .join(CalendarFeed, CalendarFeed.person_id == Person.id)
        .where(CalendarFeed.token_hash == hashlib.sha256(token.encode()).digest())
    )
    if person is None or not person.can_sign_in:
        return None
    rows = db.scalars(
        select(Rsvp)
        .join(Occurrence, Occurrence.id == Rsvp.occurrence_id)
        .where(Rsvp.person_id == person.id, Rsvp.state.in_(IN_CALENDAR))
        .order_by(Occurrence.starts_at.desc(), Rsvp.id)
        .limit(500)
        .options(
            joinedload(Rsvp.occurrence).options(
                joinedload(Occurrence.event).options(
                    selectinload(Event.texts), selectinload(Event.hosts).joinedload(EventHost.erg)
                )
            )
        )
    )
    return Feed(person, list(rows))


def has_feed(db: Session, person_id: UUID | None) -> bool:
    """Whether a person has a calendar address."""
    return person_id is not None and db.get(CalendarFeed, person_id) is not None
