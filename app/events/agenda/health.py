"""What events tell about the health of groups: who they reach, who comes, who is active."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from app.events.models import EventHost, Occurrence, Rsvp
from app.events.rules import HostState, RsvpState
from app.health.registry import Figure, Window, activities, figures
from app.health.rules import Measure, Unit

CAME = (RsvpState.CHECKED_IN, RsvpState.ATTENDED)
REACHED = (RsvpState.GOING, *CAME)
TOOK_PART = (*REACHED, RsvpState.OFFERED, RsvpState.WAITLISTED, RsvpState.MAYBE)


def _answers(window: Window, *columns: Any) -> Select[Any]:
    """Answers to dates that began in the window, by hosting group."""
    return (
        select(EventHost.erg_id, *columns)
        .select_from(Rsvp)
        .join(Occurrence, Occurrence.id == Rsvp.occurrence_id)
        .join(EventHost, EventHost.event_id == Occurrence.event_id)
        .where(
            EventHost.state == HostState.ACCEPTED,
            Occurrence.starts_at >= window.since,
            Occurrence.starts_at < window.until,
        )
    )


def reach(db: Session, window: Window) -> dict[UUID, Measure]:
    """Different people who had a seat, and at how many dates."""
    rows = db.execute(
        _answers(
            window,
            func.count(Rsvp.person_id.distinct()),
            func.count(Rsvp.occurrence_id.distinct()),
        )
        .where(Rsvp.state.in_(REACHED))
        .group_by(EventHost.erg_id)
    )
    return {erg_id: Measure(people, dates) for erg_id, people, dates in rows}


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
figures.add(
    "event_reach",
    Figure(
        _l("Event reach"),
        _l("Different people, members or not, who had a seat at the group's events of 90 days."),
        _l("None: it is a number of people; beside it stands at how many dates."),
        Unit.PEOPLE,
        60,
        reach,
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
