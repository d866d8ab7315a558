"""A sign-up sheet in a cohort of any format: what the sheet cannot say stays as it is."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.accounts.models import Person
from app.core.database import end_reading, reading, writing
from app.core.errors import Refused
from app.programs import factors
from app.programs.jobs import run_match
from app.programs.models import Candidate, Cohort, Enrollment, MatchRun, SignUpSheet
from app.programs.rules import CohortState, Role, RunState, SheetState
from app.programs.services import programs, runs, sheets
from app.programs.sheets import rules_of
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.programs import make_cohort, make_enrollment
from tests.programs.test_sheet import upload

ROWS = "Id,Role,Topics,Years\n" + "".join(
    f'{at},{"Mentor" if at < 2 else "Mentee"},"Robots, Heat",{at}\n' for at in range(10)
)


@pytest.fixture
def amara(app):
    with app.app_context(), writing() as db:
        return make_person(db, "Amara Okafor", "amara@t.example", PASSWORD, ("program_manager",))


def imported(app, amara, template, rows=ROWS, **chosen):
    """A cohort of a template after a sheet went into it by the pages: what stood and stands."""
    with app.app_context():
        with writing() as db:
            cohort = make_cohort(db, CohortState.MATCHING, amara, template=template, title="It")
        before = cohort.rules
        end_reading()
    browser = Browser(app).sign_in("amara@t.example")
    upload(browser, str(cohort.id), rows.encode(), "sheet.csv")
    browser.submit("Show the preview", id="0", column_1="2", label_1="Topics", **chosen)
    browser.submit("Import these people")
    assert browser.has("10 people are enrolled"), browser.text
    with app.app_context():
        after = reading().get_one(Cohort, cohort.id).rules
        assert reading().scalars(select(SignUpSheet.rows)).all() == [[]], (
            "kept no longer than needed"
        )
        end_reading()
    return cohort, before, after


def run_of(app, amara, cohort):
    with app.app_context():
        with writing() as db:
            run_id = runs.start_run(db, amara.id, cohort_id=cohort.id).id
        run_match(str(run_id))
        end_reading()
        db = reading()
        run = db.get_one(MatchRun, run_id)
        pairs = db.scalars(select(Candidate).where(Candidate.run_id == run_id)).all()
        end_reading()
    return run, pairs


def roles_of(app, cohort):
    with app.app_context():
        rows = reading().scalars(select(Enrollment).where(Enrollment.cohort_id == cohort.id)).all()
        end_reading()
    return [(row.role, row.capacity) for row in rows]


def test_group_mentoring_stays_group_mentoring(app, amara):
    cohort, before, after = imported(app, amara, "group_mentoring")
    assert after["form"] == before["form"] == {"kind": "groups", "least": 4, "most": 8}
    assert sorted(roles_of(app, cohort))[-1] == (Role.MENTOR, 8), "a whole group, if nothing said"
    run, pairs = run_of(app, amara, cohort)
    assert run.state is RunState.REVIEW and len({pair.group_no for pair in pairs}) in (1, 2)
    assert len(pairs) == 8


@pytest.mark.parametrize("template", ["circle", "peer"])
def test_where_there_are_no_sides_everybody_enrolls_once(app, amara, template):
    cohort, before, after = imported(app, amara, template)
    assert after["form"] == before["form"]
    assert roles_of(app, cohort) == [(Role.MENTEE, 1)] * 10
    run, pairs = run_of(app, amara, cohort)
    assert run.state is RunState.REVIEW and len(pairs) == 10


def test_the_order_the_choice_the_wishes_and_what_must_be_stay(app, amara):
    cohort, before, after = imported(app, amara, "career_growth", language="en", minimum="0")
    for name in ("objective", "segment", "choice", "minimum"):
        assert after[name] == before[name], name
    kept = {one["key"]: one for one in after["rules"]}
    was = {one["key"]: one for one in before["rules"]}
    for key in ("common_language", "reporting_line", "previous_pair", "wish", "hint"):
        assert kept[key] == was[key], key
    assert "skills" not in kept, "its people never answered the form"
    weights = [one["weight"] for one in after["rules"] if one["kind"] == "prefer"]
    assert sum(weights) == pytest.approx(100, abs=0.01)
    assert run_of(app, amara, cohort)[0].metrics["pairs"] == 2, "they speak a language in common"


def test_a_language_that_nobody_knows_of_is_not_required(app, amara):
    cohort, _before, after = imported(app, amara, "career_growth", minimum="0")
    assert "common_language" not in {one["key"] for one in after["rules"]}
    assert run_of(app, amara, cohort)[0].metrics["pairs"] == 2


def test_in_reverse_mentoring_the_higher_number_is_that_of_the_leader(app, amara):
    cohort, _before, after = imported(
        app, amara, "reverse", column_2="3", label_2="Years", compare_2="gap", minimum="0"
    )
    years = next(one for one in after["rules"] if one["label"] == "Years")
    assert years["params"]["high"] == -1
    _run, pairs = run_of(app, amara, cohort)
    points = [part["points"] for one in pairs for part in one.reasons if part["label"] == "Years"]
    assert len(points) == 2 and min(points) > 0


def test_a_second_sheet_takes_the_place_of_the_first_and_answers_in_the_form_stay(context):
    rules = {"rules": [], "version": 1}
    mapping = {"factors": [{"label": "Topics", "compare": "overlap", "weight": 2.0}], "minimum": 1}
    first = rules_of(mapping, rules)
    assert rules_of(mapping, first) == first
    with writing() as db:
        amara = make_person(db, "Amara", roles=("program_manager",))
        cohort = make_cohort(db, CohortState.ENROLLING)
        bo = make_person(db, "Bo", "bo@t.example")
        mine = make_enrollment(db, cohort, Role.MENTEE, bo, languages=["ar"], zone="Asia/Tokyo")
        said = dict(mine.answers)
        sheet = sheet_of(db, cohort, [["bo@t.example", "Mentee", "a, b"]])
    with writing() as db:
        sheets.import_sheet(db, amara.id, sheet_id=sheet.id)
    end_reading()
    now = reading().get_one(Enrollment, mine.id)
    assert now.answers == {**said, "sheet_1": ["a", "b"]}
    assert (now.languages, now.zone) == (["ar"], "Asia/Tokyo")


def sheet_of(db, cohort, rows, **more):
    """A sheet whose columns have been explained."""
    factor = {"column": 2, "label": "Topics", "compare": "overlap", "separator": ","}
    sheet = SignUpSheet(
        cohort_id=cohort.id,
        file_name="sheet.csv",
        headers=["Email", "Role", "Topics"],
        rows=rows,
        created_by=db.scalar(select(Person.id).limit(1)),
        state=SheetState.MAPPED,
        mapping={
            "id": 0,
            "name": None,
            "role": 1,
            "capacity": None,
            "mentor_word": "Mentor",
            "mentee_word": "Mentee",
            "minimum": 1,
            "factors": [{**factor, "trim": True, "weight": 1.0}],
            **more,
        },
    )
    db.add(sheet)
    db.flush()
    return sheet


def test_columns_that_were_explained_with_sides_do_not_enter_a_circle(context):
    with writing() as db:
        amara = make_person(db, "Amara", roles=("program_manager",))
        circle = make_cohort(db, CohortState.ENROLLING, template="circle")
        before = circle.rules
        sheet = sheet_of(db, circle, [["a@t.example", "Mentor", "a"]])
    with writing() as db, pytest.raises(Refused, match="do not fit this program"):
        sheets.import_sheet(db, amara.id, sheet_id=sheet.id)
    end_reading()
    assert reading().get_one(Cohort, circle.id).rules == before
    assert reading().scalars(select(Enrollment)).all() == []


def test_rules_that_people_of_a_sheet_cannot_meet_are_not_kept(context):
    with writing() as db:
        cohort = make_cohort(db, CohortState.ENROLLING)
        known = factors.topics((), cohort.rules)
        level = next(topic for topic in known if topic.key == "department")
        more = factors.ruled(level, None, kind="require", comparator="differ", settings={})
        skills = next(one for one in cohort.rules["rules"] if one["key"] == "skills")
        strict = factors.changed(cohort.rules, {**skills, "kind": "require"})
        rules = factors.added(strict, more)
        programs.change_rules(db, None, cohort_id=cohort.id, rules=rules)
    mapping = {"factors": [{"label": "T", "compare": "overlap", "weight": 1.0}], "minimum": 0}
    strict = [one["key"] for one in rules_of(mapping, rules)["rules"][:3]]
    assert strict == ["reporting_line", "previous_pair", "department"]
