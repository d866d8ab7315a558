"""Lists of events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import (
    Integer,
    Select,
    String,
    Subquery,
    Uuid,
    and_,
    bindparam,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased, defer, joinedload

from app.core import clock, hints
from app.core.database import UTCDateTime
from app.core.policies import Actor
from app.ergs.models import Erg, ErgText
from app.ergs.queries import READER, standing
from app.ergs.rules import PUBLISHED, Discovery
from app.events.models import Event, EventHost, EventText, Occurrence, Rsvp
from app.events.queries.filters import Shape, Wanted, conditions, narrowed, values
from app.events.queries.visible import PAGE, hosted_by, is_shown_to, visible_to
from app.events.rules import EventState, HostState, OccurrenceState

TITLES = 2
MOST_A_MONTH = 3_000


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of (occurrence, own answer or None), and how many dates each stands for besides."""

    rows: list[tuple[Occurrence, Rsvp | None]]
    total: int
    number: int
    more: dict[UUID, int] = field(default_factory=dict)

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // PAGE))


@dataclass(frozen=True, slots=True)
class MonthListing:
    """The ids of a month's dates by the reader's day, in order, and the first titles of each."""

    days: dict[date, list[UUID]]
    titles: dict[UUID, list[EventText]]


def listing(db: Session, actor: Actor, wanted: Wanted) -> Listing:
    """Events as the reader finds them: the next first, of the past the latest first.

    A series ahead is its next date; of one's own answers and of the past every date stands alone.
    """
    if wanted.past or wanted.mine_only:
        return every_date(db, actor, wanted)
    asked = {**values(db, actor, wanted), "most": PAGE, "skip": wanted.skip}
    found = db.execute(_series_as_one(wanted), asked).all()
    rows = drawn(db, actor, [row[0] for row in found])
    more = {occurrence_id: alike - 1 for occurrence_id, alike, _total in found if alike > 1}
    return Listing(rows, found[0][2] if found else 0, wanted.number, more)


def every_date(db: Session, actor: Actor, wanted: Wanted, *, limit: int = PAGE) -> Listing:
    """The same, with every date of a series."""
    chosen = narrowed(_page_of(wanted.shape, wanted.past), wanted)
    asked = {**values(db, actor, wanted), "most": limit, "skip": wanted.skip}
    found = db.execute(chosen, asked).all()
    rows = drawn(db, actor, [row[0] for row in found])
    return Listing(rows, found[0][1] if found else 0, wanted.number)


def month_of(
    db: Session, actor: Actor, wanted: Wanted, since: datetime, until: datetime, zone: ZoneInfo
) -> MonthListing:
    """What begins between two instants, by the day on the clocks of a zone."""
    chosen = narrowed(_between(wanted.shape), wanted)
    asked = {**values(db, actor, wanted), "since": since, "until": until}
    days: dict[date, list[UUID]] = {}
    for occurrence_id, starts_at in db.execute(chosen, asked):
        days.setdefault(starts_at.astimezone(zone).date(), []).append(occurrence_id)
    return MonthListing(days, _titles(db, [i for found in days.values() for i in found[:TITLES]]))


def drawn(
    db: Session, actor: Actor, occurrence_ids: Sequence[UUID]
) -> list[tuple[Occurrence, Rsvp | None]]:
    """Dates with words, hosts and one's own answer, in the order of ids, in two statements."""
    if not occurrence_ids:
        return []
    asked = {"ids": list(occurrence_ids), "person": actor.person_id}
    rows = {row[0].id: (row[0], row[1]) for row in db.execute(_drawn(), asked).unique()}
    return [rows[found] for found in occurrence_ids if found in rows]


@lru_cache(maxsize=512)
def _page_of(shape: Shape, past: bool) -> Select[UUID, int]:
    order = Occurrence.starts_at.desc() if past else Occurrence.starts_at
    return (
        select(Occurrence.id, func.count().over())
        .join(Event, Event.id == Occurrence.event_id)
        .where(
            is_shown_to(READER),
            Occurrence.ends_at <= hints.now() if past else Occurrence.ends_at > hints.now(),
            *conditions(shape),
        )
        .order_by(order, Occurrence.id)
        .limit(bindparam("most", type_=Integer()))
        .offset(bindparam("skip", type_=Integer()))
    )


# Dates that follow one template stand together; one that was changed alone has an event of its own,
# and one that was canceled alone must not stand for those that take place.
ALIKE = (Occurrence.event_id, Occurrence.state)
IN_ORDER = (Occurrence.starts_at, Occurrence.id)
FOLDED = (
    func.row_number().over(partition_by=ALIKE, order_by=IN_ORDER).label("place"),
    func.count().over(partition_by=ALIKE).label("alike"),
)


@lru_cache(maxsize=512)
def _ahead(shape: Shape) -> Select[UUID, datetime, int, int]:
    return (
        select(Occurrence.id, Occurrence.starts_at, *FOLDED)
        .join(Event, Event.id == Occurrence.event_id)
        .where(is_shown_to(READER), Occurrence.ends_at > hints.now(), *conditions(shape))
    )


