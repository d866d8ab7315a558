"""Who wants to go on with whom: counted for everybody at one instant, when the window closes.

Until then nobody learns anything, so that a yes cannot be used to find out another one; then only
what is mutual remains, and everything one-sided is deleted. No answer and a no are no row at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.accounts.rules import PersonStatus
from app.audit import services as audit
from app.core import clock, ids, outbox
from app.core.errors import Refused
from app.speed.models import SpeedMatch, SpeedSeat, SpeedSession, SpeedTable, SpeedWish
from app.speed.pairing import Side
from app.speed.registry import on_mutual
from app.speed.rules import SessionState
from app.speed.services.base import held


def wish(db: Session, actor_id: UUID, *, session_id: UUID, partners: Iterable[UUID]) -> None:
    """Say with whom one wants to go on; it replaces what one said before."""
    session = held(db, session_id)
    until = session.wishes_until
    if session.state is not SessionState.OVER or session.closed_at:
        raise Refused(_("This can be said from the last talk on, for two days."))
    if until is None or until <= clock.now():
        raise Refused(_("The time for this is over."))
    seat = db.scalar(
        select(SpeedSeat).where(SpeedSeat.session_id == session_id, SpeedSeat.person_id == actor_id)
    )
    if seat is None:
        raise Refused(_("You did not take part in this session."), 403)
    met = set().union(*(_others(table, seat.id) for table in _tables(db, session)))
    db.execute(delete(SpeedWish).where(SpeedWish.seat_id == seat.id))
    for partner in sorted(set(partners) & met):
        key = f"{seat.id}|{partner}"
        row = SpeedWish(id=ids.new_id("wish", key), seat_id=seat.id, partner_id=partner)
        db.add(row)
    # Neither who nor whom nor how many: the log must not tell either.
    audit.record(db, None, "speed_wish", ("speed_session", session_id))
    db.flush()


def _tables(db: Session, session: SpeedSession) -> list[SpeedTable]:
    return list(
        db.scalars(
            select(SpeedTable)
            .where(SpeedTable.session_id == session.id, SpeedTable.round <= session.round)
            .order_by(SpeedTable.round, SpeedTable.number)
        )
    )


def _others(table: SpeedTable, seat_id: UUID) -> set[UUID]:
    seats = set(table.seat_ids)
    return seats - {seat_id} if seat_id in seats else set()


def to_close(db: Session) -> list[UUID]:
    """Sessions whose window has run out."""
    return list(
        db.scalars(
            select(SpeedSession.id)
            .where(
                SpeedSession.state == SessionState.OVER,
                SpeedSession.closed_at.is_(None),
                SpeedSession.wishes_until <= clock.now(),
            )
            .order_by(SpeedSession.id)
        )
    )


def close_due(db: Session, session_id: UUID) -> None:
    """Close the window of one session: mutual wishes become matches, all others are deleted."""
    session = held(db, session_id)
    until = session.wishes_until
    if session.closed_at or until is None or until > clock.now():
        return
    session.closed_at = clock.now()
    session.revision += 1
    for mentor, mentee in _mutual(db, session):
        _match(db, session, mentor, mentee)
    own = select(SpeedSeat.id).where(SpeedSeat.session_id == session.id)
    db.execute(delete(SpeedWish).where(SpeedWish.seat_id.in_(own)))
    audit.record(db, None, "speed_wishes_close", session)
    db.flush()


def _mutual(db: Session, session: SpeedSession) -> list[tuple[SpeedSeat, SpeedSeat]]:
    """(mentor, mentee) who sat together and both want to go on, both still with the company."""
    seats = {
        seat.id: seat
        for seat in db.scalars(
            select(SpeedSeat)
            .join(Person, Person.id == SpeedSeat.person_id)
            .where(SpeedSeat.session_id == session.id, Person.status == PersonStatus.ACTIVE)
        )
    }
    given = select(SpeedWish.seat_id, SpeedWish.partner_id).where(SpeedWish.seat_id.in_(seats))
    said = {(one, other) for one, other in db.execute(given)}
    found = []
    for table in _tables(db, session):
        here = table.seat_ids
        for n, one in enumerate(here):
            for other in here[n + 1 :]:
                if {(one, other), (other, one)} <= said and one in seats and other in seats:
                    found.append(_as_sides(seats[one], seats[other]))
    return found


def _as_sides(one: SpeedSeat, other: SpeedSeat) -> tuple[SpeedSeat, SpeedSeat]:
    is_turned = one.side is Side.MENTEE or other.side is Side.MENTOR
    return (other, one) if is_turned else (one, other)


def _match(db: Session, session: SpeedSession, mentor: SpeedSeat, mentee: SpeedSeat) -> None:
    row = SpeedMatch(
        id=ids.new_id("speed-match", f"{mentor.id}|{mentee.id}"),
        session_id=session.id,
        mentor_id=mentor.id,
        mentee_id=mentee.id,
    )
    row.is_followed = any(
        follow(db, session.id, mentor.person_id, mentee.person_id) for _name, follow in on_mutual
    )
    db.add(row)
    db.flush()
    for seat in (mentor, mentee):
        if not row.is_followed:
            outbox.put(db, "speed_mutual", subject=row.id, person=seat.person_id)
