"""Sessions are planned, moved, canceled, and held only when somebody says so."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, outbox
from app.core.database import hold
from app.core.errors import Refused
from app.mentoring.models import GuideSession, Meeting, Relationship, SessionClaim
from app.mentoring.rules import (
    AHEAD,
    ANSWERABLE,
    ASKS,
    REMINDERS,
    UNKNOWN_AFTER,
    Claim,
    RelationshipState,
    SessionState,
    instant_of,
    state_after_claims,
)
from app.mentoring.services.holding import held, held_live
from app.mentoring.services.moving import move

KINDS = ("session_reminder", "did_you_meet")


def plan(
    db: Session,
    actor_id: UUID,
    *,
    relationship_id: UUID,
    wall_time: datetime,
    zone: str,
    minutes: int = 60,
    place: str = "",
) -> Meeting:
    """Plan the next session at a wall time in a zone; everybody gets it in the calendar."""
    pair = held_live(db, relationship_id, actor_id)
    if pair.state is RelationshipState.PAUSED:
        raise Refused(_("This pair is pausing. Resume it first, then plan a session."))
    starts_at = _coming(wall_time, zone)
    meeting = Meeting(
        relationship_id=pair.id,
        wall_time=wall_time,
        zone=zone,
        starts_at=starts_at,
        minutes=minutes,
        place=place,
        planned_by=actor_id,
        state=SessionState.SCHEDULED,
        guide_session_id=next_guide_session(db, pair),
    )
    db.add(meeting)
    db.flush()
    audit.record(db, actor_id, "session_planned", meeting, after=meeting.state.value)
    _announce(db, pair, meeting)
    return meeting


def _coming(wall_time: datetime, zone: str) -> datetime:
    starts_at = instant_of(wall_time, zone)
    if starts_at <= clock.now():
        raise Refused(_("That time has passed already. Choose a later one."), status=422)
    return starts_at


def next_guide_session(db: Session, pair: Relationship) -> UUID | None:
    """The first session of the guide that no meeting has taken yet."""
    taken = select(Meeting.guide_session_id).where(
        Meeting.relationship_id == pair.id,
        Meeting.guide_session_id.is_not(None),
        Meeting.state.not_in([SessionState.CANCELED, SessionState.MISSED, SessionState.UNKNOWN]),
    )
    return db.scalar(
        select(GuideSession.id)
        .where(GuideSession.guide_id == pair.guide_id, GuideSession.id.not_in(taken))
        .order_by(GuideSession.position)
        .limit(1)
    )


def _announce(db: Session, pair: Relationship, meeting: Meeting) -> None:
    """The calendar entry now, reminders before, and the question afterwards."""
    for member in pair.members:
        if member.left_at is None and member.person.can_sign_in:
            _announce_to(db, meeting, member.person_id)


def _announce_to(db: Session, meeting: Meeting, person_id: UUID) -> None:
    put = partial(outbox.put, db, subject=meeting.id, person=person_id, revision=meeting.revision)
    put("session_planned", expires=meeting.starts_at)
    for occasion, before in REMINDERS.items():
        due = meeting.starts_at - before
        if due > clock.now():
            put("session_reminder", occasion=occasion, due=due, expires=meeting.starts_at)
    for occasion, after in ASKS.items():
        due = ends(meeting) + after
        put("did_you_meet", occasion=occasion, due=due, expires=ends(meeting) + UNKNOWN_AFTER)


def ends(meeting: Meeting) -> datetime:
    """When a session is over."""
    return meeting.starts_at + timedelta(minutes=meeting.minutes)


def _held(db: Session, session_id: UUID, person_id: UUID | None) -> tuple[Meeting, Relationship]:
    """The session and its pair, the pair locked first as everywhere."""
    seen = db.get(Meeting, session_id)
    if seen is None:
        raise Refused(_("This session no longer exists."))
    pair = held(db, seen.relationship_id, person_id)
    return hold(db, Meeting, session_id) or seen, pair


def reschedule(
    db: Session,
    actor_id: UUID,
    *,
    session_id: UUID,
    wall_time: datetime,
    zone: str,
    minutes: int = 60,
    place: str = "",
) -> Meeting:
    """Move a session to another time; calendars and reminders follow."""
    meeting, pair = _held(db, session_id, actor_id)
    starts_at = _coming(wall_time, zone)
    _take_back(db, meeting)
    if meeting.state is SessionState.SCHEDULED:
        move(db, actor_id, meeting, SessionState.MOVED)
    move(db, actor_id, meeting, SessionState.SCHEDULED)
    meeting.wall_time, meeting.zone, meeting.starts_at = wall_time, zone, starts_at
    meeting.minutes, meeting.place, meeting.revision = minutes, place, meeting.revision + 1
    db.flush()
    _announce(db, pair, meeting)
    return meeting


def cancel(db: Session, actor_id: UUID | None, *, session_id: UUID) -> None:
    """Cancel a planned session; it leaves everybody's calendar."""
    meeting, pair = _held(db, session_id, actor_id)
    _cancel(db, actor_id, pair, meeting)
    db.flush()


