"""What organizers do with a run: weights, dry runs, filters, why not, comparing, solving again."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

from app.core.database import end_reading, reading, writing
from app.core.locale import format_percent
from app.programs.jobs import run_match
from app.programs.models import Candidate, Cohort, Enrollment, Exclusion, MatchRun
from app.programs.rules import CohortState, Decision, Role
from app.programs.services import runs, weighing
from app.programs.weights import preferences
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.programs import make_cohort, make_enrollment
from tests.programs.test_fair_runs import varied


@pytest.fixture
def world(app):
    """A cohort with twelve mentees and six mentors, and its organizer."""
    with app.app_context(), writing() as db:
        amara = make_person(db, "Amara Okafor", "amara@t.example", PASSWORD, ("program_manager",))
        cohort = make_cohort(db, CohortState.MATCHING, amara)
        mentees = varied(db, cohort)
    return amara, cohort, mentees


def run_once(app, world):
    amara, cohort, _mentees = world
    with app.app_context():
        with writing() as db:
            run_id = runs.start_run(db, amara.id, cohort_id=cohort.id).id
        run_match(str(run_id))
        end_reading()
    return run_id


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_weights_are_tried_without_a_trace_then_saved_and_taken_back(app, world, htmx):
    run_once(app, world)
    _amara, cohort, _mentees = world
    browser = Browser(app, htmx=htmx).sign_in("amara@t.example")
    browser.get(f"/programs/cohorts/{cohort.id}/weights")
    assert browser.has("A language in common") and browser.has("Must be")
    assert browser.has("no two people would rather have each other"), "why it is not to choose"
    at = {one.label: f"w_{one.at}" for one in preferences(cohort.rules)}
    browser.submit("Preview", **{at["Skills"]: "80"})
    assert browser.status == 200 and browser.has("What a run would find")
    with app.app_context():
        assert reading().get_one(Cohort, cohort.id).rules == cohort.rules
        end_reading()
    browser.submit("Save", action=f"/programs/cohorts/{cohort.id}/weights", **{at["Skills"]: "80"})
    assert browser.has("The next run of the matching follows it"), browser.text
    with app.app_context():
        saved = reading().get_one(Cohort, cohort.id).rules
        weights = {one.label: one.weight for one in preferences(saved)}
        assert sum(weights.values()) == pytest.approx(100, abs=0.01) and weights["Skills"] > 45
        end_reading()
    browser.get(f"/programs/cohorts/{cohort.id}/weights")
    browser.submit("Use it again")
    with app.app_context():
        assert reading().get_one(Cohort, cohort.id).rules == {**cohort.rules, "version": 3}
        end_reading()


def test_bad_weights_lose_nothing_and_get_a_sentence(app, world):
    _amara, cohort, _mentees = world
    browser = Browser(app).sign_in("amara@t.example")
    browser.get(f"/programs/cohorts/{cohort.id}/weights")
    names = [f"w_{one.at}" for one in preferences(cohort.rules)]
    save = f"/programs/cohorts/{cohort.id}/weights"
    browser.submit("Save", action=save, **{names[0]: "400", names[1]: "33"})
    assert browser.status == 422 and browser.has("Enter a number from 0 to 100")
    assert 'value="33' in browser.html
    browser.submit("Save", action=save, **{names[0]: "many", names[1]: "33"})
    assert browser.status == 422 and 'value="33' in browser.html
    browser.submit("Save", action=save, **dict.fromkeys(names, "0"))
    assert browser.status == 422 and browser.has("At least one factor")


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_the_sliders_of_a_large_cohort_are_answered_by_a_preview(app, world, monkeypatch, htmx):
    _amara, cohort, _mentees = world
    monkeypatch.setattr(weighing, "AT_ONCE", (2, 2))
    browser = Browser(app, htmx=htmx).sign_in("amara@t.example")
    browser.get(f"/programs/cohorts/{cohort.id}/weights")
    assert 'data-live="prepare"' in browser.html
    at = {one.label: f"w_{one.at}" for one in preferences(cohort.rules)}
    browser.submit("Preview", **{at["Skills"]: "80"})
    assert browser.status == 200 and browser.has("12 of 12")
    assert (
        browser.has("The preview follows the sliders")
        and "What a run would find" not in browser.text
    )
    with app.app_context():
        assert reading().scalar(select(func.count()).select_from(MatchRun)) == 0
        end_reading()


def test_a_large_cohort_is_solved_exactly_by_a_worker_and_the_page_waits_for_it(
    app, world, monkeypatch
):
    _amara, cohort, _mentees = world
    monkeypatch.setattr(weighing, "AT_ONCE", (2, 2))
    browser = Browser(app).sign_in("amara@t.example")
    browser.get(f"/programs/cohorts/{cohort.id}/weights")
    browser.submit("Work it out exactly")
    assert browser.has("Waiting for the worker")
    with app.app_context():
        trial = reading().scalars(select(MatchRun)).one().id
        end_reading()
        run_match(str(trial))
        end_reading()
    browser.get(f"/programs/cohorts/{cohort.id}/weights?trial={trial}")
    assert browser.has("What a run would find") and browser.has("12 of 12")
    with app.app_context():
        assert reading().scalar(select(func.count()).select_from(Candidate)) == 0
        end_reading()
    desk = browser.get("/programs/career-growth/manage/")
    assert str(trial) not in desk.html, "a dry run is no run"


def test_pairs_are_found_by_name_and_state_and_the_order_of_aims_is_told(app, world):
    run_id = run_once(app, world)
    browser = Browser(app).sign_in("amara@t.example")
    browser.get(f"/programs/runs/{run_id}/")
    assert browser.has("Most people matched") and browser.has("The weakest pair")
    browser.get(f"/programs/runs/{run_id}/?show=vetoed")
    assert browser.has("No pair fits")
    browser.get(f"/programs/runs/{run_id}/?q=nobody-of-this-name")
    assert browser.status == 200 and browser.has("No pair fits")


def test_why_not_her_is_answered_for_any_mentor_and_never_names_a_private_wish(app, world):
    _amara, _cohort, mentees = world
    run_id = run_once(app, world)
    url = f"/programs/runs/{run_id}/mentees/{mentees[0].id}/alternatives?q=Mentor"
    browser = Browser(app).sign_in("amara@t.example")
    before = mains(browser.get(url).html)
    assert browser.has("Mentor 5") and browser.has("Fix this pair")
    with app.app_context(), writing() as db:
        for mentor in db.scalars(select(Enrollment).where(Enrollment.role == Role.MENTOR)):
            taken = select(Candidate.mentor_id).where(Candidate.mentee_id == mentees[0].id)
            if mentor.id != db.scalar(taken):
                db.add(Exclusion(enrollment_id=mentees[0].id, person_id=mentor.person_id))
    assert mains(browser.get(url).html) == before, "an exclusion changes not a byte"
    assert mains(browser.get(url.replace("Mentor", "Nobody")).html).count("Fix this pair") == 0


def test_why_not_her_names_the_rule_or_what_the_place_would_cost_others(app):
    """Two want the one place that suits them best; the third speaks no common language."""
    with app.app_context():
        with writing() as db:
            amara = make_person(
                db, "Amara Okafor", "amara@t.example", PASSWORD, ("program_manager",)
            )
            cohort = make_cohort(db, CohortState.MATCHING, amara)
            cohort.rules = {**cohort.rules, "objective": "total"}
            rare, plain = (
                make_enrollment(
                    db,
                    cohort,
                    Role.MENTOR,
                    make_person(db, name, level=7),
                    capacity=places,
                    answers={"skills_offered": skills},
                )
                for name, places, skills in (("Rara", 1, ["sales"]), ("Pia", 3, ["writing"]))
            )
            people = {
                name: make_enrollment(
                    db,
                    cohort,
                    Role.MENTEE,
                    make_person(db, name, level=level),
                    answers={"skills_wanted": wanted},
                    languages=[language],
                ).id
                for name, level, wanted, language in (
                    ("First", 4, ["sales"], "en"),
                    ("Second", 4, ["sales", "finance"], "en"),
                    ("Third", 4, ["sales"], "tr"),
                )
            }
        run_id = run_once(app, (amara, cohort, []))
        pairs = mates(reading(), run_id)
        prices = reading().get_one(MatchRun, run_id).prices
        end_reading()
    assert pairs == {(people["First"], rare.id), (people["Second"], plain.id)}
    browser = Browser(app).sign_in("amara@t.example")

    def why(name):
        url = f"/programs/runs/{run_id}/mentees/{people[name]}/alternatives?q="
        return {mentor: browser.get(url + mentor).text for mentor in ("Rara", "Pia")}

    price = format_percent(prices[str(rare.id)], 1)
    assert 0 < prices[str(rare.id)] < 0.5
    said = why("Second")["Rara"]
    assert "others need this place more" in said and f"would cost them {price} in all" in said
    assert "the proposal gives this mentee" in why("First")["Pia"]
    third = why("Third")
    assert all(
        "A language in common is required and does not hold" in text for text in third.values()
    )
    graph = browser.get(f"/programs/runs/{run_id}/")
    assert graph.has("Most sought after") and graph.has(f"Rara {price}"), graph.text
    browser.click("What would one more place change?")
    assert browser.has("With one more place for Rara") and browser.has("Rara instead of Pia")


def test_where_every_place_is_scarce_the_page_says_what_that_means(app):
    """Three people and two places: no place has a price, and the page does not invent one."""
    with app.app_context():
        with writing() as db:
            amara = make_person(
                db, "Amara Okafor", "amara@t.example", PASSWORD, ("program_manager",)
            )
            cohort = make_cohort(db, CohortState.MATCHING, amara)
            mentees = [make_enrollment(db, cohort, Role.MENTEE, n=str(n)) for n in range(3)]
            for n in range(2):
                make_enrollment(db, cohort, Role.MENTOR, n=str(n))
        run_id = run_once(app, (amara, cohort, []))
        assert set(reading().get_one(MatchRun, run_id).prices.values()) == {None}
        taken = {mentee for mentee, _mentor in mates(reading(), run_id)}
        end_reading()
    browser = Browser(app).sign_in("amara@t.example")
    browser.get(f"/programs/runs/{run_id}/")
    assert browser.has("Every place is needed") and not browser.has("Somebody would go without")
    assert browser.has("What would one more place change?")
    (waiting,) = {one.id for one in mentees} - taken
    browser.get(f"/programs/runs/{run_id}/mentees/{waiting}/alternatives")
    assert browser.has("someone else would then be left without a mentor")


def mains(html: str) -> str:
    main = html.split("<main")[1].split("</main>")[0]
    return re.sub(r'(hx-nonce|name="csrf_token" value)="[^"]*"', "", main)


def test_two_runs_are_compared_pair_by_pair(app, world):
    amara, cohort, mentees = world
    run_id = run_once(app, world)
    with app.app_context(), writing() as db:
        weighing.save_rules(db, amara.id, cohort_id=cohort.id, version=1, rules=cohort.rules)
        taken = select(Candidate.mentor_id).where(Candidate.mentee_id == mentees[0].id)
        pair = {"mentee_id": mentees[0].id, "mentor_id": db.scalar(taken)}
        runs.decide(db, amara.id, run_id=run_id, kind=Decision.VETO, **pair)
    second = run_once(app, world)
    browser = Browser(app).sign_in("amara@t.example")
    browser.get(f"/programs/runs/{second}/comparison")
    assert browser.has("This run followed version 2 of the rules, the other one version 1")
    with app.app_context():
        db = reading()
        first = db.scalars(select(MatchRun).where(MatchRun.id != second)).one()
        old, new = (mates(db, one) for one in (first.id, second))
        kept = len(old & new)
        end_reading()
    assert 0 < 12 - kept == browser.html.count("<tr>") - 1


def mates(db, run_id):
    rows = db.execute(
        select(Candidate.mentee_id, Candidate.mentor_id).where(Candidate.run_id == run_id)
    )
    return {tuple(row) for row in rows}


def test_a_run_says_whether_it_comes_out_the_same_again(app, world):
    run_id = run_once(app, world)
    browser = Browser(app).sign_in("amara@t.example")
    browser.get(f"/programs/runs/{run_id}/")
    browser.submit("Solve it again from its record")
    assert browser.has("the same pairs, the same proof"), browser.text
    with app.app_context():
        evidence = reading().get_one(MatchRun, run_id).input_hash
        end_reading()
    assert evidence[:8] not in browser.html, "it reflects private answers, so nobody reads it"


def test_others_find_none_of_it(app, world):
    _amara, cohort, _mentees = world
    run_id = run_once(app, world)
    with app.app_context(), writing() as db:
        make_person(db, "Otto", "otto@t.example", PASSWORD)
    otto = Browser(app).sign_in("otto@t.example")
    for path in (f"cohorts/{cohort.id}/weights", f"runs/{run_id}/comparison"):
        assert otto.get(f"/programs/{path}").status == 404