def _series_as_one(wanted: Wanted) -> Select[UUID, int, int]:
    """Built anew only where somebody searches: that costs more than running it."""
    chosen = narrowed(_ahead(wanted.shape), wanted)
    is_usual = chosen is _ahead(wanted.shape)
    return _first_ahead(wanted.shape) if is_usual else _first_of(chosen.subquery())


@lru_cache(maxsize=512)
def _first_ahead(shape: Shape) -> Select[UUID, int, int]:
    return _first_of(_ahead(shape).subquery())


def _first_of(dates: Subquery) -> Select[UUID, int, int]:
    return (
        select(dates.c.id, dates.c.alike, func.count().over())
        .where(dates.c.place == 1)
        .order_by(dates.c.starts_at, dates.c.id)
        .limit(bindparam("most", type_=Integer()))
        .offset(bindparam("skip", type_=Integer()))
    )


@lru_cache(maxsize=512)
def _between(shape: Shape) -> Select[UUID, datetime]:
    instant = UTCDateTime()
    return (
        select(Occurrence.id, Occurrence.starts_at)
        .join(Event, Event.id == Occurrence.event_id)
        .where(
            is_shown_to(READER),
            Occurrence.starts_at >= bindparam("since", type_=instant),
            Occurrence.starts_at < bindparam("until", type_=instant),
            *conditions(shape),
        )
        .order_by(Occurrence.starts_at, Occurrence.id)
        .limit(MOST_A_MONTH)
    )


@cache
def _drawn() -> Select[Occurrence, Rsvp]:
    own = and_(Rsvp.occurrence_id == Occurrence.id, Rsvp.person_id == hints.person())
    event = joinedload(Occurrence.event)
    hosts = event.joinedload(Event.hosts).joinedload(EventHost.erg)
    # Groups' words come in a statement of their own: joined, they multiply with those of the event.
    names = hosts.selectinload(Erg.texts)
    return (
        select(Occurrence, Rsvp)
        .outerjoin(Rsvp, own)
        .where(Occurrence.id.in_(bindparam("ids", expanding=True, type_=Uuid())))
        .options(
            event.joinedload(Event.texts).defer(EventText.description),
            names.load_only(ErgText.name, ErgText.status),
            joinedload(Occurrence.place_in_series),
        )
    )


def _titles(db: Session, occurrence_ids: list[UUID]) -> dict[UUID, list[EventText]]:
    if not occurrence_ids:
        return {}
    titles: dict[UUID, list[EventText]] = {}
    for occurrence_id, text in db.execute(_titles_of(), {"ids": occurrence_ids}):
        titles.setdefault(occurrence_id, []).append(text)
    return titles


@cache
def _titles_of() -> Select[UUID, EventText]:
    return (
        select(Occurrence.id, EventText)
        .join(EventText, EventText.event_id == Occurrence.event_id)
        .where(Occurrence.id.in_(bindparam("ids", expanding=True, type_=Uuid())))
        .options(defer(EventText.description))
    )


def groups_to_choose(db: Session, actor: Actor, slug: str = "") -> list[Erg]:
    """One's own groups with their words, for the filter, and the group that is filtered by."""
    asked = {**standing(db, actor).parameters(), "slug": slug}
    return list(db.scalars(_groups_to_choose(), asked).unique())


@cache
def _groups_to_choose() -> Select[Erg]:
    named = and_(
        Erg.slug == bindparam("slug", type_=String()),
        Erg.discovery != Discovery.HIDDEN,
        Erg.state.in_(PUBLISHED),
    )
    return (
        select(Erg)
        .where(or_(named, Erg.id.in_(READER.known)))
        .options(joinedload(Erg.texts).load_only(ErgText.name, ErgText.status))
        .order_by(Erg.slug)
    )


def of_group(db: Session, actor: Actor, erg: Erg, limit: int = 5) -> list[tuple[Occurrence, int]]:
    """The next events of one group that the actor may see; a series is its next date and a number.

    The number is that of its other dates ahead.
    """
    dates = (
        visible_to(actor, standing(db, actor))
        .with_only_columns(Occurrence.id, *FOLDED)
        .where(
            hosted_by({erg.id}),
            Occurrence.ends_at > clock.now(),
            Occurrence.state != OccurrenceState.CANCELED,
            Event.state != EventState.CANCELED,
        )
        .subquery()
    )
    rows = db.execute(
        select(Occurrence, dates.c.alike)
        .join(dates, and_(dates.c.id == Occurrence.id, dates.c.place == 1))
        .order_by(Occurrence.starts_at, Occurrence.id)
        .limit(limit)
        .options(
            joinedload(Occurrence.event).joinedload(Event.texts),
            joinedload(Occurrence.place_in_series),
        )
    ).unique()
    return [(occurrence, alike - 1) for occurrence, alike in rows]


def lively_groups() -> Select[UUID]:
    """The groups that host something in the next weeks which a reader (`READER`) may see."""
    now, host = hints.now(), aliased(EventHost)
    shown = (
        select(Occurrence.event_id)
        .join(Event, Event.id == Occurrence.event_id)
        .where(
            is_shown_to(READER),
            Event.state == EventState.PUBLISHED,
            Occurrence.ends_at > now,
            Occurrence.starts_at < hints.month_ahead(),
        )
    )
    return select(host.erg_id).where(host.state == HostState.ACCEPTED, host.event_id.in_(shown))
