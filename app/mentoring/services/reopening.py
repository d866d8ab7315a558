"""A relationship that ended can come back for two weeks, with the sessions it had planned."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.rules import PersonStatus
from app.core import clock
from app.core.database import session_of
from app.core.errors import Refused
from app.mentoring.models import Meeting, Relationship
from app.mentoring.rules import AskedQuestion, ClosingReason, RelationshipState, SessionState
from app.mentoring.rules.lifecycle import (
    RENEWAL_LEAD,
    UNDONE_WITHIN,
    may_come_back,
    occasion_of,
)
from app.mentoring.services import asking, rematches, sessions
from app.mentoring.services.holding import held, held_for_organizer
from app.mentoring.services.moving import move
from app.mentoring.services.telling import take_back_questions, tell_all
from app.mentoring.services.terms import OVER
from app.programs.services import offers

OURS = (ClosingReason.ORGANIZER, ClosingReason.INACTIVITY, ClosingReason.COHORT_END)


def organizers_may_reopen(pair: Relationship) -> bool:
    """Whether organizers can take this ending back now."""
    facts = (pair.state, pair.closed_from, pair.closing_reason, pair.closed_at)
    is_ours = pair.group_id is None and pair.closing_reason in OURS
    return is_ours and may_come_back(*facts, clock.now())


def members_may_reopen(pair: Relationship) -> bool:
    """Whether the people of a pair can go on after all: not what organizers or care ended."""
    facts = (pair.state, pair.closed_from, pair.closing_reason, pair.closed_at)
    is_theirs = pair.closing_reason is not ClosingReason.ORGANIZER
    return is_theirs and may_come_back(*facts, clock.now()) and _are_still_here(pair)


def _are_still_here(pair: Relationship) -> bool:
    """Nobody is asked to go on with somebody who has left the organization or the program."""
    works_here = all(member.person.status is not PersonStatus.LEFT for member in pair.members)
    db, offer_id = session_of(pair), pair.offer_id
    return works_here and (offer_id is None or offers.are_still_here(db, offer_id=offer_id))


def reopen(db: Session, actor_id: UUID, *, relationship_id: UUID) -> bool:
    """Ask for the pair to go on. Who ended it takes that back alone for a day; else it takes all.

    Returns whether the pair is open again; if not, the others are asked.
    """
    pair = held(db, relationship_id, actor_id)
    _refuse_unless_recent(pair)
    if not members_may_reopen(pair):
        raise Refused(_("This pair cannot be opened again. The organizers find a new match."))
    assert pair.closed_at is not None
    if pair.closed_by == actor_id and clock.now() < pair.closed_at + UNDONE_WITHIN:
        _open_again(db, actor_id, pair)
        return True
    asking.keep(db, actor_id, pair, AskedQuestion.REOPENING, True)
    said = asking.answers(db, pair, AskedQuestion.REOPENING)
    if all(said.get(member.person_id) for member in pair.members if member.left_at is None):
        _open_again(db, actor_id, pair)
        return True
    tell_all(db, pair, "reopen_asked", but=actor_id, revision=occasion_of(pair.closed_at))
    return False


def reopen_for(db: Session, actor_id: UUID, *, relationship_id: UUID) -> None:
    """Take back an ending that organizers or the calendar caused, as an organizer."""
    pair = held_for_organizer(db, relationship_id, actor_id)
    _refuse_unless_recent(pair)
    if pair.closing_reason not in OURS:
        raise Refused(_("Only the two can open this pair again; they ended it themselves."))
    _open_again(db, actor_id, pair)


def _refuse_unless_recent(pair: Relationship) -> None:
    facts = (pair.state, pair.closed_from, pair.closing_reason, pair.closed_at)
    if pair.group_id is not None:
        raise Refused(_("A group that ended stays ended. The organizers can gather a new one."))
    if not may_come_back(*facts, clock.now()):
        raise Refused(_("This pair cannot be opened again. The organizers find a new match."))


def _open_again(db: Session, actor_id: UUID, pair: Relationship) -> None:
    if pair.offer_id is not None:
        offers.take_again(db, offer_id=pair.offer_id)
    move(db, actor_id, pair, RelationshipState.ACTIVE, reason="reopened")
    for member in pair.members:
        if pair.closing_reason is ClosingReason.COMPLETED and member.enrollment_id:
            offers.go_on(db, None, enrollment_id=member.enrollment_id)
    assert pair.closed_at is not None
    revision = occasion_of(pair.closed_at)
    pair.closed_at = pair.closing_reason = pair.closing_code = None
    pair.closed_from = pair.closed_by = pair.renewal_asked_at = None
    today = clock.now().date()
    if pair.ends_on is None or pair.ends_on <= today:
        pair.ends_on = today + RENEWAL_LEAD
    if pair.cohort.state in OVER:  # what lives on behind its cohort is in a further term
        pair.term += 1
        pair.renewed_at = pair.renewed_at or clock.now()
    asking.forget(db, pair)
    take_back_questions(db, pair)
    rematches.take_back(db, pair)
    bring_back_sessions(db, actor_id, pair)
    tell_all(db, pair, "pair_reopened", revision=revision)
    db.flush()


def bring_back_sessions(db: Session, actor_id: UUID, pair: Relationship) -> None:
    """Sessions that ended with the pair and still lie ahead return to all calendars."""
    for meeting in db.scalars(
        select(Meeting)
        .where(Meeting.relationship_id == pair.id, Meeting.ended_with_pair.is_(True))
        .order_by(Meeting.id)
    ).all():
        meeting.ended_with_pair = False
        if meeting.state is SessionState.CANCELED and meeting.starts_at > clock.now():
            sessions.bring_back(db, actor_id, pair, meeting)
