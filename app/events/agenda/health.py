"""What events tell about the health of groups: who they reach, who comes, who is active."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session

from app.events.models import Event, EventHost, Occurrence, Rsvp
from app.events.rules import EventState, HostState, OccurrenceState, RsvpState
from app.health.queries import counted_at
from app.health.registry import Figure, Window, activities, efforts, figures
from app.health.rules import Measure, Unit

CAME = (RsvpState.CHECKED_IN, RsvpState.ATTENDED)
REACHED = (RsvpState.GOING, *CAME)
TOOK_PART = (*REACHED, RsvpState.OFFERED, RsvpState.WAITLISTED, RsvpState.MAYBE)


def _took_place(window: Window) -> ColumnElement[bool]:
    """Dates that began in the window, neither canceled nor put off, by hosting group."""
    return and_(
        EventHost.state == HostState.ACCEPTED,
        Event.state.in_((EventState.PUBLISHED, EventState.COMPLETED)),
        Occurrence.state == OccurrenceState.SCHEDULED,
        Occurrence.starts_at >= window.since,
        Occurrence.starts_at < window.until,
    )


def _answers(window: Window, *columns: Any) -> Select[Any]:
    """Answers to dates that took place in the window, by hosting group."""
    return (
        select(EventHost.erg_id, *columns)
        .select_from(Rsvp)
        .join(Occurrence, Occurrence.id == Rsvp.occurrence_id)
        .join(Event, Event.id == Occurrence.event_id)
        .join(EventHost, EventHost.event_id == Occurrence.event_id)
        .where(_took_place(window))
    )


def reach(db: Session, window: Window) -> dict[UUID, Measure]:
    """Of the members who are counted, how many had a seat; only groups that held something."""
    seats = _answers(window, Rsvp.person_id).where(Rsvp.state.in_(REACHED)).subquery()
    members = counted_at(window.until).subquery()
    rows = db.execute(
        select(
            seats.c.erg_id,
            func.count(members.c.person_id.distinct()),
        )
        .outerjoin(
            members,
            and_(members.c.erg_id == seats.c.erg_id, members.c.person_id == seats.c.person_id),
        )
        .group_by(seats.c.erg_id)
    )
    return {erg_id: Measure(number) for erg_id, number in rows}


def dates_run(db: Session, window: Window) -> dict[UUID, int]:
    """Dates of events that took place, by hosting group."""
    rows = db.execute(
        select(EventHost.erg_id, func.count(Occurrence.id.distinct()))
        .join(Occurrence, Occurrence.event_id == EventHost.event_id)
        .join(Event, Event.id == Occurrence.event_id)
        .where(_took_place(window))
        .group_by(EventHost.erg_id)
    )
    return dict(rows.tuples().all())


def attendance(db: Session, window: Window) -> dict[UUID, Measure]:
    """Of those whose coming was checked, how many came; without check-in there is no figure."""
    came = func.sum(case((Rsvp.state.in_(CAME), 1), else_=0))
    rows = db.execute(
        _answers(window, came, func.count())
        .where(Rsvp.state.in_((*CAME, RsvpState.NO_SHOW)))
        .group_by(EventHost.erg_id)
    )
    return {erg_id: Measure(int(number), of) for erg_id, number, of in rows}


def answered(window: Window) -> Select[Any]:
    """Who answered an event of a group in the window, other than with no."""
    return (
        select(EventHost.erg_id.label("erg_id"), Rsvp.person_id.label("person_id"))
        .join(Occurrence, Occurrence.event_id == EventHost.event_id)
        .join(Rsvp, Rsvp.occurrence_id == Occurrence.id)
        .where(
            EventHost.state == HostState.ACCEPTED,
            Rsvp.state.in_(TOOK_PART),
            Rsvp.changed_at >= window.since,
            Rsvp.changed_at < window.until,
        )
    )


activities.add("events", answered)
efforts.add("dates", dates_run)
figures.add(
    "event_reach_share",
    Figure(
        _l("Event reach"),
        _l("Members who had a seat at one or more of the group's events of 90 days."),
        _l("Members at the end of the period."),
        Unit.SHARE,
        60,
        reach,
        beside="active_share",
    ),
)
figures.add(
    "attendance_rate",
    Figure(
        _l("Attendance rate"),
        _l("Of those whose coming was checked at the group's events of 90 days, how many came."),
        _l("Everybody who was checked in or marked as absent."),
        Unit.SHARE,
        65,
        attendance,
    ),
)
