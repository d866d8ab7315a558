"""Sessions are planned, moved, canceled, and held only when somebody says so."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, outbox
from app.core.database import hold
from app.core.errors import Refused
from app.core.locale import datetime_text
from app.core.walls import NonexistentTime, instant_of
from app.mentoring.models import (
    GuideSession,
    Meeting,
    Relationship,
    SessionClaim,
    SessionReply,
)
from app.mentoring.rules import (
    AHEAD,
    ANSWERABLE,
    NOT_HELD,
    UNKNOWN_AFTER,
    Claim,
    RelationshipState,
    SessionState,
    state_after_claims,
)
from app.mentoring.services.announcing import (
    announce,
    ends,
    forget_slots,
    next_version,
    say_canceled,
    take_back,
)
from app.mentoring.services.asking import ask_trial
from app.mentoring.services.holding import held, held_live
from app.mentoring.services.moving import move


def plan(
    db: Session,
    actor_id: UUID,
    *,
    relationship_id: UUID,
    wall_time: datetime,
    zone: str,
    fold: int | None = None,
    minutes: int = 60,
    place: str = "",
) -> Meeting:
    """Plan the next session at a wall time in a zone; everybody gets it in the calendar."""
    pair = held_planning(db, relationship_id, actor_id)
    meeting = Meeting(
        relationship_id=pair.id,
        wall_time=wall_time,
        zone=zone,
        starts_at=coming(wall_time, zone, fold),
        minutes=minutes,
        place=place,
        planned_by=actor_id,
        state=SessionState.SCHEDULED,
        guide_session_id=next_guide_session(db, pair),
    )
    db.add(meeting)
    db.flush()
    audit.record(db, actor_id, "session_planned", meeting, after=meeting.state.value)
    announce(db, pair, meeting)
    return meeting


def held_planning(db: Session, relationship_id: UUID, actor_id: UUID) -> Relationship:
    """The pair, locked, if it lives and does not pause."""
    pair = held_live(db, relationship_id, actor_id)
    if pair.is_gathering:
        raise Refused(_("Not enough of you have said yes yet. The first session comes then."))
    if pair.state is RelationshipState.PAUSED:
        raise Refused(_("This pair is pausing. Resume it first, then plan a session."))
    return pair


def coming(wall_time: datetime, zone: str, fold: int | None = None) -> datetime:
    """The instant of a wall time that exists and lies ahead; of two it is the first unless said."""
    try:
        starts_at = instant_of(wall_time, zone, fold or 0)
    except NonexistentTime as skipped:
        at = datetime_text(instant_of(skipped.suggestion, zone, 0), zone)
        said = _("The clocks skip this time on that day. The same moment is %(time)s.", time=at)
        raise Refused(said, status=422) from None
    if starts_at <= clock.now():
        raise Refused(_("That time has passed already. Choose a later one."), status=422)
    return starts_at


def next_guide_session(db: Session, pair: Relationship) -> UUID | None:
    """The first session of the guide that no meeting has taken yet."""
    return next(iter(open_guide_sessions(db, pair)), None)


def open_guide_sessions(db: Session, pair: Relationship) -> list[UUID]:
    """The sessions of the guide that no meeting has taken yet, in order."""
    taken = select(Meeting.guide_session_id).where(
        Meeting.relationship_id == pair.id,
        Meeting.guide_session_id.is_not(None),
        Meeting.state.not_in(NOT_HELD),
    )
    return list(
        db.scalars(
            select(GuideSession.id)
            .where(GuideSession.guide_id == pair.guide_id, GuideSession.id.not_in(taken))
            .order_by(GuideSession.position)
        )
    )


def held_session(
    db: Session, session_id: UUID, person_id: UUID | None
) -> tuple[Meeting, Relationship]:
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
    fold: int | None = None,
    minutes: int = 60,
    place: str = "",
) -> Meeting:
    """Move a session to another time; calendars and reminders follow."""
    meeting, pair = held_session(db, session_id, actor_id)
    held_planning(db, pair.id, actor_id)
    starts_at = coming(wall_time, zone, fold)
    meeting.earlier = as_it_is(meeting)
    if meeting.state in (SessionState.SCHEDULED, SessionState.DUE):
        move(db, actor_id, meeting, SessionState.MOVED)
    move(db, actor_id, meeting, SessionState.SCHEDULED)
    meeting.wall_time, meeting.zone, meeting.starts_at = wall_time, zone, starts_at
    meeting.minutes, meeting.place = minutes, place
    _anew(db, pair, meeting)
    return meeting


def as_it_is(meeting: Meeting) -> dict[str, Any]:
    """Time and place of a session, for the Undo of what becomes of them."""
    return {
        "wall_time": meeting.wall_time.isoformat(),
        "zone": meeting.zone,
        "starts_at": meeting.starts_at.isoformat(),
        "minutes": meeting.minutes,
        "place": meeting.place,
    }


def _anew(db: Session, pair: Relationship, meeting: Meeting) -> None:
    """What was written about the former time is taken back; who comes is asked again."""
    take_back(db, meeting)
    next_version(meeting)
    for reply in db.scalars(select(SessionReply).where(SessionReply.session_id == meeting.id)):
        db.delete(reply)
    db.flush()
    announce(db, pair, meeting)


def bring_back(db: Session, actor_id: UUID | None, pair: Relationship, meeting: Meeting) -> None:
    """A canceled session that still lies ahead is on again; it returns to everybody's calendar."""
    if meeting.expires_at is not None:  # it never got beyond times that were proposed
        raise Refused(_("These times are not open any more. Propose others."))
    if meeting.starts_at <= clock.now():
        raise Refused(_("That time has passed already. Choose a later one."))
    move(db, actor_id, meeting, SessionState.SCHEDULED)
    _anew(db, pair, meeting)


