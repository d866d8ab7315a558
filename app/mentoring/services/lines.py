"""A line for the seats of a circle: first come, first asked, and nobody is put in unasked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.core import clock
from app.core.database import hold
from app.core.errors import Refused
from app.mentoring.models import GroupWait, Relationship
from app.mentoring.queries.circles import closed_day, in_turn, is_circle
from app.mentoring.queries.lines import OPEN_TO_JOIN, apart_from, apart_in
from app.mentoring.rules import LIVE
from app.mentoring.rules.circles import WaitState
from app.mentoring.services.moving import move
from app.programs.models import Enrollment, Offer
from app.programs.rules import IN_POOL, OPEN_OFFERS, OfferState
from app.programs.services import offers


def stand_in_line(
    db: Session, actor_id: UUID, *, relationship_id: UUID, enrollment_id: UUID
) -> GroupWait:
    """Wait for a seat of a circle, at the end of its line."""
    enrollment = hold(db, Enrollment, enrollment_id)
    circle = db.get(Relationship, relationship_id)
    if enrollment is None or enrollment.person_id != actor_id or circle is None:
        raise Refused(_("Only you can stand in line for yourself."), 403)
    if enrollment.state not in IN_POOL or circle.cohort_id != enrollment.cohort_id:
        raise Refused(_("Enroll in this cohort first; then you can wait for a seat."))
    if not is_circle(circle) or circle.state not in OPEN_TO_JOIN or circle.is_gathering:
        raise Refused(_("This circle takes nobody new. Choose another one."))
    if circle.has(actor_id) or _is_apart(db, circle, actor_id):
        raise Refused(_("This circle takes nobody new. Choose another one."))
    row = _row(db, relationship_id, enrollment_id)
    if row is None:
        row = GroupWait(relationship_id=circle.id, enrollment_id=enrollment_id)
        db.add(row)
        db.flush()
    elif row.state in (WaitState.LEFT, WaitState.PASSED, WaitState.JOINED):
        move(db, actor_id, row, WaitState.WAITING)
        row.since, row.offer_id = clock.now(), None
    db.flush()
    return row


def _row(db: Session, relationship_id: UUID, enrollment_id: UUID) -> GroupWait | None:
    return db.scalar(
        select(GroupWait).where(
            GroupWait.relationship_id == relationship_id, GroupWait.enrollment_id == enrollment_id
        )
    )


def _is_apart(db: Session, circle: Relationship, person_id: UUID) -> bool:
    apart = apart_from(db, circle.cohort_id, person_id)
    return any(member.person_id in apart for member in in_turn(circle))


def leave_line(db: Session, actor_id: UUID, *, relationship_id: UUID, enrollment_id: UUID) -> None:
    """Wait no longer; whoever has an offer answers that instead."""
    enrollment = hold(db, Enrollment, enrollment_id)
    row = _row(db, relationship_id, enrollment_id)
    if enrollment is None or enrollment.person_id != actor_id or row is None:
        raise Refused(_("You do not stand in this line."), 403)
    if row.state is WaitState.OFFERED:
        raise Refused(_("A seat is offered to you already. Say yes or no to it."))
    if row.state is WaitState.WAITING:
        move(db, actor_id, row, WaitState.LEFT)
    db.flush()


AFTER = {
    OfferState.ACCEPTED: WaitState.JOINED,
    OfferState.DECLINED: WaitState.PASSED,
    OfferState.EXPIRED: WaitState.PASSED,
}


Apart = Callable[[UUID], Mapping[UUID, set[UUID]]]


def offer_free_seats(db: Session) -> int:
    """Free seats go to the first in line, one offer for each; returns how many were offered."""
    waiting = db.scalars(
        select(GroupWait.relationship_id)
        .where(GroupWait.state.in_((WaitState.WAITING, WaitState.OFFERED)))
        .distinct()
        .order_by(GroupWait.relationship_id)
    ).all()
    apart = cache(partial(apart_in, db))  # read once a cohort, and only where a seat is free
    return sum(_serve(db, db.get_one(Relationship, circle_id), apart) for circle_id in waiting)


def _serve(db: Session, circle: Relationship, apart: Apart) -> int:
    rows = db.scalars(
        select(GroupWait)
        .where(
            GroupWait.relationship_id == circle.id,
            GroupWait.state.in_((WaitState.WAITING, WaitState.OFFERED)),
        )
        .order_by(GroupWait.since, GroupWait.id)
        .options(joinedload(GroupWait.enrollment))
    ).all()
    for row in rows:
        _follow_offer(db, row)
        if row.state is WaitState.WAITING:
            _leave_where_over(db, circle, row)
    if circle.state not in OPEN_TO_JOIN or circle.group_id is None or closed_day(db, circle):
        return 0
    room = offers.room_in(db, cohort_id=circle.cohort_id, group_id=circle.group_id)
    offered = 0
    for row in rows:
        if offered < room and row.state is WaitState.WAITING:
            offered += _offer(db, circle, circle.group_id, row, apart)
    return offered


def _leave_where_over(db: Session, circle: Relationship, row: GroupWait) -> None:
    """Nobody stands in line for a circle that has ended, or after leaving the pool."""
    if circle.state not in LIVE:
        move(db, None, row, WaitState.LEFT, reason="ended")
    elif row.enrollment.state not in IN_POOL:
        move(db, None, row, WaitState.LEFT, reason="not in the pool")


def _follow_offer(db: Session, row: GroupWait) -> None:
    """What became of the offer of somebody in line: in, passed by, or waiting again."""
    offer = db.get(Offer, row.offer_id) if row.offer_id else None
    if row.state is not WaitState.OFFERED or offer is None or offer.state in OPEN_OFFERS:
        return
    move(db, None, row, AFTER.get(offer.state, WaitState.WAITING), reason=offer.state.value)
    db.flush()


def _offer(db: Session, circle: Relationship, group_id: UUID, row: GroupWait, apart: Apart) -> bool:
    """Offer one free seat; whoever cannot take it now keeps the place in line."""
    person_id = row.enrollment.person_id
    if any(one.person_id in apart(circle.cohort_id).get(person_id, ()) for one in in_turn(circle)):
        return False
    hold(db, Enrollment, row.enrollment_id)  # whoever leaves the line locks this first
    db.refresh(row, ["state"])
    if row.state is not WaitState.WAITING:
        return False
    try:
        offer = offers.make_seat(
            db,
            None,
            cohort_id=circle.cohort_id,
            group_id=group_id,
            enrollment_id=row.enrollment_id,
        )
    except Refused:
        return False
    move(db, None, row, WaitState.OFFERED)
    row.offer_id = offer.id
    db.flush()
    return True
