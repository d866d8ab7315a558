"""Always-on peer mentoring: waves start by themselves, once, capped, and can be recalled."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.database import end_reading, reading, writing
from app.core.errors import Refused
from app.mentoring.models import Member, Relationship
from app.programs.feed import load_pool
from app.programs.feed.pools import first_in_line
from app.programs.jobs import publish_runs, rolling_waves, run_match
from app.programs.models import Cohort, Enrollment, MatchRun, Offer
from app.programs.rules import CohortState, OfferSource, OfferState, RunState
from app.programs.services import offers, runs, waves
from app.programs.services.programs import add_cohort
from tests.factories.accounts import make_person
from tests.factories.formats import make_members, open_offers, start_with

WEEK, HALF_AN_HOUR = timedelta(days=7), timedelta(minutes=31)


@pytest.fixture
def evergreen(context):
    with writing() as db:
        amara = make_person(db, "Amara Okafor", roles=("program_manager",))
    first = start_with("peer", amara)
    with writing() as db:
        cohort = add_cohort(
            db, amara.id, program_id=first.program_id, title="Always", is_evergreen=True
        )
        cohort.state = CohortState.ENROLLING
    return cohort


def sweep(after: timedelta = timedelta()) -> MatchRun | None:
    """What the sweep starts after some time, worked off; the newest run of all."""
    end_reading()
    with clock.frozen(clock.now() + after):
        rolling_waves()
        end_reading()
        for run_id in runs.waiting_runs(reading()):
            run_match(str(run_id))
        end_reading()
    return reading().scalar(select(MatchRun).order_by(MatchRun.created_at.desc()).limit(1))


def count() -> int:
    end_reading()
    return reading().scalar(select(func.count()).select_from(MatchRun)) or 0


def test_who_waits_is_matched_in_waves_that_nobody_reviews_and_anybody_can_recall(evergreen):
    assert evergreen.ends_on is None and evergreen.wave_days == 7
    with writing() as db:
        make_members(db, evergreen, 1)
    assert sweep() is None, "nobody is matched alone"
    with writing() as db:
        make_members(db, evergreen, 3)
    run = sweep()
    assert run.is_wave and run.state is RunState.PUBLISHING and run.started_by is None
    assert run.input_hash and run.metrics["pairs"] == 4 and open_offers(evergreen) == []
    sweep()
    assert count() == 1, "a wave in work is not doubled"
    with writing() as db, clock.frozen(clock.now() + HALF_AN_HOUR):
        runs.complete_publication(db, run.id)
        runs.complete_publication(db, run.id)
    assert len(open_offers(evergreen)) == 4
    with writing() as db:
        make_members(db, evergreen, 2)
    sweep()
    assert count() == 1, "two new people wait for their day"
    run = sweep(WEEK)
    assert count() == 2 and run.metrics["pairs"] == 2
    with writing() as db:
        runs.recall(db, make_person(db).id, run_id=run.id)
    with clock.frozen(clock.now() + WEEK + HALF_AN_HOUR):
        publish_runs()
    assert len(open_offers(evergreen)) == 4, "a recalled wave leaves nothing"


def test_ten_new_people_do_not_wait_for_the_day(evergreen):
    with writing() as db:
        make_members(db, evergreen, 2)
    run = sweep()
    with writing() as db, clock.frozen(clock.now() + HALF_AN_HOUR):
        runs.complete_publication(db, run.id)
    with writing() as db, clock.frozen(clock.now() + 2 * HALF_AN_HOUR):
        make_members(db, evergreen, 10)
    assert sweep(3 * HALF_AN_HOUR).metrics["pairs"] == 10 and count() == 2
    end_reading()
    assert waves.due_waves(reading()) == []


def test_a_wave_is_capped_and_those_who_waited_longest_come_first(evergreen):
    with writing() as db:
        rows = make_members(db, evergreen, 6)
        for n, row in enumerate(rows):
            row.waiting_since = clock.now() - timedelta(days=n)
        rows[0].missed_rounds = 1
    pool = load_pool(reading(), evergreen.id)
    first_in_line(pool, 4)
    assert {one.id for one in pool.mentees} == {rows[n].id for n in (0, 3, 4, 5)}
    assert pool.mentors == pool.mentees


@pytest.mark.parametrize("template", ["peer", "circle"])
def test_all_who_accept_a_group_at_the_same_time_make_one_relationship(app, template):
    with app.app_context():
        cohort = start_with(template)
        with writing() as db:
            rows = make_members(db, cohort, 3 if template == "peer" else 6)
            ids = [row.id for row in rows]
            made = offers.make_seats(
                db,
                None,
                cohort_id=cohort.id,
                seats=[offers.Seat(one, ids[0] if one != ids[0] else ids[1]) for one in ids],
                source=OfferSource.ORGANIZER,
            )
            by_person = {row.id: row.person_id for row in rows}
            answers = [(offer.id, by_person[offer.mentee_id]) for offer in made]
    start, problems = threading.Barrier(len(answers)), []

    def press(offer_id, person_id):
        with app.app_context():
            start.wait()
            try:
                with writing() as db:
                    offers.accept(db, person_id, offer_id=offer_id)
            except Refused as refused:
                problems.append(refused)

    threads = [threading.Thread(target=press, args=one) for one in answers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        db = reading()
        assert problems == []
        group = db.scalars(select(Relationship)).one()
        assert not group.is_gathering
        assert db.scalar(select(func.count()).select_from(Member)) == len(answers)
        states = set(db.scalars(select(Offer.state)))
        assert states == {OfferState.ACCEPTED}
        assert db.get_one(Cohort, cohort.id) and db.get_one(Enrollment, ids[0])
        end_reading()
