"""Series as their readers may see them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, func, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from app.core import clock
from app.core.policies import Actor
from app.ergs.models import Erg
from app.ergs.queries import standing
from app.events.models import (
    Event,
    EventHost,
    Occurrence,
    Rsvp,
    Series,
    SeriesDate,
    SeriesSubscription,
)
from app.events.queries.visible import PAGE, is_shown_to, visible_to
from app.events.rules import CONCERNED, HELD, OccurrenceState, RsvpState

CLAIMS = (*HELD, RsvpState.WAITLISTED, RsvpState.PENDING_APPROVAL)
_WITH_HOST = joinedload(Series.event).joinedload(Event.hosts).joinedload(EventHost.erg)
WITH_EVENT = (
    joinedload(Series.event).joinedload(Event.texts),
    joinedload(Series.event).joinedload(Event.chapters),
    _WITH_HOST.joinedload(Erg.texts),
    _WITH_HOST.joinedload(Erg.chapters),
)


def series_for(db: Session, actor: Actor, series_id: UUID) -> Series | None:
    """A series whose event the actor may see; hidden and absent are None."""
    if actor.is_external:
        return None
    chosen = (
        select(Series)
        .join(Event, Event.id == Series.event_id)
        .where(Series.id == series_id, is_shown_to(standing(db, actor)))
    )
    return db.scalars(chosen.options(*WITH_EVENT)).unique().one_or_none()


def series_of(db: Session, occurrence_id: UUID) -> SeriesDate | None:
    """The place of a date in its series, if it stands in one."""
    return db.scalar(_series_of(), {"occurrence": occurrence_id})


@cache
def _series_of() -> Select[tuple[SeriesDate]]:
    return (
        select(SeriesDate)
        .where(SeriesDate.occurrence_id == bindparam("occurrence"))
        .options(joinedload(SeriesDate.series))
    )


@dataclass(frozen=True, slots=True)
class Dates:
    """One page of (date, own answer or None)."""

    rows: list[tuple[SeriesDate, Rsvp | None]]
    total: int
    number: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // PAGE))


def dates_of(
    db: Session, actor: Actor, series: Series, *, past: bool = False, number: int = 1
) -> Dates:
    """The dates of a series that the actor may see, with their own answers."""
    now = clock.now()
    own = and_(Rsvp.occurrence_id == Occurrence.id, Rsvp.person_id == actor.person_id)
    chosen = (
        visible_to(actor, standing(db, actor))
        .join(SeriesDate, SeriesDate.occurrence_id == Occurrence.id)
        .outerjoin(Rsvp, own)
        .with_only_columns(SeriesDate, Rsvp, func.count().over())
        .where(SeriesDate.series_id == series.id)
        .where(Occurrence.ends_at <= now if past else Occurrence.ends_at > now)
    )
    order = Occurrence.starts_at.desc() if past else Occurrence.starts_at
    rows = db.execute(
        chosen.order_by(order, Occurrence.id)
        .limit(PAGE)
        .offset((number - 1) * PAGE)
        .options(
            contains_eager(SeriesDate.occurrence)
            .contains_eager(Occurrence.event)
            .selectinload(Event.texts)
        )
    ).all()
    return Dates([(row[0], row[1]) for row in rows], rows[0][2] if rows else 0, number)


def subscription_of(
    db: Session, series_id: UUID, person_id: UUID | None
) -> SeriesSubscription | None:
    """A person's own answer for every date."""
    return db.get(SeriesSubscription, (series_id, person_id)) if person_id else None


def own_dates_ahead(db: Session, series_id: UUID, person_id: UUID | None) -> int:
    """On how many dates ahead a person has or wants a place."""
    return int(
        db.scalar(
            select(func.count())
            .select_from(Rsvp)
            .join(SeriesDate, SeriesDate.occurrence_id == Rsvp.occurrence_id)
            .join(Occurrence, Occurrence.id == Rsvp.occurrence_id)
            .where(
                SeriesDate.series_id == series_id,
                Rsvp.person_id == person_id,
                Rsvp.state.in_(CLAIMS),
                Occurrence.state == OccurrenceState.SCHEDULED,
                Occurrence.starts_at > clock.now(),
            )
        )
        or 0
    )


def told_of_end(db: Session, series_id: UUID, from_day: date | None) -> tuple[int, int]:
    """(dates, people) that an end of the series from a day on would cancel and tell."""
    chosen = (
        select(Occurrence.id)
        .join(SeriesDate, SeriesDate.occurrence_id == Occurrence.id)
        .where(
            SeriesDate.series_id == series_id,
            Occurrence.starts_at > clock.now(),
            Occurrence.state == OccurrenceState.SCHEDULED,
        )
    )
    if from_day is not None:
        chosen = chosen.where(SeriesDate.day >= from_day)
    ids = list(db.scalars(chosen))
    return len(ids), people_told(db, (), ids)


def people_told(db: Session, moved: Iterable[UUID], ended: Iterable[UUID]) -> int:
    """How many different people hear of dates that move or end."""
    return int(
        db.scalar(
            select(func.count(Rsvp.person_id.distinct())).where(
                Rsvp.occurrence_id.in_([*moved, *ended]), Rsvp.state.in_(CONCERNED)
            )
        )
        or 0
    )


@dataclass(frozen=True, slots=True)
class DatesLike:
    """Dates of a series ahead that follow its template, and how many people want a place there."""

    dates: int
    people: int


def dates_like(db: Session, occurrence: Occurrence) -> DatesLike:
    """The dates ahead that are like this one, itself included; none where it is one of its own."""
    wanted = and_(Rsvp.occurrence_id == Occurrence.id, Rsvp.state.in_(CLAIMS))
    row = db.execute(
        select(func.count(Occurrence.id.distinct()), func.count(Rsvp.person_id.distinct()))
        .select_from(Series)
        .join(Occurrence, Occurrence.event_id == Series.event_id)
        .outerjoin(Rsvp, wanted)
        .where(
            Series.event_id == occurrence.event_id,
            Occurrence.state == OccurrenceState.SCHEDULED,
            Occurrence.starts_at > clock.now(),
        )
    ).one()
    return DatesLike(row[0], row[1])
