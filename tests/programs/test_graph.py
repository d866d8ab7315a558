"""The picture of a run: everybody reachable by keyboard, small, with a table beside it."""

from __future__ import annotations

import gzip
import html
import re

import pytest
from sqlalchemy import select

from app.core import ids
from app.core.database import end_reading, reading, writing
from app.programs.graph import Scene, Tie, drawn
from app.programs.models import Candidate, Enrollment, MatchRun
from app.programs.rules import CandidateState, CohortState, Decision, Role, RunState
from app.programs.services import runs
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.formats import make_members, start_with
from tests.factories.formats import run_once as run_of_circles
from tests.factories.programs import make_cohort, make_enrollment
from tests.programs.test_fair_runs import varied
from tests.programs.test_review_pages import run_once


@pytest.fixture
def world(app):
    """A cohort with twelve mentees and six mentors, and its organizer, who takes part herself."""
    with app.app_context(), writing() as db:
        amara = make_person(db, "Amara Okafor", "amara@t.example", PASSWORD, ("program_manager",))
        cohort = make_cohort(db, CohortState.MATCHING, amara)
        mentees = varied(db, cohort)
        make_enrollment(db, cohort, Role.MENTEE, amara)
    return amara, cohort, mentees


def test_everybody_is_a_link_to_why_and_the_organizer_is_absent(app, world, queries):
    amara, _cohort, mentees = world
    run_id = run_once(app, world)
    with app.app_context():
        taken = select(Candidate.mentor_id).where(
            Candidate.run_id == run_id, Candidate.mentee_id == mentees[0].id
        )
        mentor_id = reading().scalar(taken)
        end_reading()
        with writing() as db:
            pair = {"mentee_id": mentees[0].id, "mentor_id": mentor_id}
            runs.decide(db, amara.id, run_id=run_id, kind=Decision.LOCK, **pair)
    browser = Browser(app).sign_in("amara@t.example")
    browser.get(f"/programs/runs/{run_id}/").click("Graph")
    picture = browser.html.split('<figure class="graph')[1].split("</svg>")[0]
    assert picture.count("<a href") == 18 and picture.count("<line") == 12
    assert picture.count('stroke-dasharray="6 4"') == 1, "fixed by hand"
    assert "Amara" not in browser.html.split("<main")[1]
    with queries() as seen:
        browser.get(f"/programs/runs/{run_id}/graph?person={mentees[0].id}")
    assert len(seen) <= 8, len(seen)
    assert browser.has("Fixed by hand: see the reasons") and browser.has("why not?")
    browser.get(html.unescape(re.findall(r'href="([^"]*pair=[^"]*)"', browser.html)[0]))
    assert browser.has("What speaks for it") and "pair=" in browser.url
    found = browser.get(f"/programs/runs/{run_id}/graph?q=mentee 11")
    assert found.has("Mentee 11") and not found.has("Nobody of that name")
    assert browser.get(f"/programs/runs/{run_id}/graph?q=nobody-here").has("Nobody of that name")
    with app.app_context(), writing() as db:
        make_person(db, "Otto", "otto@t.example", PASSWORD)
    otto = Browser(app).sign_in("otto@t.example")
    assert otto.get(f"/programs/runs/{run_id}/graph").status == 404


