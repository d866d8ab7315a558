"""Cohorts matched together: one number per person, published and recalled as one, solved again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.database import end_reading, reading, writing
from app.core.errors import Refused
from app.core.outbox import Delivery
from app.programs.jobs import publish_runs, resume_runs, run_joint
from app.programs.models import (
    Candidate,
    Enrollment,
    JointRun,
    MatchRun,
    Offer,
    PersonPlaces,
    ProgramOrganizer,
)
from app.programs.rules import CohortState, Decision, Role, RunState
from app.programs.services import offers, replays, runs
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.programs import make_cohort, make_enrollment, make_offer


def build(db, at_most=1, amara=None):
    """Ada mentors in two programs with one place in all; the second has nobody else."""
    amara = amara or make_person(db, "Amara Okafor", "amara@t.example", PASSWORD)
    ada = make_person(db, "Ada Mentor")
    cohorts = [
        make_cohort(db, CohortState.MATCHING, amara, title=title) for title in ("One", "Two")
    ]
    for cohort in cohorts:
        make_enrollment(db, cohort, Role.MENTOR, ada, capacity=2)
    bo = make_enrollment(db, cohorts[0], Role.MENTOR, make_person(db, "Bo Other"), answers={})
    mia, noor = (make_enrollment(db, cohort, n=n) for n, cohort in enumerate(cohorts))
    offers.choose_places(db, ada.id, at_most=at_most)
    return amara, cohorts, ada, bo, mia, noor


@pytest.fixture
def world(context):
    with writing() as db:
        return build(db)


def start(world, **more):
    amara, cohorts, *_rest = world
    with writing() as db:
        return runs.start_joint_run(db, amara.id, cohort_ids=[one.id for one in cohorts], **more).id


def solved(world):
    joint_id = start(world)
    run_joint(str(joint_id))
    end_reading()
    return joint_id


def runs_of(joint_id):
    query = select(MatchRun).where(MatchRun.joint_id == joint_id).order_by(MatchRun.id)
    found = reading().scalars(query).all()
    end_reading()
    return found


def pairs_of(joint_id) -> set[tuple]:
    rows = reading().execute(
        select(Candidate.mentee_id, Candidate.mentor_id)
        .join(MatchRun, MatchRun.id == Candidate.run_id)
        .where(MatchRun.joint_id == joint_id)
    )
    found = {tuple(row) for row in rows}
    end_reading()
    return found


def counted(model) -> int:
    found = reading().scalar(select(func.count()).select_from(model)) or 0
    end_reading()
    return found


def test_together_both_find_somebody_where_one_after_the_other_leaves_one_waiting(world):
    _amara, _cohorts, ada, bo, mia, noor = world
    joint_id = solved(world)
    pairs = pairs_of(joint_id)
    assert (mia.id, bo.id) in pairs and {mentee for mentee, _ in pairs} == {mia.id, noor.id}
    given = reading().scalar(
        select(func.count(Candidate.id))
        .join(Enrollment, Enrollment.id == Candidate.mentor_id)
        .where(Enrollment.person_id == ada.id)
    )
    assert given == 1, "two places in each program, one in all"
    assert {run.state for run in runs_of(joint_id)} == {RunState.REVIEW}
    joint = reading().get_one(JointRun, joint_id)
    assert joint.certificate["pool_price"] and joint.metrics["pairs"] == 2


def test_a_recalled_joint_run_leaves_nothing_and_a_published_one_goes_out_once(world):
    amara, *_rest = world
    joint_id, before = solved(world), counted(Delivery)
    one = runs_of(joint_id)[0].id
    with writing() as db:
        runs.publish_joint_run(db, amara.id, joint_id=joint_id)
        assert len({run.publish_at for run in db.scalars(select(MatchRun))}) == 1
        with pytest.raises(Refused, match="part of a joint run"):
            runs.recall(db, amara.id, run_id=one)
    publish_runs()
    with writing() as db:
        runs.recall_joint_run(db, amara.id, joint_id=joint_id)
    with clock.frozen(clock.now() + timedelta(minutes=31)):
        publish_runs()
    assert (counted(Offer), counted(Delivery)) == (0, before)
    with writing() as db:
        runs.publish_joint_run(db, amara.id, joint_id=joint_id)
    with clock.frozen(clock.now() + timedelta(minutes=31)):
        publish_runs()
        publish_runs()
        with writing() as db, pytest.raises(Refused, match="too late"):
            runs.recall_joint_run(db, amara.id, joint_id=joint_id)
    assert counted(Offer) == 2
    assert {run.state for run in runs_of(joint_id)} == {RunState.PUBLISHED}


def test_who_waits_after_a_joint_run_comes_first_in_the_next(world):
    amara, cohorts, *_rest = world
    with writing() as db:
        late = make_enrollment(db, cohorts[1], n="late")
    joint_id = solved(world)
    with writing() as db:
        runs.publish_joint_run(db, amara.id, joint_id=joint_id)
    with clock.frozen(clock.now() + timedelta(minutes=31)):
        publish_runs()
    db = reading()
    waits = [e for e in db.scalars(select(Enrollment)) if e.missed_rounds]
    assert len(waits) == 1 and waits[0].cohort_id == late.cohort_id


@pytest.mark.parametrize("which", [0, 1])
def test_a_joint_run_solved_again_from_its_record_is_the_same(world, which):
    joint_id = solved(world)
    run = runs_of(joint_id)[which]
    found = replays.replay(replays.record_of(reading(), run.id))
    assert found["state"] == "equal" and found["proof"]
    end_reading()
    with writing() as db:
        db.get_one(JointRun, joint_id).input_hash = "0" * 64
    assert replays.replay(replays.record_of(reading(), run.id)) == {"state": "altered"}


def test_a_pair_ruled_out_in_one_cohort_stays_out_when_all_run_again(world):
    amara, _cohorts, _ada, bo, mia, _noor = world
    joint_id = solved(world)
    run = next(one for one in runs_of(joint_id) if one.cohort_id == mia.cohort_id)
    pair = {"mentee_id": mia.id, "mentor_id": bo.id}
    with writing() as db:
        runs.decide(db, amara.id, run_id=run.id, kind=Decision.VETO, **pair)
    again = solved(world)
    assert (mia.id, bo.id) not in pairs_of(again)
    assert {one.state for one in runs_of(joint_id)} == {RunState.DISCARDED}


def test_a_worker_that_dies_in_a_joint_run_leaves_it_to_the_next(world):
    joint_id = start(world)
    with writing() as db:
        assert runs.claim_joint_run(db, joint_id)
    with writing() as db:
        assert not runs.claim_joint_run(db, joint_id)
    assert runs.waiting_joint_runs(reading()) == runs.waiting_runs(reading()) == []
    end_reading()
    with writing() as db:
        for run in db.scalars(select(MatchRun)):
            run.lease_until = clock.machine_now() - timedelta(seconds=1)
    assert runs.waiting_joint_runs(reading()) == [joint_id]
    resume_runs()
    run_joint(str(joint_id))
    end_reading()
    assert {run.state for run in runs_of(joint_id)} == {RunState.REVIEW}


def test_what_cannot_join_is_refused_with_its_reason_and_nothing_is_put_aside(world):
    amara, cohorts, *_rest = world
    joint_id = solved(world)
    with writing() as db:
        circle = make_cohort(db, CohortState.MATCHING, amara, template="circle", title="Circles")
        empty = make_cohort(db, CohortState.MATCHING, amara, title="Empty")
        listing = make_cohort(db, CohortState.MATCHING, amara, title="Lists")
        listing.rules = {**listing.rules, "choice": "mentees"}
        closed = make_cohort(db, CohortState.ENROLLING, amara, title="Open")
    for odd, why in (
        (circle, "makes groups"),
        (empty, "nobody waits"),
        (listing, "choose from a list"),
        (closed, "enrollment is closed"),
    ):
        with writing() as db, pytest.raises(Refused, match=why):
            runs.start_joint_run(db, amara.id, cohort_ids=[cohorts[0].id, odd.id])
    with writing() as db, pytest.raises(Refused, match="two to twelve"):
        runs.start_joint_run(db, amara.id, cohort_ids=[cohorts[0].id])
    with writing() as db, pytest.raises(Refused, match="joint run with other cohorts"):
        runs.start_run(db, amara.id, cohort_id=cohorts[0].id)
    assert {run.state for run in runs_of(joint_id)} == {RunState.REVIEW}


def test_a_joint_run_with_a_cohort_that_is_left_out_is_not_put_aside(world):
    """Whoever runs the first and a third program cannot undo the work on the second."""
    amara, cohorts, *_rest = world
    joint_id = solved(world)
    with writing() as db:
        third = make_cohort(db, CohortState.MATCHING, amara, title="Three")
        make_enrollment(db, third, Role.MENTOR)
        make_enrollment(db, third)
    with writing() as db, pytest.raises(Refused, match="joint run with other cohorts"):
        runs.start_joint_run(db, amara.id, cohort_ids=[cohorts[0].id, third.id])
    assert {run.state for run in runs_of(joint_id)} == {RunState.REVIEW}
    with writing() as db:
        everybody = [*(one.id for one in cohorts), third.id]
        runs.start_joint_run(db, amara.id, cohort_ids=everybody)
    assert {run.state for run in runs_of(joint_id)} == {RunState.DISCARDED}


@pytest.mark.parametrize("why", ["has a partner", "takes nobody more"])
def test_a_cohort_in_which_nobody_is_left_to_match_is_named_at_once(world, why):
    amara, cohorts, ada, _bo, _mia, noor = world
    with writing() as db:
        if why == "has a partner":
            offers.choose_places(db, ada.id, at_most=2)
            mentor = db.scalars(select(Enrollment).where(Enrollment.person_id == ada.id))
            mentor = next(one for one in mentor if one.cohort_id == cohorts[1].id)
            make_offer(db, db.get_one(Enrollment, noor.id), mentor)
        else:
            db.get_one(Enrollment, noor.id).takes_no_more = True
    with writing() as db, pytest.raises(Refused, match=f"{cohorts[1].title}: nobody waits"):
        runs.start_joint_run(db, amara.id, cohort_ids=[one.id for one in cohorts])


def test_no_number_is_exceeded_when_somebody_lowers_it_between_run_and_publication(world):
    amara, _cohorts, ada, *_rest = world
    joint_id = solved(world)
    with writing() as db:
        runs.publish_joint_run(db, amara.id, joint_id=joint_id)
        offers.choose_places(db, ada.id, at_most=0)
    with clock.frozen(clock.now() + timedelta(minutes=31)):
        publish_runs()
    assert counted(Offer) == 1 and counted(PersonPlaces) == 1
    assert offers.met_by(reading(), ada.id, open_too=True) == 0


# -- pages --------------------------------------------------------------------------------------


@pytest.fixture
def pages(app):
    with app.app_context(), writing() as db:
        found = build(db)
    return found, Browser(app).sign_in("amara@t.example")


def test_an_organizer_chooses_cohorts_looks_and_publishes_all_in_one_step(app, pages):
    world, browser = pages
    _amara, cohorts, *_rest = world
    browser.get(f"/programs/cohorts/{cohorts[0].id}/together")
    browser.submit("Find matches together")
    assert browser.status == 422 and browser.has("Choose at least one other cohort.")
    browser.submit("Find matches together", cohorts=str(cohorts[1].id))
    assert browser.has("The matching has started"), browser.text
    with app.app_context():
        joint_id = reading().scalar(select(JointRun.id))
        end_reading()
        run_joint(str(joint_id))
    browser.get(f"/programs/joint-runs/{joint_id}/")
    assert browser.has("Proved") and browser.has("Ada Mentor") and browser.has("Bo Other")
    assert browser.text.count("1 of 1 have a match.") == 2
    browser.submit("Publish all")
    assert browser.has("Nothing has left yet")
    browser.submit("Recall all")
    assert browser.has("Recalled. Nobody has heard of it.")
    with app.app_context():
        run = runs_of(joint_id)[0]
    browser.get(f"/programs/runs/{run.id}/")
    assert browser.has("Part of a joint run") and not browser.has("Publish these pairs")
    browser.submit("Fix this pair")
    assert browser.has("Fixed")


def test_who_runs_one_program_alone_sees_no_joint_run_and_joins_no_other(app, pages):
    (_amara, cohorts, *_rest), _browser = pages
    with app.app_context(), writing() as db:
        chen = make_person(db, "Chen Lopes", "chen@t.example", PASSWORD)
        db.add(ProgramOrganizer(program_id=cohorts[0].program_id, person_id=chen.id))
        joint = runs.start_joint_run(db, chen.id, cohort_ids=[one.id for one in cohorts])
    browser = Browser(app).sign_in("chen@t.example")
    assert browser.get(f"/programs/joint-runs/{joint.id}/").status == 404
    browser.get(f"/programs/cohorts/{cohorts[0].id}/together")
    assert browser.has("No other cohort can join now") and not browser.has("Two")


def test_a_joint_run_over_many_cohorts_costs_no_more_statements_than_over_two(app, queries):
    spent = []
    for extra in (0, 3):
        with app.app_context():
            with writing() as db:
                email = f"amara{extra}@t.example"
                amara = make_person(db, "Amara Okafor", email, PASSWORD)
                world = build(db, amara=amara)
                for number in range(extra):
                    more = make_cohort(db, CohortState.MATCHING, amara, title=f"More {number}")
                    make_enrollment(db, more, Role.MENTOR)
                    make_enrollment(db, more)
                    world[1].append(more)
            joint_id = solved(world)
        browser = Browser(app).sign_in(email)
        browser.get(f"/programs/joint-runs/{joint_id}/")
        with queries() as seen:
            browser.get(f"/programs/joint-runs/{joint_id}/")
        assert browser.text.count("have a match.") == 2 + extra
        spent.append(len(seen))
    assert spent[0] == spent[1] <= 8, spent
