"""A group votes on what it talks about next: everybody ticks what they like, nobody sees whose."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock
from app.core.database import hold
from app.core.errors import Refused
from app.mentoring.models import Meeting, Relationship, Topic, TopicBallot, TopicRound
from app.mentoring.queries.circles import in_turn, is_group
from app.mentoring.queries.circles import next_meeting as coming_meeting
from app.mentoring.queries.topics import latest_round
from app.mentoring.rules import HELD
from app.mentoring.rules.circles import LONGEST_VOTE, MOST_TOPICS, RoundState, winner
from app.mentoring.services.announcing import resend_entry
from app.mentoring.services.holding import held_live
from app.mentoring.services.moving import move
from app.mentoring.services.telling import tell_all


def open_round(
    db: Session, actor_id: UUID, *, relationship_id: UUID, closes_at: datetime
) -> TopicRound:
    """Begin a vote; what was not chosen before is taken along, also a choice that nobody has
    talked about yet."""
    group = _held_group(db, relationship_id, actor_id)
    now = clock.now()
    if not now < closes_at <= now + LONGEST_VOTE:
        raise Refused(_("Choose a time to come, thirty days away at most."), 422)
    last = latest_round(db, group.id)
    if last is not None and last.state is RoundState.OPEN:
        raise Refused(_("A vote is under way already. Take part in it."))
    row = TopicRound(
        relationship_id=group.id,
        number=last.number + 1 if last else 1,
        opened_by=actor_id,
        opened_at=now,
        closes_at=closes_at,
    )
    db.add(row)
    db.flush()
    if last is not None:
        _take_along(db, last, row)
    audit.record(db, actor_id, "topic_round_opened", row, after=row.state.value)
    tell_all(db, group, "topic_vote", but=actor_id, revision=row.number, expires=closes_at)
    db.flush()
    return row


def _held_group(db: Session, relationship_id: UUID, actor_id: UUID) -> Relationship:
    group = held_live(db, relationship_id, actor_id)
    if not is_group(group):
        raise Refused(_("Only groups vote on topics."))
    return group


def _take_along(db: Session, last: TopicRound, row: TopicRound) -> None:
    """Topics keep their age; a choice whose session has not taken place is open again."""
    session = db.get(Meeting, last.session_id) if last.session_id else None
    is_over = session is not None and (session.state in HELD or session.starts_at <= clock.now())
    for topic in last.topics:
        if topic.withdrawn_at is not None or (topic.is_winner and is_over):
            continue
        topic.is_winner = False
        db.add(
            Topic(
                round_id=row.id,
                proposer_id=topic.proposer_id,
                text=topic.text,
                proposed_at=topic.proposed_at,
            )
        )
    if session is not None and not is_over:
        session.topic, last.session_id = "", None
        resend_entry(db, session, f"topic-{row.number}")


def _held_round(db: Session, actor_id: UUID, round_id: UUID) -> tuple[TopicRound, Relationship]:
    """The open round and its group, the group locked first as everywhere."""
    seen = db.get(TopicRound, round_id)
    if seen is None:
        raise Refused(_("This vote no longer exists."), 404)
    group = _held_group(db, seen.relationship_id, actor_id)
    row = hold(db, TopicRound, round_id) or seen
    if row.state is not RoundState.OPEN or row.closes_at <= clock.now():
        raise Refused(_("This vote is closed. Look at what was chosen, or begin a new one."))
    return row, group


def propose(db: Session, actor_id: UUID, *, round_id: UUID, text: str) -> Topic:
    """Propose a topic; three at most."""
    row, _group = _held_round(db, actor_id, round_id)
    standing = _standing(db, row)
    _refuse_fourth(standing, actor_id)
    if text.casefold() in {topic.text.casefold() for topic in standing}:
        raise Refused(_("This topic is on the list already. Tick it."), 422)
    topic = Topic(round_id=row.id, proposer_id=actor_id, text=text, proposed_at=clock.now())
    db.add(topic)
    db.flush()
    audit.record(db, actor_id, "topic_proposed", topic)
    return topic


def _standing(db: Session, row: TopicRound) -> Sequence[Topic]:
    on_the_list = select(Topic).where(Topic.round_id == row.id, Topic.withdrawn_at.is_(None))
    return db.scalars(on_the_list.order_by(Topic.proposed_at, Topic.id)).all()


def _refuse_fourth(standing: Sequence[Topic], actor_id: UUID) -> None:
    if sum(topic.proposer_id == actor_id for topic in standing) >= MOST_TOPICS:
        raise Refused(_("Three topics are yours already. Take one back to propose another."), 422)


def set_withdrawn(db: Session, actor_id: UUID, *, topic_id: UUID, is_withdrawn: bool) -> Topic:
    """Take one's own topic back while the vote is open, or put it up again."""
    seen = db.get(Topic, topic_id)
    if seen is None or seen.proposer_id != actor_id:
        raise Refused(_("Only the person who proposed a topic can take it back."), 403)
    row, _group = _held_round(db, actor_id, seen.round_id)
    topic = hold(db, Topic, topic_id) or seen
    if (topic.withdrawn_at is not None) != is_withdrawn:
        if not is_withdrawn:
            _refuse_fourth(_standing(db, row), actor_id)
        topic.withdrawn_at = clock.now() if is_withdrawn else None
        audit.record(db, actor_id, "topic_withdrawn", topic, after=str(is_withdrawn).lower())
    db.flush()
    return topic