def test_three_hundred_people_and_their_mentors_stay_light_and_more_show_a_part(app, queries):
    sizes = {}
    for mentees, mentors in ((300, 100), (420, 60)):
        with app.app_context(), writing() as db:
            email = f"a{mentees}@t.example"
            amara = make_person(db, "Amara", email, PASSWORD, ("program_manager",))
            cohort = make_cohort(db, CohortState.MATCHING, amara, title=f"Program {mentees}")
            rows = {
                role: [
                    make_enrollment(
                        db, cohort, role, make_person(db, f"{role.value} Person {at}"), capacity=4
                    ).id
                    for at in range(count)
                ]
                for role, count in ((Role.MENTEE, mentees), (Role.MENTOR, mentors))
            }
            run = MatchRun(cohort_id=cohort.id, state=RunState.PUBLISHED, started_by=amara.id)
            run.prices = {str(one): 0.1 for one in rows[Role.MENTOR]}
            db.add(run)
            db.flush()
            db.add_all(
                Candidate(
                    run_id=run.id,
                    mentee_id=mentee,
                    mentor_id=rows[Role.MENTOR][at % mentors],
                    state=CandidateState.PROPOSED,
                    score=0.3 + at % 60 / 100,
                )
                for at, mentee in enumerate(rows[Role.MENTEE])
            )
            run_id = run.id
        browser = Browser(app).sign_in(email)
        with queries() as seen:
            browser.get(f"/programs/runs/{run_id}/graph")
        assert len(seen) <= 8
        sizes[mentees] = len(gzip.compress(browser.html.encode()))
        assert browser.has("shows the part around one person") is (mentees > 300)
    print(sizes)
    assert sizes[300] < 60_000 and sizes[420] < 20_000, sizes


def test_lines_of_one_mentor_stay_together_and_the_picture_is_mirrored_for_arabic():
    people = [ids.new_id() for _ in range(6)]
    mentees, mentors = people[:4], people[4:]
    ties = [Tie(mentee, mentors[at % 2], 0.5) for at, mentee in enumerate(mentees)]
    scene = Scene(mentees, mentors, ties, prices={mentors[1]: 0.4})
    plain, mirrored = drawn(scene), drawn(scene, is_mirrored=True)
    height = {node.id: node.y for node in plain.nodes}
    assert height[mentors[1]] < height[mentors[0]], "the contested one comes first"
    crossing = [
        (one, other)
        for one in plain.lines
        for other in plain.lines
        if (one.y1 - other.y1) * (one.y2 - other.y2) < 0
    ]
    assert crossing == []
    left = {node.id for node in plain.nodes if node.x < 320}
    right = {node.id for node in mirrored.nodes if node.x > 320}
    assert left == right == set(mentees)


def test_what_a_rule_costs_is_worked_out_without_a_trace(app, world, queries):
    _amara, _cohort, mentees = world
    with app.app_context(), writing() as db:
        lone = db.get_one(Enrollment, mentees[0].id)
        lone.languages = ["tr"]  # nobody else speaks it
    run_id = run_once(app, world)
    browser = Browser(app).sign_in("amara@t.example")
    browser.get(f"/programs/runs/{run_id}/").click("What if a rule did not hold?")
    with queries() as seen:
        browser.get(f"/programs/runs/{run_id}/relaxed?rule=A+language+in+common")
    assert len(seen) <= 8, len(seen)
    assert browser.has("Would gain a match") and browser.has("Mentee 0"), browser.text
    assert "Amara" not in browser.html.split("<main")[1]
    with app.app_context():
        pairs = select(Candidate).where(Candidate.mentee_id == lone.id)
        assert reading().scalars(pairs).all() == []
        end_reading()


def test_on_a_phone_the_picture_is_a_list_of_links_and_a_circle_is_not_called_mentees(app):
    with app.app_context():
        with writing() as db:
            amara = make_person(db, "Amara", "amara@t.example", PASSWORD, ("program_manager",))
        cohort = start_with("circle", amara)
        with writing() as db:
            make_members(db, cohort, 6)
        run_id = run_of_circles(cohort, amara).id
    browser = Browser(app).sign_in("amara@t.example").get(f"/programs/runs/{run_id}/graph")
    assert browser.has("with the member who fits best")
    assert "Mentees and mentors" not in browser.html and "whom more people need" not in browser.html
    table = browser.html.split('id="ties"')[1]
    assert len(set(re.findall(r'href="[^"]*person=([0-9a-f-]+)"', table))) == 6
    assert "<details" not in table.split("</section>")[0], "nothing to unfold"
