"""Scans become check-ins: once, in any order, from any number of devices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.attendance import queries
from app.attendance.models import DoorScan
from app.attendance.rules import Method, Outcome, Scanned, corrected, own_code, read_code
from app.attendance.services.doors import hold_door, require_mergeable, require_open
from app.audit import services as audit
from app.core import clock, ids
from app.core.errors import Refused
from app.events import services as events
from app.events.models import Occurrence, Rsvp
from app.events.rules import Mode

BATCH = 200


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one scan."""

    id: UUID
    outcome: Outcome
    rsvp_id: UUID | None = None


def merge(
    db: Session,
    actor_id: UUID,
    *,
    occurrence_id: UUID,
    scans: Sequence[Scanned],
    sent_at: datetime,
) -> list[Result]:
    """Take what a device kept, some of it perhaps for the second time.

    A scan that makes no sense gets an answer like any other, so that one bad code stops nobody.
    """
    occurrence, _mine = hold_door(db, actor_id, occurrence_id)
    require_mergeable(occurrence)
    places, results = _places(db, occurrence_id), []
    for scanned in sorted(scans[:BATCH], key=lambda one: (one.at, one.id)):
        rsvp_id = places.get(read_code(scanned.code) or "")
        at = corrected(scanned.at, sent_at, clock.now(), occurrence.starts_at, occurrence.ends_at)
        results.append(_take(db, actor_id, occurrence_id, scanned, rsvp_id, at))
    return results


def type_code(db: Session, actor_id: UUID, *, occurrence_id: UUID, code: str) -> Result:
    """A code typed at the door, now."""
    occurrence, _mine = hold_door(db, actor_id, occurrence_id)
    require_open(occurrence)
    rsvp_id = _places(db, occurrence_id).get(read_code(code) or "")
    now = clock.now()
    scanned = Scanned(ids.new_id("door_scan", rsvp_id), code, now, "", Method.TYPED)
    return _take(db, actor_id, occurrence_id, scanned, rsvp_id, now)


def _places(db: Session, occurrence_id: UUID) -> dict[str, UUID]:
    """Every code of a date; a thousand cost a few milliseconds."""
    key = queries.key()
    rows = db.scalars(select(Rsvp.id).where(Rsvp.occurrence_id == occurrence_id))
    return {own_code(key, rsvp_id): rsvp_id for rsvp_id in rows}


def _take(
    db: Session,
    actor_id: UUID | None,
    occurrence_id: UUID,
    scanned: Scanned,
    rsvp_id: UUID | None,
    at: datetime,
) -> Result:
    known = db.get(DoorScan, scanned.id)
    if known is not None:
        is_ours = known.occurrence_id == occurrence_id
        return _told(db, known) if is_ours else Result(scanned.id, Outcome.UNKNOWN)
    rsvp = db.get(Rsvp, rsvp_id) if rsvp_id else None
    if rsvp is None:
        return Result(scanned.id, Outcome.UNKNOWN)
    if rsvp.state not in events.CAN_ENTER:
        return Result(scanned.id, Outcome.NO_SEAT, rsvp.id)
    row = add_scan(db, actor_id, rsvp, scanned.method, at, scan_id=scanned.id)
    row.device = scanned.device[:36]
    db.flush()
    return _told(db, row)


def add_scan(
    db: Session,
    actor_id: UUID | None,
    rsvp: Rsvp,
    method: Method,
    at: datetime,
    *,
    scan_id: UUID | None = None,
) -> DoorScan:
    """Write one scan down; one from before an undo is undone with it."""
    others = _scans_of(db, rsvp.id)
    undone = max((row.undone_at for row in others if row.undone_at), default=None)
    counted = next((row.guests for row in others if row.undone_at is None), rsvp.guests)
    row = DoorScan(
        id=scan_id or ids.new_id("door_scan", rsvp.id),
        occurrence_id=rsvp.occurrence_id,
        rsvp_id=rsvp.id,
        method=method,
        by_id=actor_id,
        guests=counted,
        scanned_at=at,
        received_at=clock.now(),
        undone_at=undone if undone is not None and at <= undone else None,
    )
    db.add(row)
    db.flush()
    if row.undone_at is None:
        events.check_in(db, actor_id, rsvp_id=rsvp.id)
    return row


