"""The list at the door: who is expected, who is here, who was scanned twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.attendance.models import DoorScan
from app.attendance.queries.naming import is_named, label
from app.core import search
from app.ergs.queries import Standing
from app.ergs.rules import alias
from app.events.models import Occurrence, Rsvp
from app.events.queries import PAGE
from app.events.rules import Mode, RsvpState

LISTED = (RsvpState.GOING, RsvpState.CHECKED_IN, RsvpState.ATTENDED, RsvpState.NO_SHOW)
HERE = (RsvpState.CHECKED_IN, RsvpState.ATTENDED)
FILTERS = {
    "expected": (RsvpState.GOING,),
    "here": HERE,
    "absent": (RsvpState.NO_SHOW,),
}
LETTERS = 4


@dataclass(frozen=True, slots=True)
class Filter:
    """What a reader asks the list for."""

    q: str = ""
    status: str = ""
    number: int = 1


@dataclass(frozen=True, slots=True)
class Arrival:
    """A line of the list."""

    rsvp_id: UUID
    name: str
    is_named: bool
    state: RsvpState
    mode: Mode
    guests: int
    guest_names: tuple[str, ...]
    guests_here: int | None
    came_at: datetime | None
    scans: int


@dataclass(frozen=True, slots=True)
class Arrivals:
    """One page of the list."""

    rows: list[Arrival]
    total: int
    number: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // PAGE))


@dataclass(frozen=True, slots=True)
class Tally:
    """People of a date with their guests: with a seat, and there."""

    expected: int
    here: int
    guests: int


def live_scans() -> Any:
    """For each place the first scan that counts, how many there are, and the guests."""
    return (
        select(
            DoorScan.rsvp_id,
            func.min(DoorScan.scanned_at).label("came_at"),
            func.count().label("n"),
            func.max(DoorScan.guests).label("guests"),
        )
        .where(DoorScan.undone_at.is_(None))
        .group_by(DoorScan.rsvp_id)
    )


def tally(db: Session, occurrence_id: UUID) -> Tally:
    """Counted from the rows, never kept."""
    scans = live_scans().where(DoorScan.occurrence_id == occurrence_id).subquery()
    is_here = Rsvp.state.in_(HERE)
    row = db.execute(
        select(
            func.count(),
            func.sum(case((is_here, 1), else_=0)),
            func.sum(case((is_here, func.coalesce(scans.c.guests, 0)), else_=0)),
        )
        .select_from(Rsvp)
        .outerjoin(scans, scans.c.rsvp_id == Rsvp.id)
        .where(Rsvp.occurrence_id == occurrence_id, Rsvp.state.in_(LISTED))
    ).one()
    return Tally(row[0], int(row[1] or 0), int(row[2] or 0))


def arrivals(db: Session, mine: Standing, occurrence: Occurrence, wanted: Filter) -> Arrivals:
    """One page; names first, then those who have only letters, in the order of random ids."""
    if occurrence.event.is_hidden:
        return Arrivals([], 0, 1)
    chosen = _chosen(db, mine, occurrence, wanted).add_columns(func.count().over())
    rows = db.execute(chosen.limit(PAGE).offset((wanted.number - 1) * PAGE)).all()
    return Arrivals([_line(row) for row in rows], rows[0][-1] if rows else 0, wanted.number)


def all_arrivals(
    db: Session, mine: Standing, occurrence: Occurrence, wanted: Filter
) -> list[Arrival]:
    """The whole list under the same filter, for a file."""
    if occurrence.event.is_hidden:
        return []
    return [_line(row) for row in db.execute(_chosen(db, mine, occurrence, wanted))]


def _chosen(db: Session, mine: Standing, occurrence: Occurrence, wanted: Filter) -> Select[Any]:
    named = is_named(mine, occurrence)
    name = case((named, Person.name), else_=None)
    scans = live_scans().where(DoorScan.occurrence_id == occurrence.id).subquery()
    chosen = (
        select(
            Rsvp.id,
            name.label("shown"),
            Rsvp.state,
            Rsvp.mode,
            Rsvp.guests,
            scans.c.guests,
            scans.c.came_at,
            scans.c.n,
            Rsvp.guest_names,
        )
        .join(Person, Person.id == Rsvp.person_id)
        .outerjoin(scans, scans.c.rsvp_id == Rsvp.id)
        .where(Rsvp.occurrence_id == occurrence.id, Rsvp.state.in_(LISTED))
        .order_by(name.is_(None), name, Rsvp.id)
    )
    if wanted.status in FILTERS:
        chosen = chosen.where(Rsvp.state.in_(FILTERS[wanted.status]))
    elif wanted.status == "twice":
        chosen = chosen.where(scans.c.n > 1)
    found = _found(db, named, occurrence, wanted.q)
    return chosen if found is None else chosen.where(found)


def _found(
    db: Session, named: ColumnElement[bool], occurrence: Occurrence, q: str
) -> ColumnElement[bool] | None:
    """By name where there is one; by letters where there is none."""
    people = search.ids("people", q)
    if people is None:
        return None
    by_name = and_(named, Rsvp.person_id.in_(people))
    letters = q.strip().upper()[-LETTERS:]
    return or_(by_name, Rsvp.id.in_(_lettered(db, named, occurrence, letters)))


def _lettered(
    db: Session, named: ColumnElement[bool], occurrence: Occurrence, letters: str
) -> list[UUID]:
    if len(letters) < LETTERS:
        return []
    nameless = db.scalars(
        select(Rsvp.id)
        .join(Person, Person.id == Rsvp.person_id)
        .where(Rsvp.occurrence_id == occurrence.id, Rsvp.state.in_(LISTED), ~named)
    )
    return [rsvp_id for rsvp_id in nameless if alias(rsvp_id) == letters]


def _line(row: Any) -> Arrival:
    rsvp_id, name, state, mode, guests, guests_here, came_at, scans, names = row[:9]
    is_here = state in HERE
    return Arrival(
        rsvp_id,
        label(rsvp_id, name),
        name is not None,
        state,
        mode,
        guests,
        # Who brings them is known by name here, or the names of the guests would tell it.
        tuple(names) if name is not None else (),
        (guests_here or 0) if is_here else None,
        came_at if is_here else None,
        scans or 0,
    )
