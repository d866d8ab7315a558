"""An offer that ends without a yes is not the end: another week, open again, the next candidate."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core import clock, outbox
from app.core.database import end_reading, reading, writing
from app.core.errors import Refused
from app.core.policies import Actor
from app.programs.jobs import follow_cohort, follow_up
from app.programs.models import Enrollment, MatchRun, Offer, Program
from app.programs.queries import pauses_of, waiting_page
from app.programs.rules import (
    CohortState,
    DeclineReason,
    EnrollmentState,
    OfferSource,
    OfferState,
    Role,
    RunState,
)
from app.programs.services import following, offers
from app.programs.services.enrollment import resume_due, set_availability
from tests.factories.accounts import make_person
from tests.factories.programs import make_cohort, make_enrollment, make_offer

DAY = timedelta(days=1)


@pytest.fixture
def cohort(context):
    """A cohort whose run was published."""
    with writing() as db:
        cohort = make_cohort(db, CohortState.ACTIVE)
        db.add(MatchRun(cohort_id=cohort.id, state=RunState.PUBLISHED))
        return cohort


def people(db, cohort, mentees=2, mentors=1, capacity=1):
    return (
        [make_enrollment(db, cohort, Role.MENTEE) for _ in range(mentees)],
        [make_enrollment(db, cohort, Role.MENTOR, capacity=capacity) for _ in range(mentors)],
    )


def follow(cohort) -> list[Offer]:
    """Run the job, as the sweep wakes it; the open offers afterwards."""
    assert cohort.id in following.to_follow(reading())
    end_reading()
    follow_cohort(str(cohort.id))
    end_reading()
    return list(reading().scalars(select(Offer).where(Offer.state == OfferState.OFFERED)))


def decline(offer, person_id) -> None:
    with writing() as db:
        offers.decline(db, person_id, offer_id=offer.id, reason=DeclineReason.GOALS)


def later(delta):
    return clock.frozen(clock.now() + delta)


def test_after_a_no_everybody_who_waits_is_matched_with_the_places_that_are_free(cohort):
    with writing() as db:
        (first, second), (one, other) = people(db, cohort, mentors=2)
        offer = make_offer(db, first, one)
    decline(offer, first.person_id)
    made = follow(cohort)
    pairs = {(o.mentee_id, o.mentor_id) for o in made}
    assert pairs == {(first.id, other.id), (second.id, one.id)}, "the declined pair is not repeated"
    assert {o.source for o in made} == {OfferSource.REMATCH} and all(o.reasons for o in made)


def test_searching_twice_offers_once_and_nothing_new_is_nothing_to_search(cohort):
    with writing() as db:
        people(db, cohort, mentees=2)
    assert len(follow(cohort)) == 1
    assert len(follow(cohort)) == 1
    follow_up()
    with writing() as db:
        make_enrollment(db, cohort, Role.MENTOR)
    assert len(follow(cohort)) == 2, "a new place is news"


def test_a_late_second_worker_changes_nothing(cohort):
    with writing() as db:
        people(db, cohort, mentees=1)
    instance, key = following.waiting(reading(), cohort.id)
    from app.matching.solver import solve

    outcome = solve(instance)
    end_reading()
    with writing() as db:
        assert following.offer_next(db, cohort.id, key, outcome) == 1
    with writing() as db:
        assert following.offer_next(db, cohort.id, key, outcome) == 0


def test_whoever_did_not_answer_is_not_offered_the_next_one_unasked(cohort):
    with writing() as db:
        (mentee,), (one, _other) = people(db, cohort, mentees=1, mentors=2)
        offer = make_offer(db, mentee, one)
    with later(8 * DAY):
        with writing() as db:
            offers.expire_due(db)
        assert follow(cohort) == []
        [row] = waiting_page(reading(), Actor(), cohort.id, 1, stuck_only=True).rows
        assert row.enrollment.id == mentee.id and row.silent == 1 and row.is_stuck
        with writing() as db:
            offers.revive(db, mentee.person_id, offer_id=offer.id)
        assert waiting_page(reading(), Actor(), cohort.id, 1).rows == []


def test_after_three_offers_without_a_yes_a_person_talks_to_them(cohort):
    with writing() as db:
        (mentee,), _mentors = people(db, cohort, mentees=1, mentors=4)
    for _round in range(3):
        [offer] = follow(cohort)
        decline(offer, mentee.person_id)
    assert follow(cohort) == []
    [row] = waiting_page(reading(), Actor(), cohort.id, 1).rows
    assert row.ended == 3 and row.is_stuck


@pytest.mark.parametrize("state", [RunState.QUEUED, RunState.REVIEW, RunState.PUBLISHING])
def test_nothing_is_followed_up_while_a_run_is_in_work_or_the_program_does_not_want_it(
    cohort, state
):
    with writing() as db:
        people(db, cohort)
        run = MatchRun(cohort_id=cohort.id, state=state)
        db.add(run)
    assert following.to_follow(reading()) == []
    with writing() as db:
        db.get_one(MatchRun, run.id).state = RunState.DISCARDED
        db.get_one(Program, cohort.program_id).follows_up = False
    assert following.to_follow(reading()) == []


def test_one_more_week_is_given_once_and_its_reminders_move(cohort):
    with writing() as db:
        (mentee,), (mentor,) = people(db, cohort, mentees=1)
        offer = make_offer(db, mentee, mentor)
        end = offer.expires_at
    with later(2 * DAY), writing() as db:
        offers.extend(db, mentee.person_id, offer_id=offer.id)
    found = reading().get_one(Offer, offer.id)
    assert found.expires_at == end + 7 * DAY
    due = [d.due_at for d in outbox.pending(reading(), "offer_waiting", offer.id)]
    assert {round((found.expires_at - at) / DAY) for at in due} == {4, 1}
    end_reading()
    with writing() as db, pytest.raises(Refused, match="second week"):
        offers.extend(db, mentee.person_id, offer_id=offer.id)
    with later(10 * DAY), writing() as db:
        assert offers.expire_due(db) == 0
        assert offers.accept(db, mentee.person_id, offer_id=offer.id)


def test_an_offer_that_ran_out_opens_again_only_while_both_are_free_and_for_two_weeks(cohort):
    with writing() as db:
        (first, second), (mentor,) = people(db, cohort)
        offer = make_offer(db, first, mentor)
    with later(8 * DAY):
        with writing() as db:
            offers.expire_due(db)
            taken = make_offer(db, second, mentor)
        with writing() as db, pytest.raises(Refused, match="no free place"):
            offers.revive(db, first.person_id, offer_id=offer.id)
        with writing() as db:
            offers.withdraw_offer(db, mentor.person_id, offer_id=taken.id, reason="test")
            again = offers.revive(db, first.person_id, offer_id=offer.id)
            assert again.state is OfferState.OFFERED and again.expires_at == clock.now() + 7 * DAY
    with later(40 * DAY):
        with writing() as db:
            offers.expire_due(db)
        with later(15 * DAY), writing() as db, pytest.raises(Refused, match="cannot be opened"):
            offers.revive(db, first.person_id, offer_id=offer.id)


def test_fewer_places_take_back_the_newest_open_offers_and_keep_pairs(cohort):
    with writing() as db:
        (first, second, third), (mentor,) = people(db, cohort, mentees=3, capacity=3)
        kept = make_offer(db, first, mentor)
        offers.accept(db, first.person_id, offer_id=kept.id)
    made = []
    for minutes, mentee in ((1, second), (2, third)):
        with later(timedelta(minutes=minutes)), writing() as db:
            made.append(make_offer(db, mentee, mentor))
    with writing() as db:
        set_availability(
            db, mentor.person_id, enrollment_id=mentor.id, capacity=2, takes_no_more=False
        )
    states = [reading().get_one(Offer, offer.id).state for offer in (kept, *made)]
    assert states == [OfferState.ACCEPTED, OfferState.OFFERED, OfferState.WITHDRAWN]
    assert offers.places_taken(reading(), [mentor.id]) == {mentor.id: 2}


def test_a_pause_takes_back_open_offers_and_ends_by_itself(cohort):
    with writing() as db:
        (mentee,), (mentor,) = people(db, cohort, mentees=1)
        offer = make_offer(db, mentee, mentor)
    until = (clock.now() + 10 * DAY).date()
    with writing() as db:
        set_availability(
            db,
            mentor.person_id,
            enrollment_id=mentor.id,
            capacity=1,
            takes_no_more=False,
            paused_until=until,
        )
    assert reading().get_one(Offer, offer.id).state is OfferState.WITHDRAWN
    end_reading()
    with writing() as db:
        assert resume_due(db) == 0
    with later(11 * DAY), writing() as db:
        assert resume_due(db) == 1 and resume_due(db) == 0
        assert db.get_one(Enrollment, mentor.id).state is EnrollmentState.READY
    end_reading()
    again = {"capacity": 1, "takes_no_more": False, "paused_until": until + 20 * DAY}
    with later(15 * DAY), writing() as db:
        set_availability(db, mentor.person_id, enrollment_id=mentor.id, **again)
    [(second, open_end), (first, over)] = pauses_of(reading(), mentor.id)
    assert open_end is None and over is not None, "the person sees every pause"
    assert ((over - first).days, (second - over).days) == (11, 4)


def test_only_the_person_decides_what_they_have_time_for(cohort):
    with writing() as db:
        _mentees, (mentor,) = people(db, cohort)
        other = make_person(db, "Olu")
    with writing() as db, pytest.raises(Refused, match="Only you"):
        set_availability(db, other.id, enrollment_id=mentor.id, capacity=9, takes_no_more=False)