def cancel(db: Session, actor_id: UUID | None, *, session_id: UUID) -> None:
    """Cancel a planned session; it leaves everybody's calendar."""
    meeting, pair = held_session(db, session_id, actor_id)
    call_off(db, actor_id, pair, meeting)
    db.flush()


def call_off(
    db: Session,
    actor_id: UUID | None,
    pair: Relationship,
    meeting: Meeting,
    reason: str | None = None,
) -> None:
    """Cancel a session that is held already; only what stood in calendars is taken out of them."""
    was_in_calendars = meeting.state not in (SessionState.PLANNED, SessionState.PROPOSED)
    move(db, actor_id, meeting, SessionState.CANCELED, reason=reason)
    next_version(meeting)
    if was_in_calendars:
        say_canceled(db, pair, meeting)
    else:
        meeting.ended_with_pair = False
        forget_slots(db, meeting)


def cancel_all(db: Session, actor_id: UUID | None, pair: Relationship) -> None:
    """Cancel everything that lies ahead of a pair that ends; no question follows it either."""
    for meeting in db.scalars(
        select(Meeting)
        .where(Meeting.relationship_id == pair.id, Meeting.state.in_(AHEAD))
        .order_by(Meeting.id)
    ).all():
        if meeting.starts_at > clock.now() or meeting.state is not SessionState.SCHEDULED:
            call_off(db, actor_id, pair, meeting)


def answer(db: Session, actor_id: UUID, *, session_id: UUID, said: Claim) -> Meeting:
    """Say whether a session was held; only this makes it count."""
    meeting, pair = held_session(db, session_id, actor_id)
    if meeting.starts_at > clock.now():
        raise Refused(_("This session has not begun yet. Answer after it."))
    if meeting.state not in ANSWERABLE:
        raise Refused(_("There is nothing to answer for this session any more."))
    if all(member.person_id != actor_id for member in pair.there_at(meeting.starts_at)):
        raise Refused(_("This session was before you joined, so the others answer for it."))
    key = {"session_id": meeting.id, "person_id": actor_id, "revision": meeting.revision}
    db.merge(SessionClaim(answer=said, answered_at=clock.now(), **key))
    db.flush()
    db.expire(meeting, ["claims"])
    if meeting.state is SessionState.SCHEDULED:
        move(db, None, meeting, SessionState.DUE)
    _follow_claims(db, actor_id, meeting, pair)
    if said is Claim.MET:
        ask_trial(db, pair)
    outbox.withdraw(db, "did_you_meet", subject=meeting.id, person=actor_id, reason="answered")
    db.flush()
    return meeting


def follow_leaving(db: Session, pair: Relationship) -> None:
    """Somebody left: what only their word was missing for is confirmed by those who are there."""
    claimed = select(Meeting).where(
        Meeting.relationship_id == pair.id, Meeting.state == SessionState.CLAIMED
    )
    for meeting in db.scalars(claimed.order_by(Meeting.id)).all():
        _follow_claims(db, None, meeting, pair)
    db.flush()


def _follow_claims(
    db: Session, actor_id: UUID | None, meeting: Meeting, pair: Relationship
) -> None:
    said = {c.person_id: c.answer for c in meeting.claims if c.revision == meeting.revision}
    asked = [member.person_id for member in pair.there_at(meeting.starts_at)]
    after = state_after_claims(said, asked)
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
    meeting, _pair = held_session(db, session_id, person_id)
    is_used = _has_claimed(db, session_id, person_id, revision)
    if is_used and meeting.state is SessionState.CONFIRMED:
        raise Refused(_("This link has been used already, and everybody has said that you met."))
    if is_used or meeting.revision != revision:
        raise Refused(_("This link has been used already. You can change your answer in Trellis."))
    if clock.now() >= ends(meeting) + UNKNOWN_AFTER:
        raise Refused(_("This link has expired. You can still answer in Trellis."))
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
