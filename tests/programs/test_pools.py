"""One number over all programs: a person's places are promised once, whichever program asks."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.core import clock
from app.core.database import end_reading, reading, writing
from app.core.errors import Refused
from app.mentoring.models import Relationship
from app.programs import feed
from app.programs.jobs import run_match
from app.programs.models import Cohort, Enrollment, MatchRun, Offer
from app.programs.queries import counts
from app.programs.rules import CohortState, DeclineReason, EnrollmentState, OfferState, Role
from app.programs.services import offers, runs
from app.programs.services.offers.returning import take_again
from tests.factories.accounts import make_person
from tests.factories.programs import make_cohort, make_enrollment, make_offer


def two_programs(db, at_most=None, capacity=2):
    """Mia mentors in two programs; returns her, her enrollments, and a mentee of each."""
    mia = make_person(db, "Mia Mentor")
    cohorts = [make_cohort(db, CohortState.ACTIVE, title=title) for title in ("One", "Two")]
    mentors = [make_enrollment(db, c, Role.MENTOR, mia, capacity=capacity) for c in cohorts]
    mentees = [make_enrollment(db, cohort) for cohort in cohorts]
    if at_most is not None:
        offers.choose_places(db, mia.id, at_most=at_most)
    return mia, mentors, mentees


def state_of(offer_id):
    return reading().scalar(select(Offer.state).where(Offer.id == offer_id))


def test_an_open_offer_of_one_program_holds_the_place_in_every_other(context):
    with writing() as db:
        _mia, mentors, mentees = two_programs(db, at_most=1)
        first = make_offer(db, mentees[0], mentors[0])
    with writing() as db, pytest.raises(Refused, match="no free place"):
        make_offer(db, mentees[1], mentors[1])
    pools = [feed.load_pool(reading(), mentor.cohort_id) for mentor in mentors]
    assert [list(pool.places.values()) for pool in pools] == [[0], [0]]
    end_reading()
    with writing() as db:
        offers.decline(db, mentees[0].person_id, offer_id=first.id, reason=DeclineReason.TIME)
    with writing() as db:
        make_offer(db, mentees[1], mentors[1])


def test_the_feed_gives_the_smaller_of_both_numbers(context):
    with writing() as db:
        _mia, mentors, mentees = two_programs(db, at_most=3, capacity=5)
        offer = make_offer(db, mentees[0], mentors[0])
        offers.accept(db, mentees[0].person_id, offer_id=offer.id)
        other = make_enrollment(db, db.get_one(Cohort, offer.cohort_id), Role.MENTOR)
    pools = [feed.load_pool(reading(), mentor.cohort_id) for mentor in mentors]
    assert pools[0].places[mentors[0].id] == pools[1].places[mentors[1].id] == 2
    assert pools[0].places[other.id] == 1, "whoever has no number is not limited by one"


def test_the_last_place_ends_the_open_offers_of_the_other_programs(context):
    with writing() as db:
        mia, mentors, mentees = two_programs(db)
        first, second = (make_offer(db, *pair) for pair in zip(mentees, mentors, strict=True))
        offers.choose_places(db, mia.id, at_most=2)
    assert state_of(second.id) is OfferState.OFFERED
    end_reading()
    with writing() as db:
        offers.accept(db, mentees[0].person_id, offer_id=first.id)
    assert state_of(second.id) is OfferState.OFFERED, "one place is left"
    end_reading()
    with writing() as db:
        offers.accept(db, mentees[1].person_id, offer_id=second.id)
        third = make_enrollment(db, db.get_one(Cohort, second.cohort_id))
    with writing() as db, pytest.raises(Refused, match="no free place"):
        make_offer(db, third, db.get_one(Enrollment, mentors[1].id))


def test_a_smaller_number_takes_the_newest_offers_back_and_keeps_pairs(context):
    with writing() as db:
        mia, mentors, mentees = two_programs(db)
        kept = make_offer(db, mentees[0], mentors[0])
        offers.accept(db, mentees[0].person_id, offer_id=kept.id)
        with clock.frozen(clock.now() + timedelta(minutes=1)):
            newest = make_offer(db, mentees[1], mentors[1])
    with writing() as db, pytest.raises(Refused, match="1 of your places is in use"):
        offers.choose_places(db, mia.id, at_most=0)
    with writing() as db:
        offers.choose_places(db, mia.id, at_most=1)
    assert (state_of(kept.id), state_of(newest.id)) == (OfferState.ACCEPTED, OfferState.WITHDRAWN)
    end_reading()
    with writing() as db:
        offers.choose_places(db, mia.id, at_most=None)
        make_offer(db, mentees[1], mentors[1])


def test_an_expired_offer_does_not_come_back_to_a_place_taken_elsewhere(context):
    with writing() as db:
        _mia, mentors, mentees = two_programs(db, at_most=1)
        old = make_offer(db, mentees[0], mentors[0])
    with clock.frozen(clock.now() + timedelta(days=8)):
        with writing() as db:
            offers.expire_due(db)
            make_offer(db, mentees[1], mentors[1])
        with writing() as db, pytest.raises(Refused, match="no free place"):
            offers.revive(db, mentees[0].person_id, offer_id=old.id)


def test_a_pair_that_comes_back_finds_its_place_taken_by_another_program(context):
    with writing() as db:
        _mia, mentors, mentees = two_programs(db, at_most=1)
        old = make_offer(db, mentees[0], mentors[0])
        offers.accept(db, mentees[0].person_id, offer_id=old.id)
        offers.release(db, offer_id=old.id)
        make_offer(db, mentees[1], mentors[1])
    with writing() as db, pytest.raises(Refused, match="taken meanwhile"):
        take_again(db, offer_id=old.id)


@pytest.mark.parametrize("at_once", [12])
def test_of_many_who_accept_the_last_place_in_several_programs_exactly_one_wins(app, at_once):
    with app.app_context(), writing() as db:
        mia, mentors, _mentees = two_programs(db, capacity=at_once)
        made = []
        for number in range(at_once):
            mentor = mentors[number % 2]
            mentee = make_enrollment(db, db.get_one(Cohort, mentor.cohort_id))
            made.append((make_offer(db, mentee, mentor).id, mentee.person_id))
        offers.choose_places(db, mia.id, at_most=at_once)
        offers.hold_places(db, mia.id).at_most = 1  # as if all had been offered before she chose
    won, failed = at_the_same_time(app, offers.accept, made)
    assert not failed
    with app.app_context():
        db = reading()
        assert len(won) == 1 and offers.met_by(db, mia.id) == 1
        assert db.scalar(select(func.count()).select_from(Relationship)) == 1
        ended = db.scalars(select(Offer.state).where(Offer.id.not_in(won))).all()
        assert set(ended) == {OfferState.SUPERSEDED}
        end_reading()


def test_programs_that_offer_at_the_same_time_promise_the_last_place_once(app):
    with app.app_context(), writing() as db:
        _mia, mentors, mentees = two_programs(db, at_most=1)
        pairs = list(zip(mentees, mentors, strict=True))

    def offer(db, _person_id, offer_id):
        mentee, mentor = pairs[offer_id]
        make_offer(db, mentee, mentor)

    won, failed = at_the_same_time(app, offer, [(0, None), (1, None)])
    assert len(won) == 1 and not failed


def test_a_group_and_pairs_published_at_one_instant_promise_no_more_than_the_number(app):
    """Two formats, each matched alone with all of Mia's four places in sight."""
    with app.app_context(), writing() as db:
        mia = make_person(db, "Mia Mentor")
        group = make_cohort(db, template="group_mentoring", title="Group")
        pairs = make_cohort(db, title="Pairs")
        for cohort, capacity, mentees in ((group, 6, 6), (pairs, 3, 3)):
            make_enrollment(db, cohort, Role.MENTOR, mia, capacity=capacity)
            for number in range(mentees):
                make_enrollment(db, cohort, n=number)
        offers.choose_places(db, mia.id, at_most=4)
        cohort_ids = [group.id, pairs.id]
    due = [publication_due(app, cohort_id) for cohort_id in cohort_ids]

    def send(db, _person_id, offer_id):
        runs.complete_publication(db, offer_id)

    sent, failed = at_the_same_time(app, send, [(run_id, None) for run_id in due])
    assert not failed and set(sent) == set(due)
    with app.app_context():
        assert offers.met_by(reading(), mia.id, open_too=True) == 4, "proposed were seven"
        made = [(row.id, row.mentee.person_id) for row in open_offers(cohort_ids)]
    _won, failed = at_the_same_time(app, offers.accept, made)
    assert not failed
    with app.app_context():
        assert offers.met_by(reading(), mia.id, open_too=True) <= 4
        end_reading()


