"""What follows from a session's time: entries of calendars, reminders, and the question after it.

`Meeting.revision` rises with each change and is the SEQUENCE of every entry; each delivery carries
it, so that a message about an older state of affairs is never wanted any more.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.core import clock, outbox
from app.mentoring.models import Meeting, Member, Relationship, SessionSlot, Topic, TopicRound
from app.mentoring.rules import ASKS, NOT_HELD, REMINDERS, UNKNOWN_AFTER, SessionState
from app.mentoring.rules.circles import RoundState
from app.programs.rules import SHAPES

PLANNED = ("session_planned", "session_entry")
KINDS = (*PLANNED, "session_reminder", "did_you_meet", "session_canceled")


def ends(meeting: Meeting) -> datetime:
    """When a session is over."""
    return meeting.starts_at + timedelta(minutes=meeting.minutes)


def next_version(meeting: Meeting) -> None:
    """The session changes: its entries are a newer version from now on."""
    meeting.revision, meeting.changed_at = meeting.revision + 1, clock.now()


def reachable(pair: Relationship) -> list[UUID]:
    """Members of today who can sign in."""
    return [m.person_id for m in pair.members if m.left_at is None and m.person.can_sign_in]


def announce(
    db: Session, pair: Relationship, meeting: Meeting, kind: str = "session_planned"
) -> None:
    """The calendar entry now, reminders before, and the question afterwards."""
    if SHAPES[pair.format].is_shared and not meeting.topic:
        _take_topic(db, pair, meeting)
    for person_id in reachable(pair):
        _announce_to(db, meeting, person_id, kind)


def _take_topic(db: Session, pair: Relationship, meeting: Meeting) -> None:
    """What a group has voted for, and no session carries yet, is this session's topic."""
    row = db.scalars(
        select(TopicRound)
        .where(TopicRound.relationship_id == pair.id, TopicRound.state == RoundState.CLOSED)
        .order_by(TopicRound.number.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return
    carrier = db.get(Meeting, row.session_id) if row.session_id else None
    if carrier is not None and carrier.state not in NOT_HELD:
        return
    chosen = select(Topic.text).where(Topic.round_id == row.id, Topic.is_winner.is_(True))
    if (text := db.scalar(chosen)) is not None:
        meeting.topic, row.session_id = text, meeting.id
        if carrier is not None:
            carrier.topic = ""
        db.flush()


def resend_entry(db: Session, meeting: Meeting, occasion: str) -> None:
    """Only the words of a session's entries change: they go out anew, its time is the same."""
    for person_id in reachable(db.get_one(Relationship, meeting.relationship_id)):
        outbox.put(
            db,
            "session_entry",
            subject=meeting.id,
            person=person_id,
            occasion=occasion,
            revision=meeting.revision,
            expires=meeting.starts_at,
        )


def welcome(db: Session, pair: Relationship, person_id: UUID) -> None:
    """Somebody joins a group under way: its sessions ahead get into their calendar, too."""
    ahead = select(Meeting).where(
        Meeting.relationship_id == pair.id,
        Meeting.state == SessionState.SCHEDULED,
        Meeting.starts_at > clock.now(),
    )
    for meeting in db.scalars(ahead.order_by(Meeting.starts_at)).all():
        _announce_to(db, meeting, person_id, "session_planned")


def _announce_to(db: Session, meeting: Meeting, person_id: UUID, kind: str) -> None:
    put = partial(outbox.put, db, subject=meeting.id, person=person_id, revision=meeting.revision)
    put(kind, expires=meeting.starts_at)
    for occasion, before in REMINDERS.items():
        due = meeting.starts_at - before
        if due > clock.now():
            put("session_reminder", occasion=occasion, due=due, expires=meeting.starts_at)
    for occasion, after in ASKS.items():
        due = ends(meeting) + after
        put("did_you_meet", occasion=occasion, due=due, expires=ends(meeting) + UNKNOWN_AFTER)


def reword(db: Session, person_id: UUID) -> None:
    """The words of somebody's entries turned: their entries to come are sent to them anew."""
    mine = select(Member.relationship_id).where(
        Member.person_id == person_id, Member.left_at.is_(None)
    )
    ahead = select(Meeting.id, Meeting.revision, Meeting.starts_at).where(
        Meeting.relationship_id.in_(mine),
        Meeting.state == SessionState.SCHEDULED,
        Meeting.starts_at > clock.now(),
    )
    occasion = f"words {clock.now().isoformat(timespec='seconds')}"
    for session_id, revision, starts_at in db.execute(ahead.order_by(Meeting.id)).all():
        outbox.put(
            db,
            "session_entry",
            subject=session_id,
            person=person_id,
            occasion=occasion,
            revision=revision,
            expires=starts_at,
        )


def take_back(db: Session, meeting: Meeting) -> None:
    """Nothing of what was written about a session so far is sent any more."""
    outbox.withdraw(db, KINDS, subject=meeting.id)


def say_canceled(db: Session, pair: Relationship, meeting: Meeting) -> None:
    """The entry leaves the calendars of today's members; of who left it was taken as they did."""
    take_back(db, meeting)
    for person_id in reachable(pair):
        outbox.put(
            db,
            "session_canceled",
            subject=meeting.id,
            person=person_id,
            revision=meeting.revision,
        )


def forget_slots(db: Session, meeting: Meeting) -> None:
    """Its proposed times are gone, and nobody is asked about them any more."""
    outbox.withdraw(db, "session_proposed", subject=meeting.id)
    db.execute(
        delete(SessionSlot)
        .where(SessionSlot.session_id == meeting.id)
        .execution_options(synchronize_session=False)
    )
    db.flush()
