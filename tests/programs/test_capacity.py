"""A place is promised once, whatever happens in whatever order, and to whomever presses first."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from app.accounts.models import Person
from app.accounts.services import deactivate
from app.core import clock
from app.core.database import end_reading, reading, writing
from app.core.errors import Refused
from app.mentoring.models import Relationship
from app.programs.jobs import publish_runs, run_joint
from app.programs.models import Enrollment, Offer, PersonPlaces
from app.programs.rules import CohortState, DeclineReason, OfferState, Role
from app.programs.services import offers, runs
from app.programs.services.enrollment import set_availability
from tests.factories.programs import make_cohort, make_enrollment, make_offer

MENTEES, MENTORS = 6, 3


def machine():
    """A new world for each example: the machine's own cohort in the test's database."""

    class Places(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.now = clock.now()
            with writing() as db:
                cohort = make_cohort(db, CohortState.ACTIVE)
                self.mentees = [make_enrollment(db, cohort, Role.MENTEE) for _ in range(MENTEES)]
                self.mentors = [
                    make_enrollment(db, cohort, Role.MENTOR, capacity=1 + n % 2)
                    for n in range(MENTORS)
                ]
                self.cohort_id = cohort.id
                beside = make_cohort(db, CohortState.ACTIVE, title="Beside")
                self.beside = [  # the same people mentor in a second program
                    make_enrollment(
                        db, beside, Role.MENTOR, db.get(Person, row.person_id), capacity=2
                    )
                    for row in self.mentors
                ]
                for _ in range(MENTEES):
                    make_enrollment(db, beside, Role.MENTEE)
                self.cohorts, self.joints = [cohort.id, beside.id], 0

        def act(self, verb, *arguments, **named) -> None:
            """What rules refuse changes nothing."""
            try:
                with clock.frozen(self.now), writing() as db:
                    verb(db, *arguments, **named)
            except Refused:
                pass

        def pick(self, number, *states):
            found = reading().scalars(
                select(Offer)
                .where(Offer.cohort_id == self.cohort_id, Offer.state.in_(states))
                .order_by(Offer.id)
            )
            rows = list(found)
            end_reading()
            return rows[number % len(rows)] if rows else None

        @rule(mentee=st.integers(0, MENTEES - 1), mentor=st.integers(0, MENTORS - 1))
        def offer(self, mentee, mentor):
            def verb(db):
                make_offer(db, self.mentees[mentee], self.mentors[mentor])

            self.act(verb)

        @rule(number=st.integers(0, 9))
        def accept(self, number):
            if offer := self.pick(number, OfferState.OFFERED):
                self.act(offers.accept, self.person(offer.mentee_id), offer_id=offer.id)

        @rule(number=st.integers(0, 9))
        def decline(self, number):
            if offer := self.pick(number, OfferState.OFFERED):
                person = self.person(offer.mentee_id)
                self.act(offers.decline, person, offer_id=offer.id, reason=DeclineReason.TIME)

        @rule(days=st.integers(1, 8))
        def time_passes(self, days):
            self.now += timedelta(days=days)
            self.act(lambda db: offers.expire_due(db))

        @rule(number=st.integers(0, 9))
        def open_again(self, number):
            if offer := self.pick(number, OfferState.EXPIRED):
                self.act(offers.revive, self.person(offer.mentee_id), offer_id=offer.id)

        @rule(number=st.integers(0, 9))
        def take_back(self, number):
            if offer := self.pick(number, OfferState.OFFERED):
                self.act(
                    offers.withdraw_offer,
                    self.person(offer.mentor_id),
                    offer_id=offer.id,
                    reason="test",
                )

        @rule(mentor=st.integers(0, MENTORS - 1), capacity=st.integers(0, 3))
        def choose_places(self, mentor, capacity):
            row = self.mentors[mentor]
            self.act(
                set_availability,
                row.person_id,
                enrollment_id=row.id,
                capacity=capacity,
                takes_no_more=False,
            )

        @rule(mentor=st.integers(0, MENTORS - 1), at_most=st.none() | st.integers(0, 3))
        def choose_number(self, mentor, at_most):
            self.act(offers.choose_places, self.mentors[mentor].person_id, at_most=at_most)

        @rule(number=st.integers(0, 9))
        def a_pair_ends(self, number):
            if offer := self.pick(number, OfferState.ACCEPTED):
                self.act(offers.release, offer_id=offer.id)

        @rule(is_recalled=st.booleans())
        def both_programs_are_matched_together(self, is_recalled):
            def start(db):
                self.joint_id = runs.start_joint_run(db, None, cohort_ids=self.cohorts).id

            self.joint_id = None
            if self.joints < 2:  # each is a whole run
                self.act(start)
            if self.joint_id is None:
                return
            self.joints += 1
            with clock.frozen(self.now):
                run_joint(str(self.joint_id))
            end_reading()
            self.act(runs.publish_joint_run, None, joint_id=self.joint_id)
            if is_recalled:
                self.act(runs.recall_joint_run, None, joint_id=self.joint_id)
            self.now += timedelta(minutes=31)
            with clock.frozen(self.now):
                publish_runs()
            end_reading()

        @rule(mentee=st.integers(0, 1))
        def somebody_leaves(self, mentee):
            self.act(deactivate, None, person_id=self.mentees[mentee].person_id)

        def person(self, enrollment_id):
            rows = {e.id: e.person_id for e in (*self.mentees, *self.mentors)}
            return rows[enrollment_id]

        @invariant()
        def no_place_is_promised_twice(self):
            db = reading()
            taken = offers.places_taken(db, [mentor.id for mentor in self.mentors])
            for mentor in self.mentors:
                capacity = db.get_one(Enrollment, mentor.id).capacity
                number = db.get(PersonPlaces, mentor.person_id)
                everywhere = capacity if number is None else number.at_most
                assert taken.get(mentor.id, 0) <= min(capacity, everywhere)
                if number is not None:
                    met = offers.met_by(db, mentor.person_id, open_too=True)
                    assert met <= number.at_most, "one number for both programs"
            doubled = db.execute(
                select(Offer.mentee_id, Offer.mentor_id)
                .where(Offer.cohort_id == self.cohort_id, offers.holds_a_place())
                .group_by(Offer.mentee_id, Offer.mentor_id)
                .having(func.count() > 1)
            ).all()
            assert doubled == []
            end_reading()

    return Places


def test_places_hold_over_offers_answers_expiry_recall_and_departures(context, ids_in_order):
    run_state_machine_as_test(
        machine(),
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize("at_once", [50])
def test_of_fifty_who_accept_one_place_at_the_same_time_exactly_one_wins(app, at_once):
    with app.app_context(), writing() as db:
        cohort = make_cohort(db, CohortState.ACTIVE)
        mentor = make_enrollment(db, cohort, Role.MENTOR, capacity=at_once)
        mentees = [make_enrollment(db, cohort, Role.MENTEE) for _ in range(at_once)]
        made = [(make_offer(db, mentee, mentor).id, mentee.person_id) for mentee in mentees]
        mentor.capacity = 1  # as an override or an import would leave it
    start, won = threading.Barrier(at_once), []

    def press(offer_id, person_id):
        with app.app_context():
            start.wait()
            try:
                with writing() as db:
                    offers.accept(db, person_id, offer_id=offer_id)
                won.append(offer_id)
            except Refused:
                pass

    threads = [threading.Thread(target=press, args=one) for one in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        db = reading()
        assert len(won) == 1
        assert offers.places_taken(db, [mentor.id]) == {mentor.id: 1}
        assert db.scalar(select(func.count()).select_from(Relationship)) == 1
        ended = db.scalars(select(Offer.state).where(Offer.id.not_in(won))).all()
        assert set(ended) == {OfferState.SUPERSEDED}
        end_reading()
