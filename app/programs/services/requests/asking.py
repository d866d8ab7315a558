"""A mentee asks a mentor of the own list; the mentor is reminded."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, outbox
from app.core.database import hold
from app.core.errors import Refused
from app.programs.models import Enrollment, Exclusion, MatchRequest, MatchRun, Offer, ShortlistEntry
from app.programs.rules import (
    IN_POOL,
    OPEN_REQUESTS,
    REQUEST_DAYS,
    REQUEST_REMINDERS,
    SECOND_THOUGHTS,
    RequestState,
    RunState,
    free_places,
)
from app.programs.services.choosing import is_open
from app.programs.services.offers import places_taken
from app.programs.services.offers.asking import is_a_pair, person_of
from app.programs.weights import takes_requests

LONGEST_NOTE = 500


def ask(
    db: Session, actor_id: UUID, *, run_id: UUID, mentee_id: UUID, mentor_id: UUID, note: str = ""
) -> MatchRequest:
    """Ask a mentor of one's own list; two at a time, a week to answer."""
    mentee, mentor = hold(db, Enrollment, mentee_id), hold(db, Enrollment, mentor_id)
    run = db.get(MatchRun, run_id)
    if mentee is None or mentee.person_id != actor_id:
        raise Refused(_("Only you can say whom you would like to meet."), 403)
    if run is None or not (is_open(run) and takes_requests(run.rules) and _in_review(run)):
        raise Refused(_("The time to choose is over. You hear from us when the matching is done."))
    entry = db.scalar(
        select(ShortlistEntry).where(
            ShortlistEntry.run_id == run_id,
            ShortlistEntry.mentee_id == mentee_id,
            ShortlistEntry.mentor_id == mentor_id,
        )
    )
    if entry is None or mentor is None:
        raise Refused(_("Choose somebody of your own list."), 422)
    if len(note) > LONGEST_NOTE:
        raise Refused(_("Please shorten your note."), 422)
    _refuse_unless_may_ask(db, mentee, mentor)
    row = MatchRequest(
        cohort_id=run.cohort_id,
        run_id=run_id,
        mentee_id=mentee_id,
        mentor_id=mentor_id,
        note=note,
        reasons=list(entry.reasons),
        state=RequestState.ASKED,
        asked_at=clock.now(),
        expires_at=clock.now() + timedelta(days=REQUEST_DAYS),
        round=0,
    )
    db.add(row)
    db.flush()
    audit.record(db, actor_id, "match_request_asked", row, after=RequestState.ASKED.value)
    remind(db, row, (0, *REQUEST_REMINDERS))
    db.flush()
    return row


def _in_review(run: MatchRun) -> bool:
    return run.state is RunState.REVIEW


def still_open() -> ColumnElement[bool]:
    """Requests that count for their mentee: open, or declined so lately that nobody heard of it."""
    fresh = MatchRequest.answered_at > clock.now() - SECOND_THOUGHTS
    declined = (MatchRequest.state == RequestState.DECLINED) & fresh
    return or_(MatchRequest.state == RequestState.ASKED, declined)


def _refuse_unless_may_ask(db: Session, mentee: Enrollment, mentor: Enrollment) -> None:
    mine = MatchRequest.mentee_id == mentee.id
    if mentee.state not in IN_POOL or has_a_pair(db, mentee.id):
        raise Refused(_("You have a mentor already, or have left the pool. Nobody is asked."))
    asked = mine & (MatchRequest.mentor_id == mentor.id)
    ended = MatchRequest.state != RequestState.WITHDRAWN
    if db.scalar(select(MatchRequest.id).where(asked, ended).limit(1)):
        raise Refused(_("You have asked this mentor already. Ask the next one on your list."))
    count = select(func.count()).select_from(MatchRequest).where(mine, still_open())
    if (db.scalar(count) or 0) >= OPEN_REQUESTS:
        raise Refused(
            _("You are asking two mentors already. Wait for an answer, or take one back.")
        )
    if mentor.state not in IN_POOL or not has_free_place(db, mentor):
        raise Refused(
            _("This mentor cannot take anybody at the moment. Ask the next on your list.")
        )


def has_free_place(db: Session, mentor: Enrollment) -> bool:
    """Whether a mentor can take somebody now."""
    taken = places_taken(db, [mentor.id]).get(mentor.id, 0)
    return not mentor.takes_no_more and free_places(mentor.capacity, taken) > 0


def has_a_pair(db: Session, mentee_id: UUID) -> bool:
    """Whether a mentee has a mentor already."""
    return db.scalar(select(Offer.id).where(Offer.mentee_id == mentee_id, is_a_pair())) is not None


def remind(db: Session, row: MatchRequest, days: tuple[int, ...]) -> None:
    """Plan the mentor's messages; whoever ruled this mentee out is never told of the request."""
    person = person_of(db, row.mentor_id)
    if not person.can_sign_in or is_unheard(db, row):
        return
    begun = row.expires_at - timedelta(days=REQUEST_DAYS)
    for day in days:
        outbox.put(
            db,
            "request_waiting",
            subject=row.id,
            person=person.id,
            occasion=f"day-{day}",
            due=begun + timedelta(days=day),
            revision=row.round,
            expires=row.expires_at,
        )


def is_unheard(db: Session, row: MatchRequest) -> bool:
    """Whether the mentor ruled this mentee out: then the request runs out without being read."""
    asking = select(Enrollment.person_id).where(Enrollment.id == row.mentee_id).scalar_subquery()
    ruled_out = select(Exclusion.person_id).where(
        Exclusion.enrollment_id == row.mentor_id, Exclusion.person_id == asking
    )
    return db.scalar(ruled_out) is not None
