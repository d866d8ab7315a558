"""Seats of groups hold as places do, whatever happens in whatever order."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from app.core import clock
from app.core.database import end_reading, reading, writing
from app.core.errors import Refused
from app.mentoring.models import Member, Relationship
from app.mentoring.rules import LIVE
from app.mentoring.services import lines
from app.programs.models import Enrollment, Offer
from app.programs.rules import CohortState, DeclineReason, OfferSource, OfferState
from app.programs.services import enrollment, offers
from tests.factories.formats import make_members
from tests.factories.programs import make_cohort

PEOPLE = 7
MOST = 5


def machine():
    """A new cohort of circles for each example."""

    class Seats(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.now = clock.now()
            with writing() as db:
                cohort = make_cohort(db, CohortState.ACTIVE, template="circle")
                form = {"kind": "circles", "least": 3, "most": MOST}
                cohort.rules = {**cohort.rules, "form": form}
                self.rows = make_members(db, cohort, PEOPLE)
                self.rows[0].capacity = 2
                self.cohort_id = cohort.id

        def act(self, verb, *arguments, **named) -> None:
            """What rules refuse changes nothing."""
            try:
                with clock.frozen(self.now), writing() as db:
                    verb(db, *arguments, **named)
            except Refused:
                pass

        def pick(self, number, state):
            found = reading().scalars(
                select(Offer).where(Offer.cohort_id == self.cohort_id, Offer.state == state)
            )
            place = {row.id: number for number, row in enumerate(self.rows)}
            rows = sorted(found, key=lambda offer: (offer.offered_at, place[offer.mentee_id]))
            end_reading()
            return rows[number % len(rows)] if rows else None

        def person(self, offer):
            return next(row.person_id for row in self.rows if row.id == offer.mentee_id)

        @rule(people=st.sets(st.integers(0, PEOPLE - 1), min_size=3, max_size=MOST))
        def propose(self, people):
            ids = [self.rows[n].id for n in sorted(people)]
            seats = [offers.Seat(one, ids[0] if one != ids[0] else ids[1]) for one in ids]
            self.act(
                offers.make_seats,
                None,
                cohort_id=self.cohort_id,
                seats=seats,
                source=OfferSource.ORGANIZER,
            )

        @rule(number=st.integers(0, 20))
        def accept(self, number):
            if offer := self.pick(number, OfferState.OFFERED):
                self.act(offers.accept, self.person(offer), offer_id=offer.id)

        @rule(number=st.integers(0, 20))
        def accept_too(self, number):
            self.accept(number)

        @rule(number=st.integers(0, 20))
        def decline(self, number):
            if offer := self.pick(number, OfferState.OFFERED):
                person, reason = self.person(offer), DeclineReason.TIME
                self.act(offers.decline, person, offer_id=offer.id, reason=reason)

        @rule(days=st.integers(1, 8))
        def time_passes(self, days):
            self.now += timedelta(days=days)
            self.act(lambda db: offers.expire_due(db))

        @rule(number=st.integers(0, 20))
        def open_again(self, number):
            if offer := self.pick(number, OfferState.EXPIRED):
                self.act(offers.revive, self.person(offer), offer_id=offer.id)

        @rule(person=st.integers(0, PEOPLE - 1), number=st.integers(0, 3))
        def stand_in_line(self, person, number):
            found = reading().scalars(
                select(Relationship.id)
                .where(Relationship.cohort_id == self.cohort_id, Relationship.state.in_(LIVE))
                .order_by(Relationship.started_at, Relationship.id)
            )
            circles, row = list(found), self.rows[person]
            end_reading()
            if circles:
                circle_id = circles[number % len(circles)]
                args = {"relationship_id": circle_id, "enrollment_id": row.id}
                self.act(lines.stand_in_line, row.person_id, **args)

        @rule()
        def free_seats_are_offered(self):
            self.act(lines.offer_free_seats)

        @rule(person=st.integers(0, PEOPLE - 1))
        def somebody_leaves(self, person):
            self.act(enrollment.withdraw, None, enrollment_id=self.rows[person].id)

        @invariant()
        def seats_and_members_agree(self):
            db = reading()
            held: dict = {}
            for mentee_id, state in db.execute(
                select(Offer.mentee_id, Offer.state).where(
                    Offer.cohort_id == self.cohort_id, offers.holds_a_place()
                )
            ):
                held.setdefault(mentee_id, []).append(state)
            for row in self.rows:
                capacity = db.get_one(Enrollment, row.id).capacity
                assert len(held.get(row.id, [])) <= capacity
            seats: Counter = Counter()
            for group_id, mentee_id in db.execute(
                select(Offer.group_id, Offer.mentee_id).where(
                    Offer.cohort_id == self.cohort_id, offers.holds_a_place()
                )
            ):
                seats[group_id] += 1
                seats[(group_id, mentee_id)] += 1
                assert seats[group_id] <= MOST, "a circle never has more seats than it holds"
                assert seats[(group_id, mentee_id)] == 1, "nobody sits twice in one circle"
            groups = db.scalars(
                select(Relationship).where(Relationship.cohort_id == self.cohort_id)
            ).all()
            live = {group.id: group for group in groups if group.state in LIVE}
            seated = db.execute(
                select(Member.relationship_id, Member.offer_id).where(
                    Member.relationship_id.in_(live), Member.left_at.is_(None)
                )
            ).all()
            for _group, offer_id in seated:
                offer = db.get_one(Offer, offer_id)
                assert offer.state is OfferState.ACCEPTED and offer.released_at is None
            accepted = sum(states.count(OfferState.ACCEPTED) for states in held.values())
            assert accepted == len(seated), "every seat that is taken is a member, and no other"
            over = {group.group_id for group in groups if group.state not in LIVE}
            asked = db.scalars(
                select(Offer.group_id).where(
                    Offer.group_id.in_(over), Offer.state == OfferState.OFFERED
                )
            ).all()
            assert asked == [], "nobody is asked to join a group that has ended"
            for group in live.values():
                here = sum(one == group.id for one, _offer in seated)
                asked = select(func.count(Offer.id)).where(
                    Offer.group_id == group.group_id, Offer.state == OfferState.OFFERED
                )
                still_asked = db.scalar(asked) if group.is_gathering else 0
                assert here + still_asked >= 2, "a group that cannot come about is called off"
            end_reading()

    return Seats


def test_seats_hold_over_answers_expiry_revival_and_departures(context, ids_in_order):
    run_state_machine_as_test(
        machine(),
        settings=settings(
            max_examples=8,
            stateful_step_count=22,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
