"""How requests end, and who hears of it; locks are taken as for offers: mentee, mentor, row."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.core import clock, outbox
from app.core.database import hold
from app.core.errors import Refused
from app.programs.models import Enrollment, MatchRequest, Offer
from app.programs.rules import RequestState
from app.programs.services.moving import move
from app.programs.services.offers import pairs_of
from app.programs.services.offers.asking import person_of


def held(db: Session, request_id: UUID) -> tuple[MatchRequest, Enrollment, Enrollment]:
    """The request, locked with both enrollments."""
    seen = db.get(MatchRequest, request_id)
    if seen is None:
        raise Refused(_("This request no longer exists."))
    mentee, mentor = hold(db, Enrollment, seen.mentee_id), hold(db, Enrollment, seen.mentor_id)
    row = hold(db, MatchRequest, request_id)
    assert mentee and mentor and row
    return row, mentee, mentor


def withdraw(db: Session, actor_id: UUID, *, request_id: UUID) -> None:
    """The mentee takes a request back, at any time."""
    row, mentee, _mentor = held(db, request_id)
    if mentee.person_id != actor_id:
        raise Refused(_("Only you can say whom you would like to meet."), 403)
    if row.state is not RequestState.ASKED:
        raise Refused(
            _("This request is no longer open. Reload the page to see what became of it.")
        )
    close(db, actor_id, row, RequestState.WITHDRAWN)
    db.flush()


def take_back(db: Session, actor_id: UUID, *, request_id: UUID) -> None:
    """An organizer ends a request that nobody answers; the mentee is told what comes next."""
    row, _mentee, _mentor = held(db, request_id)
    if row.state is not RequestState.ASKED:
        raise Refused(
            _("This request is no longer open. Reload the page to see what became of it.")
        )
    close(db, actor_id, row, RequestState.SUPERSEDED, reason="organizer")
    tell_mentee(db, row, clock.now())
    db.flush()


def expire_due(db: Session, limit: int = 200) -> int:
    """End requests that nobody answered in time; returns how many."""
    due = db.scalars(
        select(MatchRequest.id)
        .where(MatchRequest.state == RequestState.ASKED, MatchRequest.expires_at <= clock.now())
        .order_by(MatchRequest.expires_at, MatchRequest.id)
        .limit(limit)
    ).all()
    return sum(_end(db, None, one, RequestState.EXPIRED) for one in sorted(due))


def settle(db: Session, actor_id: UUID | None, offer_id: UUID) -> None:
    """Follow-up of every acceptance: its mentee asks nobody any more, and a mentor whose places are
    all taken is asked by nobody."""
    offer = db.get_one(Offer, offer_id)
    _end_all(db, actor_id, MatchRequest.mentee_id == offer.mentee_id, is_told=False)
    mentor = db.get_one(Enrollment, offer.mentor_id)
    if pairs_of(db, [mentor.id]).get(mentor.id, 0) >= mentor.capacity:
        _end_all(db, actor_id, MatchRequest.mentor_id == mentor.id)


def end_requests_of(db: Session, actor_id: UUID | None, enrollment: Enrollment) -> None:
    """Nobody waits for somebody who has left, pauses or takes nobody more."""
    _end_all(db, actor_id, MatchRequest.mentee_id == enrollment.id, is_told=False)
    _end_all(db, actor_id, MatchRequest.mentor_id == enrollment.id)


def _end_all(
    db: Session, actor_id: UUID | None, which: ColumnElement[bool], *, is_told: bool = True
) -> None:
    ids = select(MatchRequest.id).where(which, MatchRequest.state == RequestState.ASKED)
    for one in sorted(db.scalars(ids)):
        _end(db, actor_id, one, RequestState.SUPERSEDED, is_told=is_told)


def _end(
    db: Session, actor_id: UUID | None, request_id: UUID, to: RequestState, *, is_told: bool = True
) -> bool:
    row = hold(db, MatchRequest, request_id)
    is_early = to is RequestState.EXPIRED and row is not None and not is_late(row)
    if row is None or row.state is not RequestState.ASKED or is_early:
        return False
    close(db, actor_id, row, to)
    if is_told:
        tell_mentee(db, row, clock.now())
    return True


def is_late(row: MatchRequest) -> bool:
    """Whether the time to answer is over."""
    return row.expires_at <= clock.now()


def close(
    db: Session,
    actor_id: UUID | None,
    row: MatchRequest,
    to: RequestState,
    *,
    reason: str | None = None,
) -> None:
    """Bring a held request to an end and forget its reminders."""
    move(db, actor_id, row, to, reason=reason)
    row.answered_at = clock.now()
    outbox.withdraw(db, "request_waiting", subject=row.id)


def tell_mentee(db: Session, row: MatchRequest, due: datetime) -> None:
    """The mentee learns that there is an answer, and what comes next."""
    person = person_of(db, row.mentee_id)
    if person.can_sign_in:
        outbox.put(
            db, "request_answered", subject=row.id, person=person.id, due=due, revision=row.round
        )