def publication_due(app, cohort_id):
    """The run of a cohort, published half an hour ago and not sent."""
    with app.app_context():
        with writing() as db:
            run_id = runs.start_run(db, None, cohort_id=cohort_id).id
        run_match(str(run_id))
        end_reading()
        with writing() as db:
            runs.publish(db, None, run_id=run_id)
            db.get_one(MatchRun, run_id).publish_at = clock.now() - timedelta(seconds=1)
    return run_id


def open_offers(cohort_ids):
    found = reading().scalars(
        select(Offer)
        .where(Offer.cohort_id.in_(cohort_ids), Offer.state == OfferState.OFFERED)
        .options(joinedload(Offer.mentee))
    )
    return list(found)


def test_the_desk_counts_no_more_places_than_the_number_and_never_says_what_is_used(context):
    with writing() as db:
        _mia, mentors, mentees = two_programs(db, at_most=3, capacity=5)
        offer = make_offer(db, mentees[0], mentors[0])
        offers.accept(db, mentees[0].person_id, offer_id=offer.id)
    seats = counts(reading(), mentors[1].cohort_id)[(Role.MENTOR, EnrollmentState.READY)]
    assert seats == (1, 3), "what she does in the other program is not told here"


def at_the_same_time(app, verb, made):
    """Press all buttons at once; (what went through, what broke instead of being refused)."""
    start, won, failed = threading.Barrier(len(made)), [], []

    def press(offer_id, person_id):
        with app.app_context():
            start.wait()
            try:
                with writing() as db:
                    verb(db, person_id, offer_id=offer_id)
                won.append(offer_id)
            except Refused:
                pass
            except Exception as error:
                failed.append(error)

    threads = [threading.Thread(target=press, args=one) for one in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return won, failed
