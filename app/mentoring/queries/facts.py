"""What the rules about risk read: when something happened and how often, never a word of it.

Ten statements, however many relationships there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, select
from sqlalchemy.orm import Session

from app.accounts.models import JobFact, Person
from app.accounts.rules import PersonStatus
from app.core import clock
from app.holidays import queries as holidays
from app.holidays.rules import of_site
from app.mentoring.models import (
    Goal,
    Meeting,
    Member,
    PairMessage,
    Pause,
    Reassurance,
    Relationship,
    SessionFeedback,
)
from app.mentoring.rules import (
    HELD,
    GoalState,
    RelationshipState,
    SessionState,
    Sharing,
)
from app.mentoring.rules.lifecycle import settling_of
from app.mentoring.rules.risks import Facts, Own
from app.programs.models import Enrollment
from app.programs.rules import SHAPES, Role

WATCHED = (RelationshipState.TRIAL, RelationshipState.ACTIVE, RelationshipState.PAUSED)
BEHIND = timedelta(days=400)  # what is longer ago counts for nothing here
AFTER_THE_FIRST = timedelta(days=7)  # people think about whether they go on
BELIEVED = 3  # of sessions in a row of which nobody says anything, so many may have been held
_OPEN = (SessionState.SCHEDULED, SessionState.DUE, SessionState.UNKNOWN)


@dataclass(slots=True)
class Watched:
    """One relationship as the rules see it: its facts, its people, and what is theirs alone."""

    relationship_id: UUID
    state: RelationshipState
    facts: Facts
    people: list[UUID]
    own: list[Own]
    # Who has not answered the last message.
    owes_answer: frozenset[UUID]
    is_asked: bool


@dataclass(slots=True)
class _Seen:
    """What the statements bring together of one relationship."""

    row: Row[Any]
    members: list[Row[Any]] = field(default_factory=list)
    meetings: list[Row[Any]] = field(default_factory=list)
    pauses: list[Row[Any]] = field(default_factory=list)
    messages: list[Row[Any]] = field(default_factory=list)
    goals: list[Row[Any]] = field(default_factory=list)
    ratings: list[Row[Any]] = field(default_factory=list)
    fine: Row[Any] | None = None


def watched(db: Session, only: Collection[UUID] | None = None) -> dict[UUID, Watched]:
    """All relationships that the rules look at, or some of them."""
    seen = {row.id: _Seen(row) for row in db.execute(_relationships(only))}
    if not seen:
        return {}
    earliest = clock.now() - BEHIND
    for name, statement in _statements(earliest):
        for row in db.execute(_limited(statement, only)):
            if (one := seen.get(row.relationship_id)) is not None:
                getattr(one, name).append(row)
    for row in db.execute(_limited(_of(Reassurance.said_on, Reassurance.until), only)):
        if (one := seen.get(row.relationship_id)) is not None:
            one.fine = row
    away = _leaves(db, only)
    off = _days_off(db, earliest.date(), seen.values())
    return {key: _watched(one, away, off) for key, one in seen.items() if one.members}


def _is_watched() -> tuple[ColumnElement[bool], ...]:
    return Relationship.state.in_(WATCHED), Relationship.is_gathering.is_(False)


def _relationships(only: Collection[UUID] | None) -> Select[Any]:
    row = Relationship
    query = select(
        row.id,
        row.state,
        row.format,
        row.cadence_days,
        row.started_at,
        row.trial_asked_at,
        row.renewal_asked_at,
    ).where(*_is_watched())
    return query if only is None else query.where(row.id.in_(only))


def _of(*columns: Any) -> Select[Any]:
    """Columns of something that hangs on a watched relationship."""
    about = columns[0].class_
    return (
        select(about.relationship_id, *columns)
        .join(Relationship, Relationship.id == about.relationship_id)
        .where(*_is_watched())
    )


def _limited(query: Select[Any], only: Collection[UUID] | None) -> Select[Any]:
    return query if only is None else query.where(Relationship.id.in_(only))


def _statements(earliest: datetime) -> Iterator[tuple[str, Select[Any]]]:
    yield (
        "members",
        _of(
            Member.person_id,
            Member.role,
            Person.site,
            Enrollment.paused_from,
            Enrollment.paused_until,
            Enrollment.resumed_on,
        )
        .join(Person, Person.id == Member.person_id)
        .outerjoin(Enrollment, Enrollment.id == Member.enrollment_id)
        .where(Member.left_at.is_(None))
        .order_by(Member.person_id),
    )
    planned = (Meeting.created_at, Meeting.changed_at, Meeting.expires_at)
    yield (
        "meetings",
        _of(Meeting.state, Meeting.starts_at, *planned)
        .where(Meeting.ended_with_pair.is_(False), Meeting.starts_at > earliest)
        .order_by(Meeting.starts_at, Meeting.id),
    )
    yield "pauses", _of(Pause.began_on, Pause.until, Pause.ended_on)
    yield (
        "messages",
        _of(PairMessage.author_id, PairMessage.sent_at)
        .where(PairMessage.deleted_at.is_(None), PairMessage.sent_at > earliest)
        .order_by(PairMessage.sent_at),
    )
    yield (
        "goals",
        _of(Goal.owner_id, Goal.is_shared_by_all, Goal.state, Goal.sharing, Goal.moved_at).where(
            Goal.state != GoalState.DROPPED
        ),
    )
    yield (
        "ratings",
        select(
            Meeting.relationship_id,
            SessionFeedback.person_id,
            SessionFeedback.rating,
            SessionFeedback.given_at,
        )
        .join(Meeting, Meeting.id == SessionFeedback.session_id)
        .join(Relationship, Relationship.id == Meeting.relationship_id)
        .where(*_is_watched(), SessionFeedback.rating.is_not(None))
        .order_by(Meeting.starts_at, Meeting.id),
    )


Spans = dict[UUID, list[tuple[date, date]]]


def _leaves(db: Session, only: Collection[UUID] | None) -> Spans:
    """Days on which people were on leave, by the history of their status."""
    members = (
        select(Member.person_id)
        .join(Relationship, Relationship.id == Member.relationship_id)
        .where(*_is_watched(), Member.left_at.is_(None))
    )
    on_leave = PersonStatus.ON_LEAVE.value
    been = select(JobFact.person_id).where(
        JobFact.attribute == "status",
        JobFact.value == on_leave,
        JobFact.person_id.in_(_limited(members, only)),
    )
    rows = db.execute(
        select(JobFact.person_id, JobFact.value, JobFact.holds_from)
        .where(JobFact.attribute == "status", JobFact.person_id.in_(been))
        .order_by(JobFact.person_id, JobFact.holds_from)
    ).all()
    spans: Spans = defaultdict(list)
    today = clock.now().date()
    for number, row in enumerate(rows):
        if row.value == on_leave:
            after = rows[number + 1] if number + 1 < len(rows) else None
            is_next = after is not None and after.person_id == row.person_id
            last = after.holds_from - timedelta(days=1) if is_next and after else today
            spans[row.person_id].append((row.holds_from, min(last, today)))
    return spans


def _days_off(db: Session, first: date, seen: Iterable[_Seen]) -> dict[str, frozenset[date]]:
    """The days off of each site at which somebody works."""
    known = holidays.since(db, first)
    sites = {member.site or "" for one in seen for member in one.members}
    return {site: frozenset(of_site(known, site)) for site in sites}


def _watched(one: _Seen, away: Spans, off: dict[str, frozenset[date]]) -> Watched:
    row, today = one.row, clock.now().date()
    is_trial_asked = row.state is RelationshipState.TRIAL and row.trial_asked_at is not None
    waits_since, owes = _waiting(one)
    shared = [goal for goal in one.goals if goal.sharing is Sharing.PROGRAM]
    return Watched(
        relationship_id=row.id,
        state=row.state,
        people=[member.person_id for member in one.members],
        own=[_own(one, member) for member in one.members],
        owes_answer=owes,
        is_asked=is_trial_asked or row.renewal_asked_at is not None,
        facts=Facts(
            today=today,
            started=row.started_at.date(),
            cadence_days=row.cadence_days,
            format=row.format,
            **_sessions(one),
            waits_since=waits_since,
            written_on=one.messages[-1].sent_at.date() if one.messages else None,
            shared_goal_moved=_moved(shared),
            goal_moved=max((goal.moved_at.date() for goal in shared), default=None),
            fine_from=one.fine.said_on if one.fine else None,
            fine_until=one.fine.until if one.fine else None,
            still=frozenset(_still(one, away, off)),
        ),
    )


def _sessions(one: _Seen) -> dict[str, Any]:
    """Those that were held, the next one, and those that were canceled since."""
    now = clock.now()
    held = tuple(dict.fromkeys(m.starts_at.date() for m in one.meetings if m.state in HELD))
    perhaps = [m.starts_at.date() for m in one.meetings if _is_open(m, now)]
    since = [day for day in perhaps if not held or day > held[-1]]
    ahead = [m.starts_at for m in one.meetings if _stands(m, now)]
    canceled = [
        (m.changed_at or m.created_at).date()
        for m in one.meetings
        if m.state is SessionState.CANCELED
        and m.expires_at is None
        and (not held or m.starts_at.date() > held[-1])
    ]
    return {
        "held": held,
        "perhaps": tuple(day for day in perhaps if day not in since[BELIEVED:]),
        "ahead": ahead[0].date() if ahead else None,
        "planned_on": max((m.created_at.date() for m in one.meetings), default=None),
        "canceled": tuple(canceled),
    }


def _is_open(meeting: Row[Any], now: datetime) -> bool:
    """Whether its time has passed and nobody has said how it was, nor denied it."""
    return meeting.state in _OPEN and bool(meeting.starts_at <= now)


def _stands(meeting: Row[Any], now: datetime) -> bool:
    """Whether a session lies ahead, or times for it can still be chosen."""
    if meeting.state is SessionState.PROPOSED:
        return bool(meeting.expires_at is not None and meeting.expires_at > now)
    return bool(meeting.state is SessionState.SCHEDULED and meeting.starts_at > now)


def _waiting(one: _Seen) -> tuple[date | None, frozenset[UUID]]:
    """Since when the last message waits, and for whom; in a group anybody's answer is one."""
    if not one.messages:
        return None, frozenset()
    author, since = one.messages[-1].author_id, one.messages[-1].sent_at
    for message in reversed(one.messages):
        if message.author_id != author:
            break
        since = message.sent_at
    return since.date(), frozenset(m.person_id for m in one.members if m.person_id != author)


