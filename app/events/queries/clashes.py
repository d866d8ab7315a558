"""What stands against a time: holidays, other events of the hosts, one's own appointments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from app.core import clock
from app.core.policies import Actor
from app.ergs.queries import standing
from app.events.models import Event, Occurrence, Rsvp
from app.events.queries.answers import clashes_of
from app.events.queries.visible import hosted_by, visible_to
from app.events.rules import OccurrenceState, RsvpState, Settled, settled

SOON = 5


@dataclass(frozen=True, slots=True)
class Soon:
    """One of the next dates of a rule, with what should be known about it."""

    day: date
    at: Settled
    holiday: str = ""
    conflicts: tuple[str, ...] = ()
    own_conflicts: int = 0
    is_left_out: bool = False


def soon(
    db: Session,
    actor: Actor,
    event: Event,
    *,
    first: datetime,
    zone: str,
    minutes: int,
    rule: Any,
    off: Mapping[date, str] | None = None,
    left_out: Iterable[date] = (),
    title: Any = None,
) -> list[Soon]:
    """The next five dates: holidays, other events of the hosts, own appointments, clock changes."""
    skipped = set(left_out)
    days = [day for day, _n in zip(rule.days(first.date()), range(SOON), strict=False)]
    if not days:
        return []
    ats = {day: settled(datetime.combine(day, first.time()), zone) for day in days}
    start, last = ats[days[0]].instant, ats[days[-1]].instant + timedelta(minutes=minutes)
    others = _others(db, actor, event, start, last)
    found = []
    for day in days:
        at = ats[day].instant
        clashing = [
            (o, mine)
            for o, mine in others
            if o.starts_at < at + timedelta(minutes=minutes) and at < o.ends_at
        ]
        found.append(
            Soon(
                day,
                ats[day],
                (off or {}).get(day, ""),
                tuple(title(o.event) for o, mine in clashing if not mine) if title else (),
                sum(mine for _o, mine in clashing),
                day in skipped,
            )
        )
    return found


def _others(
    db: Session, actor: Actor, event: Event, start: datetime, end: datetime
) -> list[tuple[Occurrence, bool]]:
    """Dates in a span that a host holds or to which the actor goes; (date, whether it is own)."""
    own = select(Rsvp.occurrence_id).where(
        Rsvp.person_id == actor.person_id, Rsvp.state.in_((RsvpState.GOING, RsvpState.OFFERED))
    )
    hosts = {erg.id for erg in event.accepted_hosts}
    rows = db.execute(
        visible_to(actor, standing(db, actor))
        .add_columns(Occurrence.id.in_(own))
        .where(
            Occurrence.event_id != event.id,
            Occurrence.starts_at < end,
            Occurrence.ends_at > start,
            Occurrence.state == OccurrenceState.SCHEDULED,
            or_(hosted_by(hosts), Occurrence.id.in_(own)),
        )
        .order_by(Occurrence.starts_at)
        .limit(200)
        .options(joinedload(Occurrence.event).joinedload(Event.texts))
    ).unique()
    return [(row[0], bool(row[1])) for row in rows]


def own_conflicts(db: Session, person_id: UUID | None, occurrence: Occurrence) -> list[Occurrence]:
    """Where else a person said they would be at the time of a date."""
    if person_id is None or occurrence.ends_at <= clock.now():
        return []
    return clashes_of(db, occurrence.id, person_id)
