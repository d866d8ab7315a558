"""Pages read right for each format: who is offered, which groups a run made, what comes first."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.accounts.models import Person
from app.core.database import end_reading, reading, writing
from app.mentoring.models import Relationship
from app.programs.models import Cohort, Enrollment
from app.programs.rules import CohortState, EnrollmentState, Role
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.formats import (
    make_members,
    make_sides,
    open_offers,
    publish_now,
    run_once,
    say_yes,
    start_with,
)
from tests.factories.programs import ANSWERS, make_cohort, make_enrollment


@pytest.fixture
def amara(app):
    with app.app_context(), writing() as db:
        return make_person(db, "Amara Okafor", "amara@t.example", PASSWORD, ("program_manager",))


@pytest.fixture
def mina(app):
    with app.app_context(), writing() as db:
        return make_person(db, "Mina Mbeki", "mina@t.example", PASSWORD)


def test_a_circle_is_offered_with_everybody_in_it_and_its_workspace_says_who_is_awaited(
    app, amara, mina
):
    with app.app_context():
        cohort = start_with("circle", amara)
        with writing() as db:
            rows = make_members(db, cohort, 4, [mina])
            names = ["Noa", "Oya", "Pia"]
            for row, name in zip(rows[1:], names, strict=True):
                db.get_one(Person, row.person_id).name = name
        run = run_once(cohort, amara)
    manager = Browser(app).sign_in("amara@t.example")
    page = manager.get(f"/programs/runs/{run.id}/")
    assert page.has("Group 1") and page.has("First to facilitate") and "Proved" not in page.text
    assert all(page.has(name) for name in ("Mina Mbeki", *names))
    with app.app_context():
        publish_now(run.id, amara)
        mine = next(one for one in open_offers(cohort) if one.mentee_id == rows[0].id)
        end_reading()
    browser = Browser(app).sign_in("mina@t.example")
    assert browser.get("/").has("Would you like to join this circle?")
    browser.get(f"/programs/offers/{mine.id}/")
    assert browser.has("Would you like to join this circle?")
    assert all(browser.has(name) for name in names)
    browser.submit("Yes, I would like to")
    assert browser.has("your place is yours"), browser.text
    assert browser.has("Not enough of you have said yes yet") and browser.has("Noa")
    listed = manager.get(f"/programs/cohorts/{cohort.id}/offers")
    assert listed.has("Member") and listed.has("Group of")


def test_whoever_enrolls_as_a_peer_is_asked_no_side_and_answers_both(app, amara, mina):
    with app.app_context(), writing() as db:
        make_cohort(db, CohortState.ENROLLING, amara, template="peer", title="Peers")
    browser = Browser(app).sign_in("mina@t.example")
    browser.get("/programs/peers/enroll")
    assert browser.has("Which skills do you want to grow?")
    assert browser.has("Which skills can you help with?") and "How many people" not in browser.text
    browser.submit("Save", q_skills_wanted=["strategy"], q_skills_offered=["writing"])
    assert browser.has("You are enrolled"), browser.text
    with app.app_context():
        row = reading().scalars(select(Enrollment)).one()
        assert row.role is Role.MENTEE and row.answers["skills_offered"] == ["writing"]
        end_reading()
    assert "Enroll in another role" not in browser.get("/programs/peers/").text


def test_a_leader_listens_before_entering_the_pool_of_a_reverse_program(app, amara, mina):
    with app.app_context(), writing() as db:
        make_cohort(db, CohortState.ENROLLING, amara, template="reverse", title="Reverse")
    browser = Browser(app).sign_in("mina@t.example")
    browser.get("/programs/reverse/enroll")
    assert browser.has("Junior mentor") and browser.has("I lead others")
    browser.get("/programs/reverse/enroll?role=mentee")
    browser.submit("Save", q_skills_wanted=["strategy"])
    assert browser.has("Ten minutes about listening") or browser.has("ten minutes about listening")
    with app.app_context():
        row = reading().scalars(select(Enrollment)).one()
        assert row.state is EnrollmentState.TRAINING_DUE
        end_reading()
    path = f"/programs/enrollments/{row.id}/listening"
    browser.get(path)
    browser.submit("I promise", asks="1")
    assert browser.status == 422 and browser.has("Please say yes to each of the three")
    browser.submit("I promise", asks="1", keeps="1", changes="1")
    assert browser.has("You are in the pool"), browser.text
    with app.app_context():
        assert reading().get_one(Enrollment, row.id).state is EnrollmentState.READY
        end_reading()
    assert browser.get(path).status in (403, 404)
    other = Browser(app).sign_in("amara@t.example")
    assert other.get(path).status in (403, 404)


def test_a_pilot_of_twenty_with_three_mentors_is_advised_groups_and_nothing_is_blank(app, amara):
    with app.app_context():
        cohort = start_with("career_growth", amara)
        with writing() as db:
            make_sides(db, cohort, 17, 3)
        run = run_once(cohort, amara)
        assert run.metrics["pairs"] == 3 and len(run.unmatched) == 14
        assert all(one["why"] for one in run.unmatched)
    page = Browser(app).sign_in("amara@t.example").get(f"/programs/runs/{run.id}/")
    assert page.has("There are 3 places for 17 mentees")
    assert page.has("Groups of up to 6 with the 3 mentors you have would place everybody")
    for path in ("people", "offers", "waiting", "weights"):
        assert (
            Browser(app)
            .sign_in("amara@t.example")
            .get(f"/programs/cohorts/{cohort.id}/{path}")
            .status
            == 200
        )


def test_a_groups_review_names_its_mentor_and_costs_no_more_than_any_page(app, amara, queries):
    with app.app_context():
        cohort = start_with("group_mentoring", amara)
        with writing() as db:
            make_sides(db, cohort, 8, 2, capacity=6)
        run = run_once(cohort, amara)
    browser = Browser(app).sign_in("amara@t.example")
    path = f"/programs/runs/{run.id}/"
    browser.get(path)
    assert browser.has("Group 1") and browser.has("Group 2") and browser.has("Mentor:")
    with queries() as seen:
        browser.get(path)
    assert len(seen) <= 9, len(seen)
    with app.app_context():
        publish_now(run.id, amara)
        offer = open_offers(cohort)[0]
        say_yes(offer)
        pair = reading().scalars(select(Relationship)).one()
        assert pair.is_gathering and reading().get_one(Cohort, cohort.id)
        end_reading()
    assert browser.get(f"/mentoring/cohorts/{cohort.id}/").status == 200


def test_the_studio_warns_of_lengths_that_do_not_suit_and_lets_whoever_is_sure_go_on(app, amara):
    browser = Browser(app).sign_in("amara@t.example")
    listed = browser.get("/programs/new")
    assert listed.has("Mentoring Circles") and listed.has("Reverse Mentoring")
    browser.get("/programs/new?template=circle")
    assert browser.has("Six months are a good length") and "I am sure" not in browser.text
    browser.submit("Create the program", title="Long circles", months="20", most="5")
    assert browser.status == 422 and browser.has("After 18 months many drift apart")
    assert "Long circles" in browser.html
    browser.submit("Create the program", is_sure="1", most="2")
    assert browser.status == 422 and browser.has("The most cannot be fewer than the fewest")
    browser.submit("Create the program", most="5")
    assert browser.has("Your program is there"), browser.text
    with app.app_context():
        cohort = reading().scalars(select(Cohort)).one()
        assert cohort.program.months == 20
        assert cohort.rules["form"] == {"kind": "circles", "least": 3, "most": 5}
        end_reading()
    browser.get("/programs/new?template=flash")
    browser.submit("Create the program")
    assert browser.has("Your program is there"), "flash is short by nature"
    browser.get("/programs/new?template=career_growth")
    browser.submit("Create the program", months="2")
    assert browser.has("Fewer than 3 months are too short")


def test_a_cohort_that_is_always_open_says_so_on_its_desk(app, amara):
    with app.app_context():
        start_with("peer", amara)
    browser = Browser(app).sign_in("amara@t.example")
    browser.get("/programs/peer/manage/")
    assert browser.has("Peers") and "Places" not in browser.text
    browser.submit("Add the cohort", title="Always", evergreen="1")
    assert browser.has("matched once a week"), browser.text
    with app.app_context():
        row = reading().scalars(select(Cohort).where(Cohort.title == "Always")).one()
        assert row.ends_on is None and row.wave_days == 7
        end_reading()


def test_why_not_somebody_else_has_an_answer_in_a_circle(app, amara, mina):
    with app.app_context():
        cohort = start_with("circle", amara)
        with writing() as db:
            rows = make_members(db, cohort, 7, [mina])
            rows[0].capacity = 1
        run = run_once(cohort, amara)
    manager = Browser(app).sign_in("amara@t.example")
    path = f"/programs/runs/{run.id}/mentees/{rows[0].id}/alternatives"
    page = manager.get(path)
    assert page.status == 200 and page.has("Mentee 3") and "this mentor" not in page.text
    listed = manager.get(f"/programs/runs/{run.id}/")
    assert listed.has("Mina Mbeki") and listed.has("Group 1")
    manager.submit("Publish")
    assert manager.has("Nothing leaves for thirty minutes"), manager.text


def speaking(db, cohort, role, *tags, **columns):
    for tag in tags:
        make_enrollment(db, cohort, role, languages=[tag], answers=ANSWERS[role], **columns)


@pytest.mark.parametrize(
    ("template", "mentees", "mentors", "gained"),
    [
        # two have a mentor who speaks their language, and are too few for a group
        ("group_mentoring", "en en en en en en tr tr", "en tr", 2),
        ("circle", "en en en en tr tr", "", 2),
        ("peer", "en en en tr", "", 1),
    ],
)
def test_what_a_rule_costs_is_worked_out_in_the_form_of_the_program(
    app, amara, template, mentees, mentors, gained
):
    with app.app_context():
        cohort = start_with(template, amara)
        with writing() as db:
            speaking(db, cohort, Role.MENTEE, *mentees.split())
            speaking(db, cohort, Role.MENTOR, *mentors.split(), capacity=6)
        run = run_once(cohort, amara)
        assert len(run.unmatched) == gained
    browser = Browser(app).sign_in("amara@t.example")
    browser.get(f"/programs/runs/{run.id}/").click("What if a rule did not hold?")
    browser.get(f"/programs/runs/{run.id}/relaxed?rule=A+language+in+common")
    assert browser.html.count("Would gain a match</td>") == gained, browser.text
    is_mutual = not mentors
    assert browser.has("Would be with other people") is is_mutual
    assert browser.has("What if somebody had one more place?") is not is_mutual


def test_a_group_that_no_rule_allows_gets_a_sentence_and_no_fault(app, amara):
    with app.app_context():
        cohort = start_with("group_mentoring", amara)
        with writing() as db:
            speaking(db, cohort, Role.MENTEE, "en", "en", "en", "en")
            speaking(db, cohort, Role.MENTOR, "en", capacity=6)
        run = run_once(cohort, amara)
        with writing() as db:
            db.query(Enrollment).filter_by(role=Role.MENTOR).one().languages = ["tr"]
    browser = Browser(app).sign_in("amara@t.example")
    browser.get(f"/programs/runs/{run.id}/relaxed?rule=Reporting+line")
    assert browser.status == 409 and browser.has("These rules cannot be met")