def _moved(goals: Iterable[Row[Any]]) -> date | None:
    """When one of the goals under way last moved."""
    days = [goal.moved_at.date() for goal in goals if goal.state is GoalState.ACTIVE]
    return max(days, default=None)


def _own(one: _Seen, member: Row[Any]) -> Own:
    me = member.person_id
    goals = [goal for goal in one.goals if goal.owner_id == me or goal.is_shared_by_all]
    said = [each for each in one.ratings if each.person_id == me]
    return Own(
        person_id=me,
        sets_goals=member.role is Role.MENTEE or SHAPES[one.row.format].is_mutual,
        has_goal=bool(goals),
        goal_moved=_moved(goals),
        ratings=tuple(each.rating for each in said),
        rated_on=said[-1].given_at.date() if said else None,
    )


def _still(one: _Seen, away: Spans, off: dict[str, frozenset[date]]) -> Iterator[date]:
    """The days on which the timers stand still."""
    today, row = clock.now().date(), one.row
    spans = [(pause.began_on, pause.ended_on or pause.until) for pause in one.pauses]
    for member in one.members:
        spans += away.get(member.person_id, [])
        if (back := member.paused_until or member.resumed_on) is not None:
            spans.append((member.paused_from or today, back))
        yield from (day for day in off[member.site or ""] if day > row.started_at.date())
    if row.trial_asked_at is not None:
        spans.append((row.trial_asked_at.date(), settling_of(row.trial_asked_at).date()))
    now = clock.now()
    met = [m.starts_at.date() for m in one.meetings if m.state in HELD or _is_open(m, now)]
    if met:
        spans.append((met[0], met[0] + AFTER_THE_FIRST))
    for first, last in spans:
        for number in range((min(last, today) - first).days + 1):
            yield first + timedelta(days=number)
