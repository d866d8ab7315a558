"""What organizers and the draw see: how many come, who sits where, the plan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, func, select
from sqlalchemy.orm import Session, aliased, contains_eager

from app.accounts.models import Person
from app.accounts.queries import lines_above
from app.accounts.rules import PersonStatus
from app.ergs.rules import Visibility
from app.events.models import Rsvp
from app.speed.models import SpeedSeat, SpeedSession, SpeedTable
from app.speed.pairing import Player, Side
from app.speed.queries.dates import COMING, is_coming
from app.speed.rules import SITTING

PAGE = 20


@dataclass(frozen=True, slots=True)
class Coming:
    """Of those who come to the event: how many are there on each side, how many have none."""

    by_side: dict[Side, int]
    undecided: int


def coming(db: Session, session: SpeedSession) -> Coming:
    """Who comes, counted in one statement."""
    seat = and_(SpeedSeat.session_id == session.id, SpeedSeat.person_id == Rsvp.person_id)
    rows = db.execute(
        select(SpeedSeat.side, SpeedSeat.state, func.count())
        .select_from(Rsvp)
        .outerjoin(SpeedSeat, seat)
        .where(Rsvp.occurrence_id == session.occurrence_id, Rsvp.state.in_(COMING))
        .group_by(SpeedSeat.side, SpeedSeat.state)
    ).all()
    by_side = dict.fromkeys(Side, 0)
    for side, state, number in rows:
        if side is not None and state in SITTING:
            by_side[side] += number
    return Coming(by_side, sum(number for side, _, number in rows if side is None))


def seats_of(
    db: Session, session: SpeedSession, *, q: str = "", side: Side | None = None, page: int = 1
) -> tuple[list[SpeedSeat], int]:
    """A page of those who take part, by name, and how many there are."""
    chosen = (
        select(SpeedSeat)
        .join(SpeedSeat.person)
        .where(
            SpeedSeat.session_id == session.id,
            is_coming(session.occurrence_id, SpeedSeat.person_id),
        )
    )
    if side is not None:
        chosen = chosen.where(SpeedSeat.side == side)
    if q:
        chosen = chosen.where(Person.name.icontains(q, autoescape=True))
    rows = db.execute(
        chosen.add_columns(func.count().over())
        .order_by(Person.name, SpeedSeat.id)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
        .options(contains_eager(SpeedSeat.person))
    ).all()
    return [seat for seat, _ in rows], rows[0][1] if rows else 0


def seatable(db: Session, session: SpeedSession) -> list[tuple[UUID, str]]:
    """Who comes, lets the organizers know, and has no side yet; of a hidden event nobody."""
    rows = db.execute(
        select(Person.id, Person.name)
        .join(Rsvp, Rsvp.person_id == Person.id)
        .where(
            Rsvp.occurrence_id == session.occurrence_id,
            Rsvp.state.in_(COMING),
            Rsvp.visibility.in_((Visibility.COMPANY, Visibility.LEADS)),
            ~exists().where(SpeedSeat.session_id == session.id, SpeedSeat.person_id == Person.id),
        )
        .order_by(Person.name, Person.id)
        .limit(200)
    )
    return [(person, name or "") for person, name in rows]


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A table of a round as organizers see it; names are empty where they must not be known."""

    round: int
    number: int
    seats: tuple[tuple[UUID, str, bool], ...]  # seat, name, whether they are there


def plan_of(db: Session, session: SpeedSession, rounds: Iterable[int] = ()) -> list[PlanLine]:
    """The tables of some or all rounds with the people, in one statement."""
    wanted = list(rounds)
    mentor, mentee, third = aliased(SpeedSeat), aliased(SpeedSeat), aliased(SpeedSeat)
    one, two, three = aliased(Person), aliased(Person), aliased(Person)
    chosen = (
        select(
            SpeedTable.round,
            SpeedTable.number,
            *((mentor.id, one.name, mentor.state)),
            *((mentee.id, two.name, mentee.state)),
            *((third.id, three.name, third.state)),
        )
        .join(mentor, mentor.id == SpeedTable.mentor_id)
        .join(one, one.id == mentor.person_id)
        .join(mentee, mentee.id == SpeedTable.mentee_id)
        .join(two, two.id == mentee.person_id)
        .outerjoin(third, third.id == SpeedTable.third_id)
        .outerjoin(three, three.id == third.person_id)
        .where(SpeedTable.session_id == session.id)
        .order_by(SpeedTable.round, SpeedTable.number)
    )
    if wanted:
        chosen = chosen.where(SpeedTable.round.in_(wanted))
    return [PlanLine(row[0], row[1], tuple(_people(row[2:]))) for row in db.execute(chosen).all()]


def _people(cells: Iterable[Any]) -> Iterable[tuple[UUID, str, bool]]:
    values = list(cells)
    for n in range(0, len(values), 3):
        if values[n] is not None:
            yield values[n], values[n + 1] or "", values[n + 2] in SITTING


def players(db: Session, session: SpeedSession) -> dict[UUID, tuple[SpeedSeat, Player]]:
    """Those who are there and come to the event, by person, as the draw sees them."""
    rows = db.execute(
        select(SpeedSeat, Person.manager_id, Person.department, Person.site)
        .join(Person, Person.id == SpeedSeat.person_id)
        .where(
            SpeedSeat.session_id == session.id,
            SpeedSeat.state.in_(SITTING),
            Person.status == PersonStatus.ACTIVE,
            is_coming(session.occurrence_id, SpeedSeat.person_id),
        )
        .order_by(SpeedSeat.id)
    ).all()
    lines = lines_above(db, [seat.person_id for seat, *_rest in rows])
    return {
        seat.person_id: (
            seat,
            Player(
                seat.person_id,
                seat.side,
                manager,
                frozenset(lines.get(seat.person_id, ())),
                department,
                site,
                frozenset(seat.topics),
            ),
        )
        for seat, manager, department, site in rows
    }
