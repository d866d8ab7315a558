"""Times that one side proposes and the other takes with one tap."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, outbox
from app.core.database import hold
from app.core.errors import Refused
from app.core.walls import wall_of
from app.mentoring.models import Meeting, Relationship, SessionSlot
from app.mentoring.queries.circles import needs_of
from app.mentoring.queries.slots import weeks_of
from app.mentoring.rules import SessionState
from app.mentoring.rules.overlap import enough
from app.mentoring.rules.slots import MOST, PROPOSAL_DAYS
from app.mentoring.services.announcing import (
    announce,
    forget_slots,
    next_version,
    reachable,
)
from app.mentoring.services.moving import move
from app.mentoring.services.sessions import (
    call_off,
    held_planning,
    held_session,
    next_guide_session,
)


def propose(
    db: Session,
    actor_id: UUID,
    *,
    relationship_id: UUID,
    starts: Collection[datetime],
    minutes: int = 60,
    place: str = "",
) -> Meeting:
    """Propose times for the next session; the others take one of them with one tap."""
    pair = held_planning(db, relationship_id, actor_id)
    open_one = _open_proposal(db, pair)
    if open_one is not None:
        return _renew(db, actor_id, pair, open_one, starts, minutes, place)
    meeting = Meeting(
        relationship_id=pair.id,
        wall_time=clock.now().replace(tzinfo=None),
        zone="UTC",
        starts_at=clock.now(),
        state=SessionState.PLANNED,
        guide_session_id=next_guide_session(db, pair),
    )
    db.add(meeting)
    db.flush()
    audit.record(db, actor_id, "session_planned", meeting, after=meeting.state.value)
    move(db, actor_id, meeting, SessionState.PROPOSED)
    _offer(db, actor_id, pair, meeting, starts, minutes, place)
    return meeting


def _open_proposal(db: Session, pair: Relationship) -> Meeting | None:
    found = db.scalar(
        select(Meeting.id)
        .where(Meeting.relationship_id == pair.id, Meeting.state == SessionState.PROPOSED)
        .limit(1)
    )
    return hold(db, Meeting, found) if found else None


def _renew(
    db: Session,
    actor_id: UUID,
    pair: Relationship,
    meeting: Meeting,
    starts: Collection[datetime],
    minutes: int,
    place: str,
) -> Meeting:
    """Propose others instead: the former times are gone, and the other side chooses now."""
    forget_slots(db, meeting)
    next_version(meeting)
    audit.record(db, actor_id, "session_slots_replaced", meeting)
    _offer(db, actor_id, pair, meeting, starts, minutes, place)
    return meeting


def _offer(
    db: Session,
    actor_id: UUID,
    pair: Relationship,
    meeting: Meeting,
    starts: Collection[datetime],
    minutes: int,
    place: str,
) -> None:
    """Write the times down, if they still suit everybody, and ask the others."""
    weeks, now = weeks_of(db, pair), clock.now()
    chosen = sorted(set(starts))
    if not 1 <= len(chosen) <= MOST:
        raise Refused(_("Choose one to five times."), 422)
    needed, must = needs_of(pair)
    fit = [at for at in chosen if at > now and enough(weeks.sides, at, minutes, needed, must)]
    if fit != chosen:
        raise Refused(_("One of these times does not suit any more. Choose again."), 422)
    zone = weeks.zone_of(actor_id)
    db.add_all(
        SessionSlot(session_id=meeting.id, wall_time=wall_of(at, zone), zone=zone, starts_at=at)
        for at in chosen
    )
    meeting.wall_time, meeting.zone = wall_of(chosen[0], zone), zone
    meeting.starts_at, meeting.minutes, meeting.place = chosen[0], minutes, place
    meeting.planned_by = actor_id
    meeting.expires_at = min(now + PROPOSAL_DAYS, chosen[-1])
    db.flush()
    for person_id in reachable(pair):
        if person_id != actor_id:
            outbox.put(
                db,
                "session_proposed",
                subject=meeting.id,
                person=person_id,
                revision=meeting.revision,
                expires=meeting.expires_at,
            )


def accept(db: Session, actor_id: UUID, *, session_id: UUID, slot_id: UUID) -> Meeting:
    """Take one of the proposed times: from now on it is the session's, and no other one is."""
    meeting, pair = held_session(db, session_id, actor_id)
    held_planning(db, pair.id, actor_id)
    slot = db.get(SessionSlot, slot_id)
    if meeting.state is not SessionState.PROPOSED or slot is None or slot.session_id != session_id:
        raise Refused(_("These times are not open any more. Look at how things stand now."))
    if meeting.planned_by == actor_id:
        raise Refused(_("You proposed these times, so somebody else chooses."), 403)
    if slot.starts_at <= clock.now():
        raise Refused(_("That time has passed already. Choose a later one."), 422)
    move(db, actor_id, meeting, SessionState.SCHEDULED)
    meeting.wall_time, meeting.zone, meeting.starts_at = slot.wall_time, slot.zone, slot.starts_at
    meeting.expires_at = None
    next_version(meeting)
    forget_slots(db, meeting)
    announce(db, pair, meeting)
    return meeting


def expire_proposals(db: Session, limit: int = 200) -> int:
    """Proposals that nobody took in time end, and whoever made them is told."""
    due = db.scalars(
        select(Meeting.id)
        .where(Meeting.state == SessionState.PROPOSED, Meeting.expires_at <= clock.now())
        .order_by(Meeting.id)
        .limit(limit)
    ).all()
    ended = 0
    for session_id in due:
        seen = db.get_one(Meeting, session_id)
        pair = hold(db, Relationship, seen.relationship_id)
        meeting = hold(db, Meeting, session_id)
        if pair is None or meeting is None or meeting.state is not SessionState.PROPOSED:
            continue
        call_off(db, None, pair, meeting, reason="expired")
        if meeting.planned_by is not None:
            outbox.put(db, "slots_expired", subject=meeting.id, person=meeting.planned_by)
        ended += 1
    db.flush()
    return ended
