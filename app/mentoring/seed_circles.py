"""The demo circle between its sessions: a board, a vote, a quorum, a line, and one to join it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.accounts.rules import PersonStatus
from app.core import clock
from app.mentoring.models import Member, Relationship
from app.mentoring.queries.circles import in_turn, next_meeting
from app.mentoring.rules import LIVE
from app.mentoring.rules.circles import PostKind
from app.mentoring.services import attending, board, lines, quorums, reshaping, topics, work
from app.programs.models import Enrollment
from app.programs.rules import Format, OfferSource, Role
from app.programs.services import offers
from app.programs.services.enrollment import Reply, enroll_for

POSTS = (
    (0, 9, PostKind.THANKS, "Thank you all for the patience with my case on Tuesday.", ""),
    (
        1,
        6,
        PostKind.RESOURCE,
        "Short and good: how to ask a question that is no advice in disguise.",
        "https://library.example/open-questions",
    ),
    (2, 3, PostKind.QUESTION, "Has anybody said no to a project and stayed friends?", ""),
)
REPLY = "Yes: I named who could do it instead, and by when. That helped."
TOPICS = (
    "Saying no without a long reason",
    "Being heard in large meetings",
    "When to move to another team",
)


def seed(db: Session, organizer: UUID, now: datetime) -> None:
    """Give the oldest circle its life between two sessions, and a small one beside it."""
    circle = db.scalars(
        select(Relationship)
        .where(Relationship.format == Format.CIRCLE, Relationship.state.in_(LIVE))
        .order_by(Relationship.started_at, Relationship.id)
        .limit(1)
    ).one_or_none()
    if circle is None or len(in_turn(circle)) < 4:
        return
    here = in_turn(circle)
    _board(db, circle, here, now)
    _goal(db, circle, here[0], now)
    _vote(db, circle, here, now)
    _agree(db, circle, here, now)
    _line(db, circle, now)
    _small(db, organizer, circle, now)


def _board(db: Session, circle: Relationship, here: list[Member], now: datetime) -> None:
    for who, days, kind, body, url in POSTS:
        with clock.frozen(now - timedelta(days=days)):
            post = board.write(
                db, here[who].person_id, relationship_id=circle.id, kind=kind, body=body, url=url
            )
    with clock.frozen(now - timedelta(days=2)):
        board.reply(db, here[3].person_id, post_id=post.id, body=REPLY)


def _goal(db: Session, circle: Relationship, first: Member, now: datetime) -> None:
    with clock.frozen(now - timedelta(days=30)):
        goal = work.set_goal(
            db,
            first.person_id,
            relationship_id=circle.id,
            text="Each of us has spoken in front of more than twenty people",
            measure="Five talks, however short",
            steps=("Collect occasions", "Rehearse in the circle", "Tell how it was"),
            is_shared_by_all=True,
        )
    db.refresh(goal, ["steps"])
    with clock.frozen(now - timedelta(days=12)):
        step = goal.steps[0]
        work.tick_step(db, first.person_id, goal_id=goal.id, step_id=step.id, is_done=True)


def _vote(db: Session, circle: Relationship, here: list[Member], now: datetime) -> None:
    with clock.frozen(now - timedelta(days=1)):
        row = topics.open_round(
            db,
            here[0].person_id,
            relationship_id=circle.id,
            closes_at=now + timedelta(days=4),
        )
        made = [
            topics.propose(db, here[n].person_id, round_id=row.id, text=text).id
            for n, text in enumerate(TOPICS)
        ]
        topics.vote(db, here[1].person_id, round_id=row.id, topics=made[:2])


def _agree(db: Session, circle: Relationship, here: list[Member], now: datetime) -> None:
    """Three have said for the next session, and most want nobody new for a month."""
    meeting = next_meeting(db, circle.id)
    for n, member in enumerate(here[:3]):
        if meeting is not None:
            attending.reply(db, member.person_id, session_id=meeting.id, is_coming=n != 2)
        until = (now + timedelta(days=30)).date()
        quorums.wish_closed(db, member.person_id, relationship_id=circle.id, until=until)


def _line(db: Session, circle: Relationship, now: datetime) -> None:
    """Somebody who takes part in nothing yet would like to join."""
    busy = select(Enrollment.person_id)
    person = db.scalars(
        select(Person)
        .where(
            Person.status == PersonStatus.ACTIVE,
            Person.email.is_not(None),
            Person.id.not_in(busy),
            Person.level <= 3,
        )
        .order_by(Person.name, Person.id)
        .limit(1)
    ).one_or_none()
    if person is None:
        return
    answers = {"skills_offered": ["writing"], "skills_wanted": ["visibility"]}
    reply = Reply(Role.MENTEE, answers, ("en",), person.zone)
    with clock.frozen(now - timedelta(days=5)):
        row = enroll_for(db, None, cohort_id=circle.cohort_id, person_id=person.id, reply=reply)
        lines.stand_in_line(db, person.id, relationship_id=circle.id, enrollment_id=row.id)


def _small(db: Session, organizer: UUID, circle: Relationship, now: datetime) -> None:
    """Three who also meet elsewhere make a second circle; both are asked whether they join."""
    meet = (Relationship.format == Format.PEER) | (
        (Relationship.format == Format.REVERSE) & (Member.role == Role.MENTOR)
    )
    three = db.scalars(
        select(Person)
        .where(Person.id.in_(select(Member.person_id).join(Relationship).where(meet)))
        .order_by(Person.name, Person.id)
        .limit(3)
    ).all()
    if len(three) < 3 or any(circle.has(person.id) for person in three):
        return
    with clock.frozen(now - timedelta(days=25)):
        _begin(db, organizer, circle.cohort_id, three)
    second = db.scalars(
        select(Relationship.id).where(
            Relationship.cohort_id == circle.cohort_id, Relationship.id != circle.id
        )
    ).one()
    with clock.frozen(now - timedelta(days=2)):
        reshaping.propose(db, organizer, cohort_id=circle.cohort_id, circle_ids=[circle.id, second])


def _begin(db: Session, organizer: UUID, cohort_id: UUID, people: Sequence[Person]) -> None:
    """Everybody gets a seat and says yes."""
    rows = [
        enroll_for(
            db,
            None,
            cohort_id=cohort_id,
            person_id=person.id,
            reply=Reply(Role.MENTEE, {"skills_wanted": ["visibility"]}, ("en",), person.zone),
        )
        for person in people
    ]
    first, second = rows[0].id, rows[1].id
    seats = [offers.Seat(row.id, first if row.id != first else second) for row in rows]
    source = OfferSource.ORGANIZER
    for offer in offers.make_seats(db, organizer, cohort_id=cohort_id, seats=seats, source=source):
        person_id = next(row.person_id for row in rows if row.id == offer.mentee_id)
        offers.accept(db, person_id, offer_id=offer.id)