def vote(db: Session, actor_id: UUID, *, round_id: UUID, topics: Collection[UUID]) -> TopicRound:
    """Tick what one likes, in place of what one ticked before; with the last voice it closes."""
    row, group = _held_round(db, actor_id, round_id)
    standing = {topic.id for topic in _standing(db, row)}
    if not set(topics) <= standing:
        raise Refused(_("A topic was taken back meanwhile. Look at the list and vote again."), 422)
    ticked = sorted(str(topic) for topic in set(topics))
    db.merge(TopicBallot(round_id=row.id, person_id=actor_id, topics=ticked))
    db.flush()
    audit.record(db, actor_id, "topic_voted", row)
    said = set(db.scalars(select(TopicBallot.person_id).where(TopicBallot.round_id == row.id)))
    if {member.person_id for member in in_turn(group)} <= said:
        _close(db, group, row)
    db.flush()
    return row


def close_due(db: Session, limit: int = 200) -> int:
    """Votes whose time has come close; returns how many."""
    due = db.scalars(
        select(TopicRound.id)
        .where(TopicRound.state == RoundState.OPEN, TopicRound.closes_at <= clock.now())
        .order_by(TopicRound.id)
        .limit(limit)
    ).all()
    closed = 0
    for round_id in due:
        group = hold(db, Relationship, db.get_one(TopicRound, round_id).relationship_id)
        row = hold(db, TopicRound, round_id)
        if group is not None and row is not None and row.state is RoundState.OPEN:
            _close(db, group, row)
            closed += 1
    db.flush()
    return closed


def _close(db: Session, group: Relationship, row: TopicRound) -> None:
    """Count the ticks of those who are here, and forget whose they were."""
    here = [member.person_id for member in in_turn(group)]
    ballots = db.scalars(
        select(TopicBallot.topics).where(
            TopicBallot.round_id == row.id, TopicBallot.person_id.in_(here)
        )
    ).all()
    standing = _standing(db, row)
    chosen = winner([topic.id for topic in standing], [[UUID(t) for t in b] for b in ballots])
    db.execute(
        delete(TopicBallot)
        .where(TopicBallot.round_id == row.id)
        .execution_options(synchronize_session="fetch")
    )
    move(db, None, row, RoundState.CLOSED)
    row.closed_at = clock.now()
    if chosen is None:
        return
    topic = next(one for one in standing if one.id == chosen)
    topic.is_winner = True
    meeting = coming_meeting(db, group.id)
    if meeting is not None:
        meeting.topic, row.session_id = topic.text, meeting.id
        resend_entry(db, meeting, f"topic-{row.number}")
    tell_all(db, group, "topic_chosen", revision=row.number)