def _scans_of(db: Session, rsvp_id: UUID) -> list[DoorScan]:
    return list(
        db.scalars(
            select(DoorScan)
            .where(DoorScan.rsvp_id == rsvp_id)
            .order_by(DoorScan.scanned_at, DoorScan.received_at, DoorScan.id)
        )
    )


def _told(db: Session, row: DoorScan) -> Result:
    """The first of a place counts; the others are duplicates of it."""
    if row.undone_at is not None:
        return Result(row.id, Outcome.UNDONE, row.rsvp_id)
    first = next(one for one in _scans_of(db, row.rsvp_id) if one.undone_at is None)
    is_first = first.id == row.id
    return Result(row.id, Outcome.CHECKED_IN if is_first else Outcome.DUPLICATE, row.rsvp_id)


def check_in_by_name(db: Session, actor_id: UUID, *, occurrence_id: UUID, rsvp_id: UUID) -> None:
    """Somebody whom the list names; whoever has only letters there comes in by their code."""
    occurrence, mine = hold_door(db, actor_id, occurrence_id)
    require_open(occurrence)
    rsvp = _listed(db, occurrence, rsvp_id)
    named = db.scalar(
        select(Rsvp.id)
        .join(Person, Person.id == Rsvp.person_id)
        .where(Rsvp.id == rsvp_id, queries.is_named(mine, occurrence))
    )
    if named is None:
        raise Refused(_("This person comes in by their own code or the code of the room."), 403)
    if all(row.undone_at is not None for row in _scans_of(db, rsvp_id)):
        add_scan(db, actor_id, rsvp, Method.BY_NAME, clock.now())


def undo(db: Session, actor_id: UUID, *, occurrence_id: UUID, rsvp_id: UUID) -> None:
    """Take a check-in back, whichever scans made it."""
    occurrence, _mine = hold_door(db, actor_id, occurrence_id)
    require_mergeable(occurrence)
    _listed(db, occurrence, rsvp_id)
    now = clock.now()
    for row in _scans_of(db, rsvp_id):
        row.undone_at = row.undone_at or now
    events.undo_check_in(db, actor_id, rsvp_id=rsvp_id)


def count_guests(
    db: Session, actor_id: UUID, *, occurrence_id: UUID, rsvp_id: UUID, guests: int
) -> None:
    """How many of the announced guests came along."""
    occurrence, _mine = hold_door(db, actor_id, occurrence_id)
    require_mergeable(occurrence)
    rsvp = _listed(db, occurrence, rsvp_id)
    if not 0 <= guests <= rsvp.guests:
        raise Refused(_("Count from none to the guests who have a seat."), 422)
    live = [row for row in _scans_of(db, rsvp_id) if row.undone_at is None]
    if not live:
        raise Refused(_("Check the person in first."))
    before = live[0].guests
    for row in live:
        row.guests = guests
    audit.record(
        db, actor_id, "count_guests", ("rsvp", rsvp_id), before=str(before), after=str(guests)
    )
    db.flush()


def _listed(db: Session, occurrence: Occurrence, rsvp_id: UUID) -> Rsvp:
    rsvp = db.get(Rsvp, rsvp_id)
    if rsvp is None or rsvp.occurrence_id != occurrence.id:
        raise Refused(_("This answer does not exist any more."), 404)
    return rsvp


def walk_in(
    db: Session, actor_id: UUID, *, occurrence_id: UUID, person_id: UUID, mode: Mode
) -> Outcome:
    """Somebody who did not answer and is here: through the one door to a seat, then checked in."""
    occurrence, mine = hold_door(db, actor_id, occurrence_id)
    require_open(occurrence)
    if not queries.walk_in_people(db, mine, occurrence, person_id=person_id):
        raise Refused(_("Choose somebody from the list."), 403)
    return seat_and_check_in(db, actor_id, occurrence_id, person_id, mode, Method.WALK_IN)


def seat_and_check_in(
    db: Session,
    actor_id: UUID | None,
    occurrence_id: UUID,
    person_id: UUID,
    mode: Mode,
    method: Method,
) -> Outcome:
    """Give a seat if one is free, then check in; the same twice changes nothing.

    None as the actor is the person with the code of the room. Without a seat it is refused.
    """
    rsvp = events.walk_in(db, actor_id, occurrence_id=occurrence_id, person_id=person_id, mode=mode)
    if any(row.undone_at is None for row in _scans_of(db, rsvp.id)):
        return Outcome.DUPLICATE
    add_scan(db, actor_id, rsvp, method, clock.now())
    return Outcome.CHECKED_IN
