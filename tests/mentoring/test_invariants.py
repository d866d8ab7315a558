"""A long random walk over offers and pairs: whatever people do, the promises hold."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from app.accounts.services import deactivate
from app.audit.models import AuditEvent
from app.core import clock
from app.core.database import reading, writing
from app.core.errors import Refused
from app.mentoring.models import Meeting, Relationship
from app.mentoring.rules import TRANSITIONS as PAIR_TABLES
from app.mentoring.rules import Claim, ClosingReason, SessionState
from app.mentoring.services import relationships, sessions
from app.programs.models import Enrollment, Offer
from app.programs.rules import TRANSITIONS, DeclineReason, OfferState, Role
from app.programs.services import enrollment, offers
from tests.factories.mentoring import plan_session
from tests.factories.programs import make_cohort, make_enrollment, make_offer

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TABLES = {kind.__name__: table for kind, table in {**TRANSITIONS, **PAIR_TABLES}.items()}
KINDS = {
    "offer": "OfferState",
    "enrollment": "EnrollmentState",
    "cohort": "CohortState",
    "relationship": "RelationshipState",
    "mentoring_session": "SessionState",
}


class Walk:
    """People who do one thing after another, as they please."""

    def __init__(self, seed: int) -> None:
        self.dice, self.now = random.Random(seed), NOW
        with writing() as db:
            cohort = make_cohort(db, "active")
            self.mentors = [
                make_enrollment(db, cohort, Role.MENTOR, capacity=n % 3).id for n in range(4)
            ]
            self.mentees = [make_enrollment(db, cohort, Role.MENTEE).id for _ in range(6)]

    def step(self) -> None:
        acts = (
            self.offer,
            self.offer,
            self.offer,
            self.answer,
            self.answer,
            self.answer,
            self.wait,
            self.plan,
            self.tell,
            self.close,
            self.leave,
        )
        act = self.dice.choice(acts)
        try:
            with clock.frozen(self.now), writing() as db:
                act(db)
        except Refused:
            pass  # the rules said no; the promises are checked all the same

    def pick(self, db, model, *conditions):
        rows = db.scalars(select(model).where(*conditions).order_by(model.id)).all()
        if not rows:
            raise Refused("nothing to do")
        return self.dice.choice(rows)

    def offer(self, db) -> None:
        make_offer(
            db,
            db.get_one(Enrollment, self.dice.choice(self.mentees)),
            db.get_one(Enrollment, self.dice.choice(self.mentors)),
        )

    def answer(self, db) -> None:
        found = self.pick(db, Offer, Offer.state == OfferState.OFFERED)
        who = db.get_one(Enrollment, found.mentee_id).person_id
        if self.dice.random() < 0.6:
            offers.accept(db, who, offer_id=found.id)
        else:
            offers.decline(db, who, offer_id=found.id, reason=DeclineReason.TIME)

    def wait(self, db) -> None:
        self.now += timedelta(days=self.dice.randint(1, 5))
        with clock.frozen(self.now):
            offers.expire_due(db)
            sessions.mark_due(db)
            sessions.give_up_asking(db)
            relationships.settle_trials(db)

    def plan(self, db) -> None:
        plan_session(db, self.pick(db, Relationship), self.now + timedelta(days=2))

    def tell(self, db) -> None:
        meeting = self.pick(db, Meeting)
        pair = db.get_one(Relationship, meeting.relationship_id)
        sessions.answer(
            db,
            self.dice.choice(pair.members).person_id,
            session_id=meeting.id,
            said=self.dice.choice(list(Claim)),
        )

    def close(self, db) -> None:
        relationships.close(
            db, None, relationship_id=self.pick(db, Relationship).id, reason=ClosingReason.NO_FAULT
        )

    def leave(self, db) -> None:
        chance = self.dice.random()
        if chance < 0.05:
            deactivate(db, None, person_id=self.pick(db, Enrollment).person_id)
        elif chance < 0.15:
            enrollment.withdraw(db, None, enrollment_id=self.pick(db, Enrollment).id)


def broken_promises(now: datetime) -> list[str]:
    """What must never be, as sentences."""
    db, found = reading(), []
    capacity = dict(db.execute(select(Enrollment.id, Enrollment.capacity)).tuples().all())
    for mentor_id, taken in offers.places_taken(db, capacity).items():
        if taken > capacity[mentor_id]:
            found.append(f"{taken} people on {capacity[mentor_id]} places")
    twice = (
        select(func.count())
        .select_from(Offer)
        .where(offers.holds_a_place())
        .group_by(Offer.mentee_id, Offer.mentor_id)
        .having(func.count() > 1)
    )
    if db.scalars(twice).all():
        found.append("two live relationships of the same two people")
    ahead = (
        select(Meeting.id)
        .join(Relationship)
        .where(
            Relationship.state == "closed",
            Meeting.state == SessionState.SCHEDULED,
            Meeting.starts_at > now,
        )
    )
    if db.scalars(ahead).all():
        found.append("a closed relationship has a session to come")
    return found + changes_outside_the_tables(db)


def changes_outside_the_tables(db) -> list[str]:
    rows = db.execute(
        select(AuditEvent.subject_type, AuditEvent.before, AuditEvent.after).where(
            AuditEvent.before.is_not(None), AuditEvent.subject_type.in_(list(KINDS))
        )
    )
    return [
        f"{kind}: {before} to {after}"
        for kind, before, after in rows
        if after not in TABLES[KINDS[kind]].get(before, ())
    ]


@pytest.mark.parametrize("seed", range(3))
def test_places_pairs_and_calendars_keep_their_promises(context, seed):
    walk = Walk(seed)
    for _ in range(70):
        walk.step()
        assert broken_promises(walk.now) == []
    states = {offer.state for offer in reading().scalars(select(Offer))}
    assert {OfferState.ACCEPTED, OfferState.DECLINED} <= states, "the walk went somewhere"
