"""Groups that were asked to host, groups that could be asked, and who has to say yes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from app.approvals import policies as approvals
from app.approvals import queries as rounds
from app.core import clock, search
from app.core.policies import Actor
from app.ergs import queries as ergs
from app.ergs.models import Chapter, Erg
from app.ergs.queries import standing
from app.ergs.rules import ErgState
from app.events.models import (
    Event,
    EventChapter,
    EventHost,
    EventInvited,
    Occurrence,
    Rsvp,
)
from app.events.queries.visible import WITH_HOSTS, WITH_WORDS, hosted_by, occurrence_for
from app.events.rules import (
    CONCERNED,
    UNSEEN_EVENTS,
    EventState,
    HostState,
    OccurrenceState,
)

PAGE = 20
OVER = (EventState.CANCELED, EventState.COMPLETED)
M = TypeVar("M", Erg, Chapter)
ON_ITS_WAY = UNSEEN_EVENTS - {EventState.DRAFT}


@dataclass(frozen=True, slots=True)
class AskedHost:
    """A date of an event and the row of the group that was asked to host it."""

    occurrence: Occurrence
    row: EventHost


def asked_host_for(
    db: Session, actor: Actor, occurrence_id: UUID, erg_id: UUID
) -> AskedHost | None:
    """The question to a group, for a lead of it; for everybody else it does not exist."""
    if erg_id not in standing(db, actor).led:
        return None
    occurrence = (
        db.scalars(
            select(Occurrence).where(Occurrence.id == occurrence_id).options(WITH_WORDS, WITH_HOSTS)
        )
        .unique()
        .one_or_none()
    )
    hosts = occurrence.event.hosts if occurrence else []
    row = next((h for h in hosts if h.erg_id == erg_id and h.state is not HostState.LEFT), None)
    return AskedHost(occurrence, row) if occurrence and row and row.asked_at else None


def asked_of(db: Session, led: Collection[UUID], limit: int = 20) -> list[AskedHost]:
    """What other groups ask the leads of these, the nearest date first; one row an event.

    Of a series that runs already it is the next date.
    """
    first = (
        select(func.min(Occurrence.starts_at))
        .where(
            Occurrence.event_id == EventHost.event_id,
            Occurrence.state == OccurrenceState.SCHEDULED,
            Occurrence.ends_at > clock.now(),
        )
        .correlate(EventHost)
        .scalar_subquery()
    )
    rows = db.execute(
        select(Occurrence, EventHost)
        .join(EventHost, EventHost.event_id == Occurrence.event_id)
        .join(Event, Event.id == Occurrence.event_id)
        .where(
            EventHost.erg_id.in_(led),
            EventHost.state == HostState.ASKED,
            Event.state.not_in(OVER),
            Occurrence.starts_at == first,
            Occurrence.ends_at > clock.now(),
        )
        .order_by(Occurrence.starts_at, Occurrence.id)
        .limit(limit)
        .options(WITH_WORDS, joinedload(EventHost.erg).joinedload(Erg.texts))
    ).unique()
    return [AskedHost(occurrence, row) for occurrence, row in rows]


@dataclass(frozen=True, slots=True)
class Groups:
    """One page of groups that could be asked."""

    rows: list[Erg]
    total: int
    number: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // PAGE))


def groups_to_ask(
    db: Session, actor: Actor, q: str, without: Collection[UUID], number: int = 1
) -> Groups:
    """Groups that the reader finds in the directory as well, for words of theirs; never all."""
    found = search.ids("ergs", q)
    if found is None:
        return Groups([], 0, 1)
    rows = (
        db.execute(
            ergs.listed_for(actor, standing(db, actor))
            .add_columns(func.count().over())
            .where(Erg.id.in_(found), Erg.state == ErgState.ACTIVE, Erg.id.not_in(without))
            .order_by(Erg.slug)
            .limit(PAGE)
            .offset((number - 1) * PAGE)
            .options(joinedload(Erg.texts))
        )
        .unique()
        .all()
    )
    return Groups([row[0] for row in rows], rows[0][1] if rows else 0, number)


def needs_approval(db: Session, event: Event) -> bool:
    """Whether somebody has to say yes before it is published."""
    return group_needs_approval(db, event.first_host.id)


def group_needs_approval(db: Session, erg_id: UUID) -> bool:
    """Whether a group approves its events; remembered for the request."""
    key = ("event chain", erg_id)
    if key not in db.info:
        db.info[key] = bool(rounds.chain(db, erg_id, "event"))
    return bool(db.info[key])


def invited_to(db: Session, event: Event) -> list[Erg]:
    """The groups whose members may come as well, with their words."""
    return list(
        db.scalars(
            select(Erg)
            .join(EventInvited, EventInvited.erg_id == Erg.id)
            .where(EventInvited.event_id == event.id)
            .options(joinedload(Erg.texts))
            .order_by(Erg.slug)
        ).unique()
    )


def members_of(db: Session, event: Event) -> tuple[list[Erg], list[Chapter]]:
    """Beside the hosts: the groups whose members may come, and the chapters they are limited to."""
    rows = db.execute(
        select(Erg, Chapter)
        .select_from(Event)
        .outerjoin(EventInvited, EventInvited.event_id == Event.id)
        .outerjoin(Erg, Erg.id == EventInvited.erg_id)
        .outerjoin(EventChapter, EventChapter.event_id == Event.id)
        .outerjoin(Chapter, Chapter.id == EventChapter.chapter_id)
        .where(Event.id == event.id)
        .options(joinedload(Erg.texts))
        .order_by(Erg.slug, Chapter.id)
    ).unique()
    groups, chapters = zip(*rows, strict=True)
    return _each(groups), _each(chapters)


def _each(rows: Iterable[M | None]) -> list[M]:
    return [row for row in dict.fromkeys(rows) if row is not None]


def to_tell(db: Session, occurrence: Occurrence) -> int:
    """How many people would hear of a change; of a hidden event only its leads ask."""
    told = select(func.count()).where(
        Rsvp.occurrence_id == occurrence.id, Rsvp.state.in_(CONCERNED)
    )
    return db.scalar(told) or 0


def last_of_group(db: Session, erg_id: UUID) -> Occurrence | None:
    """The newest event that a group planned: where a new one begins."""
    return db.scalars(
        select(Occurrence)
        .join(Event, Event.id == Occurrence.event_id)
        .join(EventHost, EventHost.event_id == Event.id)
        .where(EventHost.erg_id == erg_id, EventHost.state == HostState.ACCEPTED)
        .order_by(Event.created_at.desc(), Occurrence.starts_at.desc(), Occurrence.id)
        .limit(1)
        .options(joinedload(Occurrence.event))
    ).one_or_none()


def shown_for(db: Session, actor: Actor, occurrence_id: UUID) -> Occurrence | None:
    """A date that the reader finds, or whose approval is theirs to read."""
    found = occurrence_for(db, actor, occurrence_id)
    if found is not None or actor.is_external:
        return found
    groups = set(standing(db, actor).roles) | set(rounds.standing_in(db, actor))
    if not groups and not actor.has("org_admin"):
        return None
    chosen = (
        select(Occurrence)
        .join(Event, Event.id == Occurrence.event_id)
        .where(Occurrence.id == occurrence_id, Event.state.in_(ON_ITS_WAY))
        .options(WITH_WORDS, WITH_HOSTS)
    )
    if not actor.has("org_admin"):
        chosen = chosen.where(hosted_by(groups))
    occurrence = db.scalars(chosen).unique().one_or_none()
    row = rounds.last_round(db, "event", occurrence.event_id) if occurrence else None
    is_theirs = row is not None and approvals.may_see(actor, rounds.Case(row.erg, row))
    return occurrence if is_theirs else None


def groups_led(db: Session, mine: ergs.Standing) -> list[Erg]:
    """The groups that the reader leads, with their words."""
    chosen = select(Erg).where(Erg.id.in_(mine.led)).options(joinedload(Erg.texts))
    return list(db.scalars(chosen.order_by(Erg.slug)).unique()) if mine.led else []
