"""Circles somebody could join, their place in line, and why there is no seat for them yet."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.core import clock
from app.core.policies import Actor
from app.mentoring.models import ClosedWish, GroupWait, Relationship
from app.mentoring.queries.circles import in_turn
from app.mentoring.queries.relationships import WITH_MEMBERS
from app.mentoring.rules import RelationshipState
from app.mentoring.rules.circles import WaitState, closed_until
from app.programs.feed.relating import facts_of
from app.programs.models import Cohort, Enrollment, Offer
from app.programs.rules import IN_POOL, OPEN_OFFERS, SHAPES, form_from
from app.programs.services.offers import holds_a_place

OPEN_TO_JOIN = (RelationshipState.TRIAL, RelationshipState.ACTIVE)
APART = ("line", "exclusion")


class WhyNot(StrEnum):
    """Why somebody has no seat yet."""

    OFFERED = "offered"
    BUSY = "busy"
    CLOSED = "closed"
    FULL = "full"
    ASKED = "asked"
    SOON = "soon"


@dataclass(frozen=True, slots=True)
class Line:
    """A circle as somebody outside sees it: no names, how many are in it, and the own wait."""

    circle: Relationship
    number: int
    people: int
    most: int
    closed_until: date | None
    wait: GroupWait | None
    position: int
    why: WhyNot


def line_for(db: Session, actor: Actor, enrollment_id: UUID) -> Enrollment | None:
    """One's own enrollment in a cohort of circles."""
    found = db.scalar(
        select(Enrollment)
        .where(Enrollment.id == enrollment_id, Enrollment.person_id == actor.person_id)
        .options(joinedload(Enrollment.cohort).joinedload(Cohort.program))
    )
    if found is None or SHAPES[found.cohort.program.format].kind != "circles":
        return None
    return found


def wait_for(
    db: Session, actor: Actor, enrollment_id: UUID, relationship_id: UUID
) -> Enrollment | None:
    """The same, for a circle of its cohort that one could join."""
    found = line_for(db, actor, enrollment_id)
    if found is None:
        return None
    known = {line.circle.id for line in lines_of(db, found)}
    return found if relationship_id in known else None


def apart_from(db: Session, cohort_id: UUID, person_id: UUID) -> set[UUID]:
    """With whom somebody is never put together: a reporting line, or one of them wishes so."""
    return apart_in(db, cohort_id).get(person_id, set())


def apart_in(db: Session, cohort_id: UUID) -> dict[UUID, set[UUID]]:
    """The same of everybody in a cohort; it reads the whole cohort."""
    found: dict[UUID, set[UUID]] = {}
    for kind, one, other in db.execute(facts_of(cohort_id)):
        if kind in APART:
            found.setdefault(one, set()).add(other)
            found.setdefault(other, set()).add(one)
    return found


def lines_of(db: Session, enrollment: Enrollment) -> list[Line]:
    """The circles under way that somebody could join, in the order in which they began.

    Where somebody is whom this person is kept apart from, the circle is not on the list.
    """
    circles = db.scalars(
        select(Relationship)
        .where(
            Relationship.cohort_id == enrollment.cohort_id,
            Relationship.is_gathering.is_(False),
            Relationship.state.in_(OPEN_TO_JOIN),
        )
        .order_by(Relationship.started_at, Relationship.id)
        .options(WITH_MEMBERS)
    ).unique()
    apart = apart_from(db, enrollment.cohort_id, enrollment.person_id)
    held = db.execute(
        select(Offer.group_id, Offer.mentee_id, Offer.state).where(
            Offer.cohort_id == enrollment.cohort_id, holds_a_place()
        )
    ).all()
    waits = _waits(db, enrollment.cohort_id)
    wishes = _wishes(db, enrollment.cohort_id)
    mine = sum(mentee_id == enrollment.id for _group, mentee_id, _state in held)
    lines = []
    for number, circle in enumerate(circles, 1):
        here = {member.person_id for member in in_turn(circle)}
        if here & (apart | {enrollment.person_id}):
            continue
        seats = Counter(
            state in OPEN_OFFERS for group, _m, state in held if group == circle.group_id
        )
        row = next((w for w in waits if _is(w, circle, enrollment)), None)
        before = [w for w in waits if w.relationship_id == circle.id and w.state == "waiting"]
        closed = closed_until(
            len(here), [day for rel, person, day in wishes if rel == circle.id and person in here]
        )
        most = form_from(enrollment.cohort.rules).most
        why = _why(row, mine >= enrollment.capacity, closed, most - seats.total(), seats[True])
        position = before.index(row) + 1 if row in before else 0
        lines.append(Line(circle, number, len(here), most, closed, row, position, why))
    return lines


def _is(wait: GroupWait, circle: Relationship, enrollment: Enrollment) -> bool:
    return wait.relationship_id == circle.id and wait.enrollment_id == enrollment.id


def _why(
    row: GroupWait | None, is_busy: bool, closed: date | None, free: int, asked: int
) -> WhyNot:
    if row is not None and row.state is WaitState.OFFERED:
        return WhyNot.OFFERED
    if is_busy:
        return WhyNot.BUSY
    if closed is not None:
        return WhyNot.CLOSED
    if free <= 0:
        return WhyNot.ASKED if asked else WhyNot.FULL
    return WhyNot.SOON


def _waits(db: Session, cohort_id: UUID) -> list[GroupWait]:
    return list(
        db.scalars(
            select(GroupWait)
            .join(Relationship)
            .where(Relationship.cohort_id == cohort_id)
            .order_by(GroupWait.since, GroupWait.id)
        )
    )


def _wishes(db: Session, cohort_id: UUID) -> list[tuple[UUID, UUID, date]]:
    rows = db.execute(
        select(ClosedWish.relationship_id, ClosedWish.person_id, ClosedWish.until)
        .join(Relationship)
        .where(Relationship.cohort_id == cohort_id, ClosedWish.until > clock.now().date())
    )
    return list(rows.tuples().all())


def may_wait(enrollment: Enrollment) -> bool:
    """Whether somebody is in the pool of their cohort."""
    return enrollment.state in IN_POOL
