"""Pages of programs: who may open them, what they cost, and what they never show."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.core import clock
from app.core.database import end_reading, writing
from app.programs.jobs import publish_runs, run_match
from app.programs.models import Enrollment, MatchRun
from app.programs.rules import CohortState, Role, RunState
from app.programs.services import runs
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.programs import make_cohort, make_enrollment, make_offer


@pytest.fixture
def amara(app):
    with app.app_context(), writing() as db:
        return make_person(db, "Amara Okafor", "amara@t.example", PASSWORD, ("program_manager",))


@pytest.fixture
def otto(app):
    with app.app_context(), writing() as db:
        return make_person(db, "Otto Other", "otto@t.example", PASSWORD)


def test_the_desk_of_a_program_does_not_exist_for_others(app, amara, otto):
    with app.app_context(), writing() as db:
        cohort = make_cohort(db, CohortState.MATCHING, amara)
        run = runs.start_run(db, amara.id, cohort_id=cohort.id)
    paths = [
        "/programs/career-growth/manage/",
        f"/programs/cohorts/{cohort.id}/people",
        f"/programs/cohorts/{cohort.id}/offers",
        f"/programs/cohorts/{cohort.id}/sheet",
        f"/programs/runs/{run.id}/",
    ]
    browser, manager = Browser(app).sign_in("otto@t.example"), Browser(app)
    manager.sign_in("amara@t.example")
    for path in paths:
        assert browser.get(path).status == 404, path
        assert manager.get(path).status == 200, path
    assert browser.get("/programs/new").status == 403


def test_an_offer_exists_for_its_people_only_and_the_mentor_who_was_not_asked_sees_none(
    app, amara, otto
):
    with app.app_context(), writing() as db:
        cohort = make_cohort(db, CohortState.ACTIVE, amara)
        mina = make_person(db, "Mina", "mina@t.example", PASSWORD)
        omar = make_person(db, "Omar", "omar@t.example", PASSWORD)
        offer = make_offer(
            db,
            make_enrollment(db, cohort, Role.MENTEE, mina),
            make_enrollment(db, cohort, Role.MENTOR, omar),
        )
    path = f"/programs/offers/{offer.id}/"
    assert Browser(app).sign_in("mina@t.example").get(path).has("Would you like to meet Omar?")
    for email in ("otto@t.example", "omar@t.example"):
        assert Browser(app).sign_in(email).get(path).status == 404
    assert Browser(app).sign_in("amara@t.example").get(path).status == 403


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_a_decline_needs_a_reason_and_says_who_reads_it(app, amara, htmx):
    with app.app_context(), writing() as db:
        cohort = make_cohort(db, CohortState.ACTIVE, amara)
        mina = make_person(db, "Mina", "mina@t.example", PASSWORD)
        offer = make_offer(
            db,
            make_enrollment(db, cohort, Role.MENTEE, mina),
            make_enrollment(db, cohort, Role.MENTOR),
        )
    browser = Browser(app, htmx=htmx).sign_in("mina@t.example")
    browser.get(f"/programs/offers/{offer.id}/")
    assert browser.has("Only the organizers see this")
    browser.submit("Decline")
    assert browser.status == 422 and browser.has("Choose a reason")
    browser.submit("Decline", reason="time", note="Next year")
    assert browser.has("The organizers look for another match"), browser.text


def test_whoever_organizes_and_takes_part_does_not_see_the_own_row(app, amara):
    with app.app_context(), writing() as db:
        cohort = make_cohort(db, CohortState.MATCHING, amara)
        make_enrollment(db, cohort, Role.MENTEE, amara)
        make_enrollment(db, cohort, Role.MENTOR, make_person(db, "Omar"))
        run_id = runs.start_run(db, amara.id, cohort_id=cohort.id).id
    with app.app_context():
        run_match(str(run_id))
        end_reading()
    browser = Browser(app).sign_in("amara@t.example")
    people = browser.get(f"/programs/cohorts/{cohort.id}/people")
    assert people.has("Omar") and "Amara Okafor" not in people.html.split("<main")[1]
    review = browser.get(f"/programs/runs/{run_id}/").html.split("<main")[1]
    assert "Amara Okafor" not in review and "Omar" not in review


def test_a_guest_sees_only_the_programs_in_which_they_take_part(app, amara):
    with app.app_context(), writing() as db:
        lena = make_person(
            db, "Lena Novak", "lena@x.example", PASSWORD, kind="external", is_listed=False
        )
        cohort = make_cohort(db, CohortState.ENROLLING, amara)
        make_cohort(db, CohortState.ENROLLING, amara, title="For colleagues")
        make_enrollment(db, cohort, Role.MENTOR, lena)
    guest = Browser(app).sign_in("lena@x.example")
    assert guest.get("/programs/").has("Career Growth") and not guest.has("For colleagues")
    assert guest.get("/programs/for-colleagues/").status == 404
    assert guest.get("/programs/career-growth/enroll").status == 403


def test_what_only_the_matcher_may_know_is_on_no_page(app, amara):
    secret = "blocked.person@t.example"
    with app.app_context(), writing() as db:
        make_person(db, "Blocked Person", secret)
        cohort = make_cohort(db, CohortState.ENROLLING, amara)
        make_person(db, "Mina", "mina@t.example", PASSWORD)
    mina = Browser(app).sign_in("mina@t.example")
    mina.get("/programs/career-growth/enroll?role=mentee")
    mina.submit(
        "Save",
        q_skills_wanted=["strategy"],
        q_goals_wanted=["network"],
        languages=["en"],
        exclusions=secret,
        b_belonging="2",
    )
    browser = Browser(app).sign_in("amara@t.example")
    for path in (f"/programs/cohorts/{cohort.id}/people", "/programs/career-growth/manage/"):
        assert "Blocked Person" not in browser.get(path).html and secret not in browser.html
    mina.get("/programs/career-growth/enroll?role=mentee")
    assert 'name="b_belonging" value="2" checked' not in mina.html


@pytest.mark.parametrize("is_matched", [False, True])
def test_who_waits_before_the_first_matching_waits_for_that(app, amara, is_matched):
    with app.app_context(), writing() as db:
        cohort = make_cohort(db, CohortState.MATCHING, amara)
        make_enrollment(db, cohort, Role.MENTEE)
        if is_matched:
            db.add(MatchRun(cohort_id=cohort.id, state=RunState.PUBLISHED))
    browser = Browser(app).sign_in("amara@t.example")
    browser.get(f"/programs/cohorts/{cohort.id}/waiting")
    assert browser.has("Waits for a free place") is is_matched
    assert browser.has("Waits for the matching") is not is_matched
    assert browser.has("Nobody has been matched in this cohort yet.") is not is_matched


@pytest.mark.parametrize("many", [False, True], ids=["one", "many"])
def test_every_page_stays_within_eight_statements(app, amara, queries, many):
    with app.app_context():
        with writing() as db:
            cohort = make_cohort(db, CohortState.MATCHING, amara)
            for _ in range(25 if many else 1):
                make_enrollment(db, cohort, Role.MENTEE)
                mentor = make_enrollment(db, cohort, Role.MENTOR)
            run_id = runs.start_run(db, amara.id, cohort_id=cohort.id).id
        run_match(str(run_id))
        with writing() as db:
            mina = make_person(db, "Mina", "mina@t.example", PASSWORD)
            spare = make_enrollment(db, cohort, Role.MENTEE, mina)
            mentor = db.get_one(Enrollment, mentor.id)
            mentor.capacity = 9
            offer, enrolled = make_offer(db, spare, mentor), spare.id
            spare = make_enrollment(db, cohort, Role.MENTEE)
            runs.publish(db, amara.id, run_id=run_id)
        with clock.frozen(clock.now() + timedelta(minutes=31)):
            publish_runs()
        end_reading()
    manager = [
        "/programs/",
        "/programs/career-growth/",
        "/programs/career-growth/manage/",
        f"/programs/cohorts/{cohort.id}/people",
        f"/programs/cohorts/{cohort.id}/offers",
        f"/programs/cohorts/{cohort.id}/waiting",
        f"/programs/runs/{run_id}/",
        f"/programs/runs/{run_id}/mentees/{spare.id}/alternatives",
        f"/programs/runs/{run_id}/mentees/{spare.id}/alternatives?q=mentor",
        f"/programs/runs/{run_id}/comparison",
        f"/programs/runs/{run_id}/?q=mentor&show=proposed",
        f"/programs/cohorts/{cohort.id}/weights",
    ]
    check(Browser(app).sign_in("amara@t.example"), manager, queries)
    mine = ["/programs/", "/programs/career-growth/", f"/programs/offers/{offer.id}/", "/"]
    mine.append(f"/programs/enrollments/{enrolled}/availability")
    check(Browser(app).sign_in("mina@t.example"), mine, queries)


def check(browser: Browser, paths: list[str], queries) -> None:
    for path in paths:
        with queries() as seen:
            assert browser.get(path).status == 200, path
        assert len(seen) <= 8, (path, len(seen), [s[:90] for s in seen])
