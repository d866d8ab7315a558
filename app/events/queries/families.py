"""The events from which a date may have come: its series, and the series before and after it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import aliased

from app.events.models import Event, Occurrence, Series, SeriesDate


def family_of(event_id: UUID) -> Select[tuple[UUID]]:
    """An event and the templates of the series in which it stands, however often it was split.

    What belongs to one changed date alone is not among them for the other dates.
    """
    placed = (
        select(SeriesDate.series_id)
        .join(Occurrence, Occurrence.id == SeriesDate.occurrence_id)
        .where(Occurrence.event_id == event_id)
    )
    own = select(Series.id).where(or_(Series.event_id == event_id, Series.id.in_(placed)))
    known = own.cte("series_of_event", recursive=True)
    at, near = aliased(Series), aliased(Series)
    known = known.union(
        select(near.id)
        .select_from(known)
        .join(at, at.id == known.c.id)
        .join(near, or_(near.follows_id == at.id, near.id == at.follows_id))
    )
    templates = select(Series.event_id).where(Series.id.in_(select(known.c.id)))
    return select(Event.id).where(or_(Event.id == event_id, Event.id.in_(templates)))
