"""What somebody sees of themselves: their seat, their tables, whom they met and wished for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from app.accounts.models import Person
from app.core.policies import Actor
from app.speed.models import SpeedMatch, SpeedSeat, SpeedSession, SpeedTable, SpeedWish
from app.speed.queries.dates import is_coming, session_for
from app.speed.rules import SITTING, SeatState


def seat_for(db: Session, actor: Actor, occurrence_id: UUID) -> SpeedSeat | None:
    """The actor's own seat with its session, while they have a place at the event.

    Phones ask this every few seconds: one statement, and nothing about the event.
    """
    found: SpeedSeat | None = db.scalar(
        select(SpeedSeat)
        .join(SpeedSeat.session)
        .where(
            SpeedSession.occurrence_id == occurrence_id,
            SpeedSeat.person_id == actor.person_id,
            is_coming(occurrence_id, SpeedSeat.person_id),
        )
        .options(joinedload(SpeedSeat.session).joinedload(SpeedSession.occurrence))
    )
    return found


def placed_seat(db: Session, actor: Actor, occurrence_id: UUID, seat_id: UUID) -> SpeedSeat | None:
    """A seat of a session that the actor may see (organizers act on it)."""
    session = session_for(db, actor, occurrence_id)
    if session is None:
        return None
    seat = db.scalar(
        select(SpeedSeat).where(SpeedSeat.id == seat_id, SpeedSeat.session_id == session.id)
    )
    if seat is not None:
        set_committed_value(seat, "session", session)
    return seat


@dataclass(frozen=True, slots=True)
class MyTable:
    """One's own table of a round: where, and with whom."""

    round: int
    number: int
    partners: tuple[tuple[UUID, str, bool], ...]  # seat, name, whether they are there


def my_tables(db: Session, seat: SpeedSeat, rounds: Iterable[int]) -> dict[int, MyTable]:
    """One's own tables in these rounds with the people there, in one statement."""
    rows = db.execute(_at_my_table(seat, list(rounds)))
    found: dict[int, MyTable] = {}
    for number, table, other, name, state in rows:
        mine = found.get(number) or MyTable(number, table, ())
        partner = (other, name or "", state in SITTING)
        found[number] = MyTable(number, table, (*mine.partners, partner))
    return found


def _at_my_table(
    seat: SpeedSeat, rounds: list[int]
) -> Select[int, int, UUID, str | None, SeatState]:
    mine = or_(*(column == seat.id for column in _SEATS))
    return (
        select(SpeedTable.round, SpeedTable.number, SpeedSeat.id, Person.name, SpeedSeat.state)
        .join(SpeedSeat, SpeedSeat.id.in_(_SEATS))
        .join(Person, Person.id == SpeedSeat.person_id)
        .where(
            SpeedTable.session_id == seat.session_id,
            SpeedTable.round.in_(rounds),
            mine,
            SpeedSeat.id != seat.id,
        )
        .order_by(SpeedTable.round, Person.name, SpeedSeat.id)
    )


_SEATS = (SpeedTable.mentor_id, SpeedTable.mentee_id, SpeedTable.third_id)


def met_by(db: Session, seat: SpeedSeat) -> list[tuple[UUID, str, int]]:
    """Those one sat with: seat, name, round."""
    tables = my_tables(db, seat, range(1, seat.session.round + 1))
    return [(p[0], p[1], n) for n, table in sorted(tables.items()) for p in table.partners]


def wishes_of(db: Session, seat: SpeedSeat) -> set[UUID]:
    """Whom one marked; nobody else's marks are ever read for a page."""
    return set(db.scalars(select(SpeedWish.partner_id).where(SpeedWish.seat_id == seat.id)))


def matches_of(db: Session, seat: SpeedSeat) -> list[tuple[str, str | None, bool]]:
    """Those who want to go on as one does oneself: name, address, whether a program follows up."""
    other = SpeedSeat
    rows = db.execute(
        select(Person.name, Person.email, SpeedMatch.is_followed)
        .select_from(SpeedMatch)
        .join(other, other.id.in_((SpeedMatch.mentor_id, SpeedMatch.mentee_id)))
        .join(Person, Person.id == other.person_id)
        .where(
            or_(SpeedMatch.mentor_id == seat.id, SpeedMatch.mentee_id == seat.id),
            other.id != seat.id,
        )
        .order_by(Person.name, SpeedMatch.id)
    )
    return [(name or "", email, followed) for name, email, followed in rows]
