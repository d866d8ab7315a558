"""A say in the choice: fair shortlists, one's own order, and who never sees it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.audit.models import AuditEvent
from app.core import clock
from app.core.database import end_reading, reading, writing
from app.core.errors import Refused
from app.core.outbox import Delivery
from app.programs.jobs import run_match
from app.programs.models import Candidate, Cohort, Enrollment, Exclusion, MatchRun, ShortlistEntry
from app.programs.rules import CohortState, Role
from app.programs.rungs import rungs_of
from app.programs.services import choosing, replays, runs, weighing
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.formats import make_members, make_sides
from tests.factories.programs import make_cohort, make_enrollment
from tests.programs.test_fair_runs import varied


@pytest.fixture
def world(app):
    """Ten mentees, one of them Mina, and six mentors, in a cohort whose mentees are asked."""
    with app.app_context(), writing() as db:
        amara = make_person(db, "Amara Okafor", "amara@t.example", PASSWORD, ("program_manager",))
        cohort = make_cohort(db, CohortState.MATCHING, amara)
        db.get_one(Cohort, cohort.id).rules = {**cohort.rules, "choice": "mentees"}
        varied(db, cohort, mentees=9)
        mina = make_enrollment(
            db, cohort, Role.MENTEE, make_person(db, "Mina", "mina@t.example", PASSWORD)
        )
    return amara, cohort, mina


def run_once(world):
    amara, cohort, _mina = world
    with writing() as db:
        run_id = runs.start_run(db, amara.id, cohort_id=cohort.id).id
    run_match(str(run_id))
    end_reading()
    return run_id


def asked(world, days=7):
    run_id = run_once(world)
    with writing() as db:
        choosing.open_choice(db, world[0].id, run_id=run_id, days=days)
    return run_id


def list_of(run_id, mentee_id):
    rows = reading().scalars(
        select(ShortlistEntry.mentor_id)
        .where(ShortlistEntry.run_id == run_id, ShortlistEntry.mentee_id == mentee_id)
        .order_by(ShortlistEntry.place)
    )
    return list(rows)


def mentor_in(run_id, mentee_id):
    query = select(Candidate.mentor_id)
    return reading().scalar(
        query.where(Candidate.run_id == run_id, Candidate.mentee_id == mentee_id)
    )


def test_lists_are_short_hold_the_proposal_and_no_mentor_is_on_too_many(context, world):
    run_id = run_once(world)
    rows = reading().scalars(select(ShortlistEntry).where(ShortlistEntry.run_id == run_id)).all()
    lists: dict = {}
    shown: dict = {}
    for row in rows:
        lists.setdefault(row.mentee_id, []).append(row.mentor_id)
        shown[row.mentor_id] = shown.get(row.mentor_id, 0) + 1
    assert len(lists) == 10 and all(3 <= len(found) <= 5 for found in lists.values())
    assert all(mentor_in(run_id, mentee) in found for mentee, found in lists.items())
    assert max(shown.values()) <= 2 * 2 + 2, "two places each: about twice as many lists"


def test_a_first_choice_that_is_possible_is_followed_and_the_run_can_be_solved_again(
    context, world
):
    amara, _cohort, mina = world
    run_id = asked(world)
    found = list_of(run_id, mina.id)
    other = next(one for one in found if one != mentor_in(run_id, mina.id))
    order = [other, *(one for one in found if one != other)]
    with writing() as db:
        choosing.rank(db, mina.person_id, run_id=run_id, enrollment_id=mina.id, order=order)
    with writing() as db, pytest.raises(Refused, match="still choosing"):
        runs.publish(db, amara.id, run_id=run_id)
    with writing() as db, pytest.raises(Refused, match="still choosing"):
        runs.start_run(db, amara.id, cohort_id=world[1].id)
    with writing() as db:
        choosing.end_choice(db, amara.id, run_id=run_id)
    end_reading()
    again = run_once(world)
    assert mentor_in(again, mina.id) == other
    run = reading().get_one(MatchRun, again)
    assert run.metrics["ranked"] == 1 and run.metrics["pairs"] == 10
    assert replays.replay(replays.record_of(reading(), again))["state"] == "equal"


def test_ranks_are_one_s_own_in_time_and_from_the_list(context, world):
    _amara, _cohort, mina = world
    run_id = asked(world)
    found = list_of(run_id, mina.id)
    pair = {"run_id": run_id, "enrollment_id": mina.id}
    with writing() as db:
        outside = db.scalars(
            select(Enrollment.id).where(Enrollment.role == Role.MENTOR, Enrollment.id.not_in(found))
        ).first()
    for order in ([found[0], found[0]], [outside]):
        with writing() as db, pytest.raises(Refused, match="each place once"):
            choosing.rank(db, mina.person_id, order=order, **pair)
    with writing() as db, pytest.raises(Refused, match="Only you"):
        choosing.rank(db, world[0].id, order=found, **pair)
    later, over = clock.now() + timedelta(days=8), pytest.raises(Refused, match="time to choose")
    with clock.frozen(later), writing() as db, over:
        choosing.rank(db, mina.person_id, order=found, **pair)


def test_whom_somebody_ruled_out_is_not_on_the_own_list_but_stays_on_lists_of_those_ruled_out(
    context, world
):
    _amara, cohort, mina = world
    run_id = run_once(world)
    disliked = list_of(run_id, mina.id)[0]
    with writing() as db:
        person = db.get_one(Enrollment, disliked).person_id
        db.add(Exclusion(enrollment_id=mina.id, person_id=person))
    assert disliked not in list_of(run_once(world), mina.id)
    assert cohort.id


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_organizers_ask_mentees_answer_and_nobody_reads_the_answer(app, world, queries, htmx):
    _amara, _cohort, mina = world
    with app.app_context():
        run_id = run_once(world)
    amara = Browser(app, htmx=htmx).sign_in("amara@t.example")
    browser = Browser(app, htmx=htmx).sign_in("mina@t.example")
    url = f"/programs/enrollments/{mina.id}/shortlist"
    assert browser.get(url).status == 404, "nobody sees a list before mentees are asked"
    amara.get(f"/programs/runs/{run_id}/")
    amara.submit("Ask the mentees", days="5")
    assert amara.has("Mentees are choosing"), amara.text
    for path, words in (("/programs/career-growth/", "Your list of mentors"), (url, "")):
        with queries() as seen:
            assert browser.get(path).has(words)
        assert len(seen) <= 8, (path, len(seen))
    with app.app_context():
        found = list_of(run_id, mina.id)
        end_reading()
    first, second = f"m_{found[1]}", f"m_{found[0]}"
    browser.submit("Save", **{first: "1", second: "1"})
    assert browser.status == 422 and browser.has("Another person has this place already")
    before = amara.get(f"/programs/runs/{run_id}/").html.split("<main")[1].split("csrf")[0]
    browser.get(url)
    browser.submit("Save", **{first: "1", second: "2"})
    assert browser.has("Your order is saved"), browser.text
    after = amara.get(f"/programs/runs/{run_id}/").html.split("<main")[1].split("csrf")[0]
    assert after == before and amara.get(url).status == 404
    with app.app_context():
        row = (
            reading().scalars(select(AuditEvent).where(AuditEvent.verb == "shortlist_ranked")).one()
        )
        assert (row.before, row.after, row.reason) == (None, None, None)
        told = reading().scalars(select(Delivery).where(Delivery.kind == "shortlist_waiting"))
        assert {one.person_id for one in told} >= {mina.person_id}
        end_reading()


def group_world(mentees=10):
    """A group program whose mentees rank; the last of three mentors has places for two only."""
    with writing() as db:
        amara = make_person(db, "Amara Okafor", roles=("program_manager",))
        cohort = make_cohort(db, CohortState.MATCHING, amara, template="group_mentoring")
        db.get_one(Cohort, cohort.id).rules = {**cohort.rules, "choice": "mentees"}
        people = [
            make_enrollment(db, cohort, Role.MENTEE, make_person(db, f"Mentee {n}"))
            for n in range(mentees)
        ]
        for places in (8, 8, 2):
            make_enrollment(db, cohort, Role.MENTOR, n=places, capacity=places)
    return amara, cohort, people


def test_groups_follow_the_order_of_those_who_rank_and_list_only_who_can_host_one(context):
    amara, cohort, people = group_world()
    world = amara, cohort, people[0]
    run_id = asked(world)
    before = {one.id: mentor_in(run_id, one.id) for one in people}
    sides = {
        mentor: [one for one in people if before[one.id] == mentor] for mentor in before.values()
    }
    movers = [one for side in sides.values() for one in side[:2]]
    lists = {one.id: list_of(run_id, one.id) for one in people}
    end_reading()
    assert {len(found) for found in lists.values()} == {2}, "two mentors have places for a group"
    with writing() as db:
        for one in movers:
            found = lists[one.id]
            order = sorted(found, key=lambda mentor, own=before[one.id]: mentor == own)
            choosing.rank(db, one.person_id, run_id=run_id, enrollment_id=one.id, order=order)
        choosing.end_choice(db, amara.id, run_id=run_id)
    end_reading()
    again = run_once(world)
    for one in movers:
        assert mentor_in(again, one.id) not in (before[one.id], None)
    run = reading().get_one(MatchRun, again)
    assert run.metrics["ranked"] == 4 and run.metrics["pairs"] == 10
    assert replays.replay(replays.record_of(reading(), again))["state"] == "equal"


@pytest.mark.parametrize(
    ("template", "choice"),
    [("peer", "mentees"), ("peer", "requests"), ("circle", "mentees"), ("group", "requests")],
)
def test_where_the_matching_cannot_follow_a_choice_nobody_is_asked(app, template, choice):
    name = {"peer": "peer", "circle": "circle", "group": "group_mentoring"}[template]
    with app.app_context():
        with writing() as db:
            amara = make_person(db, "Amara", "amara@t.example", PASSWORD, ("program_manager",))
            cohort = make_cohort(db, CohortState.MATCHING, amara, template=name)
            if template == "group":
                make_sides(db, cohort, 4, 1, capacity=8)
            else:
                make_members(db, cohort, 6)
            db.get_one(Cohort, cohort.id).rules = {**cohort.rules, "choice": choice}
            rules, version = dict(cohort.rules), cohort.rules["version"]
        with writing() as db, pytest.raises(Refused, match="cannot follow"):
            weighing.save_rules(db, amara.id, cohort_id=cohort.id, version=version, rules=rules)
        run_id = run_once((amara, cohort, None))
        run = reading().get_one(MatchRun, run_id)
        assert run.metrics["lists"] is False and run.metrics["pairs"]
        assert reading().scalars(select(ShortlistEntry)).all() == []
        end_reading()
        with writing() as db, pytest.raises(Refused, match="nobody ranks"):
            choosing.open_choice(db, amara.id, run_id=run_id, days=7)
    browser = Browser(app).sign_in("amara@t.example")
    page = browser.get(f"/programs/cohorts/{cohort.id}/weights")
    assert page.has("Who chooses?") is (template == "group")
    assert not page.has("ask mentors of a short list")
    browser.submit("Save")
    assert browser.has("Saved."), browser.text
    with app.app_context():
        assert reading().get_one(Cohort, cohort.id).rules["choice"] == "organizers"
        end_reading()


def test_a_run_that_follows_ranks_says_that_the_weakest_pair_does_not_come_first(context, world):
    amara, cohort, mina = world
    with writing() as db:
        rules = {**cohort.rules, "choice": "mentees", "objective": "fair"}
        db.get_one(Cohort, cohort.id).rules = rules
    run_id = asked(world)
    before = [aim for aim, *_rest in rungs_of(reading().get_one(MatchRun, run_id).metrics)]
    assert "The weakest pair" in before
    order = list_of(run_id, mina.id)[::-1]
    end_reading()
    with writing() as db:
        choosing.rank(db, mina.person_id, run_id=run_id, enrollment_id=mina.id, order=order)
        choosing.end_choice(db, amara.id, run_id=run_id)
    again = rungs_of(reading().get_one(MatchRun, run_once(world)).metrics)
    said = {aim: text for aim, text, _figure in again}
    assert "The weakest pair" not in said
    assert "the weakest pair and groups that fall behind do not count" in said["Own choices"]
    assert "own order" in said["Sum of scores"] and "weakest" not in said["Sum of scores"]
