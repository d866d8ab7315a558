"""Handlers of the demo company on two continents, and two concerns they looked after."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.accounts.rules import OrgRoleName
from app.accounts.services import grant_role
from app.concerns import nearness
from app.concerns.models import Concern, ConcernHandler
from app.concerns.rules import HandlerState, Outcome
from app.concerns.services import handlers, handling, raising
from app.core import clock, outbox
from app.mentoring.models import Member, Relationship
from app.mentoring.rules import LIVE
from app.programs.models import Cohort, Enrollment

HANDLERS = ("hugo", "grace")  # Paris and Austin
OUTSIDE = "Open Line, an independent advice service: +00 800 5550 100, day and night"
LATE = (
    "Our group always meets at seven in the evening my time, and whoever cannot come is joked "
    "about in the chat. I did not know whom else to tell.",
    "Thank you for telling us. May I speak with the facilitator without naming you?",
    "The group now takes turns with its times, and the chat has rules that everybody wrote "
    "together. Write again if it does not hold.",
)
QUESTIONS = (
    "My mentor keeps asking whether I plan to have children. I would like him to stop, and I do "
    "not want to make it bigger than it is.",
    "Thank you. Nothing happens without you. Would a short call this week suit you?",
    "She wants to try it herself first. Ask again on Friday.",
)


def seed(db: Session, people: Mapping[str, Any], _size: str) -> None:
    """Two handlers, whom to turn to outside, one concern closed and one looked after."""
    now = clock.now()
    with clock.frozen(now - timedelta(days=90)):
        for key in HANDLERS:
            role = grant_role(db, None, person_id=people[key], role=OrgRoleName.CONCERN_HANDLER)
            row = ConcernHandler(person_id=people[key], role_id=role.id)
            row.state, row.proposed_by = HandlerState.ACTIVE, people["farid"]
            db.add(row)
        handlers.set_up(db, people["farid"], outside=OUTSIDE, kept_months=12)
    stars = {person for key, person in people.items() if key != "all"}
    hugo, grace = (people[key] for key in HANDLERS)
    told = [
        _closed(db, hugo, stars, now - timedelta(days=40)),
        _looked_after(db, grace, stars, now - timedelta(days=2)),
    ]
    for concern in told:
        if concern is not None:
            outbox.withdraw(db, "something_to_read", subject=concern.id, reason="seed")


def _closed(db: Session, handler: UUID, besides: set[UUID], day: Any) -> Concern | None:
    """About a program, decided and closed."""
    for enrollment in db.scalars(select(Enrollment).order_by(Enrollment.id).limit(60)):
        cohort = db.get_one(Cohort, enrollment.cohort_id)
        case = nearness.Subject(cohort=cohort).case(enrollment.person_id)
        if enrollment.person_id in besides or not _can_read(db, handler, case):
            continue
        with clock.frozen(day):
            concern = raising.raise_concern(
                db,
                enrollment.person_id,
                text=LATE[0],
                readers=[handler],
                cohort_id=enrollment.cohort_id,
            )
        with clock.frozen(day + timedelta(days=1)):
            handling.open_words(db, handler, concern_id=concern.id)
            handling.take(db, handler, concern_id=concern.id)
            handling.answer(db, handler, concern_id=concern.id, text=LATE[1])
        with clock.frozen(day + timedelta(days=9)):
            handling.decide(
                db, handler, concern_id=concern.id, outcome=Outcome.TALKED, text=LATE[2]
            )
        with clock.frozen(day + timedelta(days=20)):
            handling.close(db, handler, concern_id=concern.id)
        return concern
    return None


def _looked_after(db: Session, handler: UUID, besides: set[UUID], day: Any) -> Concern | None:
    """About a pair, taken by a handler."""
    pairs = select(Relationship).where(Relationship.state.in_(LIVE)).order_by(Relationship.id)
    for pair in db.scalars(pairs.limit(60)):
        members = db.scalars(select(Member).where(Member.relationship_id == pair.id)).all()
        people = {member.person_id for member in members}
        case = nearness.Case(frozenset(people), pair.cohort.program_id)
        if people & besides or len(people) != 2 or not _can_read(db, handler, case):
            continue
        raiser = next(m.person_id for m in members if m.role == "mentee")
        if db.get_one(Person, raiser).locale not in (None, "en"):
            continue
        with clock.frozen(day):
            concern = raising.raise_concern(
                db, raiser, text=QUESTIONS[0], readers=[handler], pair_id=pair.id
            )
        with clock.frozen(day + timedelta(hours=5)):
            handling.open_words(db, handler, concern_id=concern.id)
            handling.take(db, handler, concern_id=concern.id)
            handling.answer(db, handler, concern_id=concern.id, text=QUESTIONS[1])
        with clock.frozen(day + timedelta(hours=6)):
            handling.note(db, handler, concern_id=concern.id, text=QUESTIONS[2])
        return concern
    return None


def _can_read(db: Session, handler: UUID, case: nearness.Case) -> bool:
    return handler in {person.id for person in nearness.free_handlers(db, case)}