def _cancel(db: Session, actor_id: UUID | None, pair: Relationship, meeting: Meeting) -> None:
    move(db, actor_id, meeting, SessionState.CANCELED)
    meeting.revision += 1
    _take_back(db, meeting)
    for member in pair.members:
        if member.person.can_sign_in:
            outbox.put(
                db,
                "session_canceled",
                subject=meeting.id,
                person=member.person_id,
                revision=meeting.revision,
            )


def _take_back(db: Session, meeting: Meeting) -> None:
    for kind in ("session_planned", *KINDS):
        outbox.withdraw(db, kind, subject=meeting.id)


def cancel_all(db: Session, actor_id: UUID | None, pair: Relationship) -> None:
    """Cancel everything that lies ahead of a pair that ends; no question follows it either."""
    for meeting in db.scalars(
        select(Meeting)
        .where(Meeting.relationship_id == pair.id, Meeting.state.in_(AHEAD))
        .order_by(Meeting.id)
    ).all():
        if meeting.starts_at > clock.now():
            _cancel(db, actor_id, pair, meeting)


def answer(db: Session, actor_id: UUID, *, session_id: UUID, said: Claim) -> Meeting:
    """Say whether a session was held; only this makes it count."""
    meeting, pair = _held(db, session_id, actor_id)
    if meeting.starts_at > clock.now():
        raise Refused(_("This session has not begun yet. Answer after it."))
    if meeting.state not in ANSWERABLE:
        raise Refused(_("There is nothing to answer for this session any more."))
    key = {"session_id": meeting.id, "person_id": actor_id, "revision": meeting.revision}
    db.merge(SessionClaim(answer=said, answered_at=clock.now(), **key))
    db.flush()
    db.expire(meeting, ["claims"])
    if meeting.state is SessionState.SCHEDULED:
        move(db, None, meeting, SessionState.DUE)
    _follow_claims(db, actor_id, meeting, pair)
    outbox.withdraw(db, "did_you_meet", subject=meeting.id, person=actor_id, reason="answered")
    db.flush()
    return meeting


def _follow_claims(db: Session, actor_id: UUID, meeting: Meeting, pair: Relationship) -> None:
    said = {c.person_id: c.answer for c in meeting.claims if c.revision == meeting.revision}
    after = state_after_claims(said, sum(m.left_at is None for m in pair.members))
    if after is SessionState.CONFIRMED and meeting.state is not SessionState.CLAIMED:
        move(db, actor_id, meeting, SessionState.CLAIMED)
    if after is not meeting.state:
        move(db, actor_id, meeting, after)


def _has_claimed(db: Session, session_id: UUID, person_id: UUID, revision: int) -> bool:
    found: SessionClaim | None = db.get(SessionClaim, (session_id, person_id, revision))
    return found is not None


def answer_by_link(
    db: Session, person_id: UUID, *, session_id: UUID, revision: int, said: Claim
) -> None:
    """Answer by the link of a mail, once; to change the answer one opens the workspace."""
    meeting, _pair = _held(db, session_id, person_id)
    is_used = _has_claimed(db, session_id, person_id, revision)
    if is_used or meeting.revision != revision:
        raise Refused(_("This link has been used already. You can change your answer in Trellis."))
    answer(db, person_id, session_id=session_id, said=said)


def mark_due(db: Session, limit: int = 500) -> int:
    """Sessions whose time has passed wait for what people say."""
    return _pass(db, SessionState.SCHEDULED, SessionState.DUE, timedelta(), limit)


def give_up_asking(db: Session, limit: int = 500) -> int:
    """After fourteen days without an answer a session is unknown, never held."""
    return _pass(db, SessionState.DUE, SessionState.UNKNOWN, UNKNOWN_AFTER, limit)


def _pass(
    db: Session, before: SessionState, after: SessionState, wait: timedelta, limit: int
) -> int:
    latest = clock.now() - wait
    found = db.scalars(
        select(Meeting.id)
        .where(Meeting.state == before, Meeting.starts_at <= latest)
        .order_by(Meeting.starts_at, Meeting.id)
        .limit(limit)
    ).all()
    passed = 0
    for session_id in sorted(found):
        meeting = hold(db, Meeting, session_id)
        if meeting and meeting.state is before and ends(meeting) <= latest:
            move(db, None, meeting, after)
            passed += 1
    db.flush()
    return passed
