"""The rules of a cohort on their pages: added, changed, taken out, taken back; runs obey them."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from app.accounts.models import Person
from app.audit.models import AuditEvent
from app.core.database import end_reading, reading, writing
from app.programs import factors
from app.programs.jobs import run_match
from app.programs.models import Candidate, Cohort, Enrollment, MatchRun
from app.programs.questions import QUESTIONS
from app.programs.rules import CohortState, Role, RunState
from app.programs.saying import sentence
from app.programs.services import programs, runs
from app.programs.services.weighing import save_rules
from app.programs.templates import TEMPLATES
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.programs import make_cohort, make_enrollment
from tests.programs.test_fair_runs import varied


@pytest.fixture
def world(app):
    """A cohort with eight mentees and four mentors, and its organizer."""
    with app.app_context(), writing() as db:
        amara = make_person(db, "Amara Okafor", "amara@t.example", PASSWORD, ("program_manager",))
        cohort = make_cohort(db, CohortState.MATCHING, amara)
        varied(db, cohort, mentees=8, mentors=4)
    return amara, cohort


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
def browser(request, app, world):
    return Browser(app, htmx=request.param).sign_in("amara@t.example")


def address(world, rest="rules"):
    return f"/programs/cohorts/{world[1].id}/{rest}"


def rules_now(app, world):
    with app.app_context():
        kept = reading().get_one(Cohort, world[1].id).rules
        end_reading()
    return kept


def by_key(rules):
    return {one["key"]: one for one in rules["rules"]}


def run_once(app, world):
    with app.app_context():
        with writing() as db:
            run_id = runs.start_run(db, world[0].id, cohort_id=world[1].id).id
        run_match(str(run_id))
        end_reading()
    return run_id


def functions_of(app, run_id):
    """(function of the mentee, function of the mentor) of every pair that a run found."""
    with app.app_context():
        db = reading()
        pairs = db.execute(
            select(Candidate.mentee_id, Candidate.mentor_id).where(Candidate.run_id == run_id)
        ).all()
        worker = select(Person.function).join(Enrollment, Enrollment.person_id == Person.id)
        found = [
            tuple(db.scalar(worker.where(Enrollment.id == one)) for one in pair) for pair in pairs
        ]
        end_reading()
    return found


def test_all_rules_are_told_as_sentences_and_one_is_taken_out_and_back(app, world, browser):
    browser.get(address(world, "weights")).click("Change the rules")
    assert browser.has("The two must share a language.")
    assert browser.has("Seniority, good to have: the mentor is 2 to 5 steps above the mentee.")
    before = rules_now(app, world)
    browser.submit(action=address(world, "rules/previous_pair/removal"))
    assert browser.has("The rule is taken out") and browser.url == address(world), browser.url
    assert not browser.has("Whoever was a pair before")
    assert "previous_pair" not in by_key(rules_now(app, world))
    browser.submit("Undo")
    assert browser.has("Whoever was a pair before") and browser.url == address(world)
    assert rules_now(app, world) == {**before, "version": 3}
    with app.app_context():
        verbs = select(func.count()).where(AuditEvent.verb == "cohort_rules_changed")
        assert reading().scalar(verbs) == 2
        end_reading()


def test_what_was_good_to_have_becomes_a_must_and_the_next_run_obeys(app, world, browser):
    first = run_once(app, world)
    assert any(one == other for one, other in functions_of(app, first))
    with app.app_context():
        told = reading().get_one(MatchRun, first)
        kept, version = told.rules, told.rule_version
        end_reading()
    browser.get(address(world, "rules/cross_function"))
    assert browser.has("Now: Across functions: better if it differs between the two.")
    browser.submit("Save", kind="require")
    assert browser.has("Across functions: it must differ between the two."), browser.text
    now = by_key(rules_now(app, world))
    assert now["cross_function"]["kind"] == "require" and "weight" not in now["cross_function"]
    assert sum(one.get("weight", 0) for one in now.values()) == pytest.approx(100, abs=0.01)
    second = run_once(app, world)
    assert all(one != other for one, other in functions_of(app, second))
    with app.app_context():
        old = reading().get_one(MatchRun, first)
        assert (old.rules, old.rule_version) == (kept, version), "a run that exists keeps its rules"
        end_reading()


def test_a_rule_is_added_with_its_numbers_and_the_dry_run_follows_it(app, world, browser):
    browser.get(address(world)).click("Add a rule")
    options = [one.get("value") for one in browser.tree.iter("option")]
    assert {"skills", "seniority", "department", "zone", "mode"} <= set(options)
    browser.submit("Go on", about="seniority")
    browser.submit("Save", kind="require", comparator="gap", low="4", high="")
    assert browser.has("Seniority, required: the mentor is at least 4 steps above the mentee.")
    added = by_key(rules_now(app, world))["seniority-2"]
    assert added["params"] == {"low": 4, "fade": 1}, "no most is kept as none"
    browser.get(address(world, "weights"))
    browser.submit("Preview")
    assert browser.has("Mentees matched6 of 8"), "levels 2 to 5 under mentors of 6 to 8"


def test_bad_numbers_and_doubles_get_a_sentence_by_the_field_and_lose_nothing(app, world, browser):
    before = rules_now(app, world)
    new = address(world, "new-rule?about=seniority")
    browser.get(new).submit("Save", kind="require", low="3", high="2")
    assert browser.status == 422 and browser.has("cannot be smaller than the first")
    assert 'value="3"' in browser.html and 'id="high-error"' in browser.html
    browser.get(new).submit("Save", kind="require", low="177", high="180")
    assert browser.status == 422 and browser.has("from -99 to 99")
    browser.get(new).submit("Save", kind="prefer", low="1", high="2")
    assert browser.status == 422 and browser.has("such a rule about the same already")
    browser.get(address(world, "new-rule?about=skills"))
    browser.submit("Save", kind="forbid", at_least="0")
    assert browser.status == 422 and browser.has("from 1 to 10")
    assert rules_now(app, world) == before


def test_what_the_matching_alone_may_read_cannot_be_required(app, world, browser):
    browser.get(address(world, "rules/availability"))
    assert browser.has("cannot be required of anybody")
    browser.submit("Save", kind="require")
    assert browser.status == 422
    browser.get(address(world, "new-rule"))
    offered = {one.get("value") for one in browser.tree.iter("option")}
    assert not offered & {"wish", "hint", "gender", "reporting_line"}
    for fixed in ("reporting_line", "wish"):
        assert address(world, f"rules/{fixed}/removal") not in browser.get(address(world)).html
        assert browser.get(address(world, f"rules/{fixed}")).status == 409
    assert by_key(rules_now(app, world))["availability"]["kind"] == "prefer"


def test_the_last_reason_that_may_be_told_cannot_be_taken_out(app, world):
    rules = rules_now(app, world)
    only = [one for one in rules["rules"] if one["key"] in ("skills", "availability")]
    with app.app_context(), writing() as db:
        db.get_one(Cohort, world[1].id).rules = {**rules, "rules": only}
    browser = Browser(app).sign_in("amara@t.example").get(address(world))
    browser.submit(action=address(world, "rules/skills/removal"))
    assert browser.status == 422 and browser.has("At least one factor")
    browser.get(address(world, "rules/skills")).submit("Save", kind="require")
    assert browser.status == 422 and browser.has("At least one factor")
    assert rules_now(app, world)["rules"] == only


def test_the_page_of_every_rule_opens_and_saves_it_unchanged(app, world):
    browser, saved = Browser(app).sign_in("amara@t.example"), []
    for key, before in by_key(rules_now(app, world)).items():
        if browser.get(address(world, f"rules/{key}")).status == 409:
            assert browser.has("This rule always holds"), key
            continue
        assert browser.submit("Save").status == 200, key
        after = by_key(rules_now(app, world))[key]
        assert {name: after[name] for name in before if name != "params"} == {
            name: before[name] for name in before if name != "params"
        }
        saved.append(key)
    assert "previous_pair" in saved and len(saved) > 5


def test_a_page_that_somebody_else_has_overtaken_changes_nothing(app, world):
    browser = Browser(app).sign_in("amara@t.example").get(address(world, "rules/style"))
    with app.app_context(), writing() as db:
        before = db.get_one(Cohort, world[1].id).rules
        save_rules(db, world[0].id, cohort_id=world[1].id, version=1, rules=before)
    browser.submit("Save", kind="require")
    assert browser.status == 409 and browser.has("Somebody else")
    assert rules_now(app, world) == {**before, "version": 2}


def test_every_mentor_gets_as_many_as_is_asked_or_the_run_says_what_to_change(app, world, browser):
    browser.get(address(world)).submit("Save", minimum="many")
    assert browser.status == 422 and browser.has("Enter a whole number from 0 to 9")
    browser.get(address(world)).submit("Save", minimum="2")
    assert rules_now(app, world)["minimum"] == 2
    mentors = {}
    with app.app_context():
        run_id = run_once(app, world)
        for (mentor,) in reading().execute(
            select(Candidate.mentor_id).where(Candidate.run_id == run_id)
        ):
            mentors[mentor] = mentors.get(mentor, 0) + 1
        end_reading()
    assert list(mentors.values()) == [2, 2, 2, 2]
    with app.app_context(), writing() as db:
        make_enrollment(db, world[1], Role.MENTOR, make_person(db, "Alone"), capacity=2)
    run_id = run_once(app, world)
    assert browser.get(f"/programs/runs/{run_id}/").has("short of it: "), browser.text
    assert any(browser.has(f"short of it: {name}") for name in ("Mentor", "Alone"))
    with app.app_context():
        assert reading().get_one(MatchRun, run_id).state is RunState.FAILED
        end_reading()
    browser.click("Change the rules")
    assert browser.url == address(world)


def test_the_answer_of_what_if_takes_the_rule_out_and_undo_brings_it_back(app, world, browser):
    run_id = run_once(app, world)
    browser.get(f"/programs/runs/{run_id}/relaxed?rule=A+language+in+common")
    browser.submit("Take this rule out")
    assert browser.has("The rule is taken out")
    assert "common_language" not in by_key(rules_now(app, world))
    browser.submit("Undo")
    assert "common_language" in by_key(rules_now(app, world))
    browser.get(f"/programs/runs/{run_id}/relaxed?rule=Reporting+line")
    assert not browser.has("Take this rule out") and browser.has("This rule always holds")


def test_a_dry_run_of_other_factors_does_not_break_the_page_of_weights(app, world, monkeypatch):
    browser = Browser(app).sign_in("amara@t.example")
    monkeypatch.setattr("app.programs.services.weighing.AT_ONCE", (2, 2))
    browser.get(address(world, "weights")).submit("Work it out exactly")
    trial = browser.url
    browser.get(address(world)).submit(action=address(world, "rules/skills/removal"))
    assert browser.get(trial).status == 200


def test_circles_have_no_sides_and_no_minimum(app, world):
    with app.app_context(), writing() as db:
        circles = make_cohort(db, CohortState.MATCHING, world[0], template="circle", title="C")
    browser = Browser(app).sign_in("amara@t.example")
    base = f"/programs/cohorts/{circles.id}"
    assert not browser.get(f"{base}/rules").has("every mentor gets at least")
    browser.get(f"{base}/new-rule?about=seniority").submit("Save", kind="require", high="2")
    assert browser.has("Seniority, required: the two are at most 2 steps apart.")
    kept = by_key(rules_now(app, (world[0], circles)))["seniority"]
    assert (kept["params"]["low"], kept["params"]["high"]) == (-2, 2)


def test_others_find_no_rules(app, world):
    with app.app_context(), writing() as db:
        make_person(db, "Otto", "otto@t.example", PASSWORD)
    otto = Browser(app).sign_in("otto@t.example")
    for rest in ("rules", "new-rule", "rules/skills"):
        assert otto.get(address(world, rest)).status == 404


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_rule_that_can_be_made_says_what_it_asks_and_can_be_matched(context, template):
    made = TEMPLATES[template]
    rules = made.rules()
    known = factors.topics([QUESTIONS[key] for key in made.questions], rules)
    assert len({topic.key for topic in known}) == len(known)
    said = [sentence(one) for one in rules["rules"]]
    for topic in known:
        for kind in topic.kinds:
            for comparator in topic.comparators:
                rule = factors.ruled(topic, None, kind=kind, comparator=comparator, settings={})
                said.append(sentence(rule))
                assert rule["private"] is False or kind == "prefer"
    assert all(one.endswith(".") for one in said)


def test_a_wave_is_a_few_at_a_time_and_asks_for_no_minimum(context):
    from app.programs import feed

    with writing() as db:
        cohort = make_cohort(db, CohortState.ACTIVE)
        varied(db, cohort, mentees=2, mentors=3)
        rules = factors.with_minimum(cohort.rules, 1)
        programs.change_rules(db, None, cohort_id=cohort.id, rules=rules)
        run = MatchRun(cohort_id=cohort.id, rules=cohort.rules, seed=1, is_wave=True)
        db.add(run)
        db.flush()
        assert feed.instance_for(db, run).minimum == 0
        run.is_wave = False
        assert feed.instance_for(db, run).minimum == 1


def test_the_pages_of_rules_cost_no_more_than_others(app, world, queries):
    browser = Browser(app).sign_in("amara@t.example")
    for rest in ("rules", "new-rule", "rules/skills", "new-rule?about=zone"):
        browser.get(address(world, rest))
        with queries() as seen:
            browser.get(address(world, rest))
        assert len(seen) <= 8, (rest, seen)
