"""What people say for matching about who they are: asked in place, used by consent, taken back."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import func, select

from app.core.database import end_reading, reading, writing
from app.demographics import services as demographics
from app.demographics.models import ConsentEntry, MatchDraw, MatchWish, SelfIdentification
from app.demographics.rules import Attribute, MatchAnswer, Purpose
from app.matching.deniable import SMALLEST_POOL
from app.programs import feed
from app.programs.jobs import run_match
from app.programs.models import MatchRun, RunInput, WishReport
from app.programs.preferences import WISH_WEIGHT
from app.programs.rules import CohortState, Role
from app.programs.services import replays, weighing, wishing
from app.programs.templates import TEMPLATES
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.programs import make_cohort, make_enrollment
from tests.programs.test_runs import run_now

GENDER, ORIENTATION = Attribute.GENDER, Attribute.ORIENTATION
OPEN, DENIABLE = Purpose.MATCHING_SHAREABLE, Purpose.MATCHING_DENIABLE
NOTICE = demographics.Notice("match-1", "en")


@pytest.fixture
def amara(context):
    with writing() as db:
        return make_person(db, "Amara Okafor", roles=("program_manager",))


@pytest.fixture
def cohort(context):
    with writing() as db:
        return make_cohort(db, CohortState.MATCHING)


def say(db, person_id, attribute=GENDER, **answer):
    wishing.say(db, person_id, answers={attribute: MatchAnswer(**answer)}, notice=NOTICE)


def people(db, cohort, mentees, mentors, capacity=1):
    return (
        [make_enrollment(db, cohort, Role.MENTEE, n=f"{n:02}") for n in range(mentees)],
        [
            make_enrollment(db, cohort, Role.MENTOR, n=f"{n:02}", capacity=capacity)
            for n in range(mentors)
        ],
    )


def fed(cohort):
    with writing() as db:
        pool = feed.load_pool(db, cohort.id)
        plain = feed.instance_of(pool, cohort.rules, 1)
        return feed.with_private(
            db, plain, cohort.rules, cohort_id=cohort.id, subject=("cohort", cohort.id)
        )


def values(instance, enrollment):
    everybody = (*instance.mentees, *instance.mentors)
    found = next(one.values for one in everybody if one.id == str(enrollment.id))
    return {name: found.get(name, frozenset()) for name in feed.private.FIELDS}


def test_the_wish_weighs_fifteen_of_a_hundred_where_people_are_asked_who_they_are():
    for template in TEMPLATES.values():
        prefer = {r["key"]: r for r in template.rules()["rules"] if r["kind"] == "prefer"}
        assert sum(one["weight"] for one in prefer.values()) == pytest.approx(100, abs=0.01)
        assert ("wish" in prefer) is bool(template.identity)
        if template.identity:
            assert prefer["wish"]["weight"] == WISH_WEIGHT == 15
            assert prefer["hint"]["weight"] < 1 and prefer["wish"]["private"]


def test_the_matcher_gets_what_each_agreed_to_and_nothing_else(cohort):
    with writing() as db:
        mentees, mentors = people(db, cohort, 3, SMALLEST_POOL)
        say(db, mentees[0].person_id, wish="woman")
        say(db, mentors[0].person_id, value="woman", use=OPEN)
        say(db, mentors[1].person_id, value="woman", use=DENIABLE)
        say(db, mentors[2].person_id, value="woman")
    instance = fed(cohort)
    assert values(instance, mentees[0])["wishes"] == {"gender:woman"}
    assert values(instance, mentors[0])["shared"] == {"gender:woman"}
    assert values(instance, mentors[1])["shared"] == frozenset()
    assert len(values(instance, mentors[1])["seen"]) == 1
    assert not any(values(instance, mentors[2]).values())
    assert all(not any(values(instance, one)[n] for n in ("shared", "seen")) for one in mentees)


def test_a_hint_is_left_out_where_a_side_is_too_small_to_hide_one(cohort):
    with writing() as db:
        _mentees, mentors = people(db, cohort, 3, SMALLEST_POOL - 1)
        say(db, mentors[1].person_id, value="woman", use=DENIABLE)
    assert values(fed(cohort), mentors[1])["seen"] == frozenset()


def test_employers_records_never_feed_matching(cohort):
    with writing() as db:
        _mentees, mentors = people(db, cohort, 1, SMALLEST_POOL)
        demographics.record_hris(db, None, {mentors[0].person_id: {"gender": "woman"}})
    assert not any(values(fed(cohort), mentors[0]).values())


def test_a_draw_is_made_once_kept_sealed_and_the_same_after_a_change_of_mind(cohort):
    with writing() as db:
        _mentees, mentors = people(db, cohort, 1, SMALLEST_POOL)
        who = mentors[0].person_id
        say(db, who, value="woman", use=DENIABLE)
    seen = values(fed(cohort), mentors[0])["seen"]
    for _run in range(20):
        assert values(fed(cohort), mentors[0])["seen"] == seen
    assert reading().scalar(select(func.count()).select_from(MatchDraw)) == 1
    with writing() as db:
        wishing.take_back(db, who, attribute=GENDER, notice=NOTICE)
    assert reading().scalar(select(func.count()).select_from(MatchDraw)) == 0
    assert values(fed(cohort), mentors[0])["seen"] == frozenset()
    with writing() as db:
        say(db, who, value="woman", use=DENIABLE)
    assert values(fed(cohort), mentors[0])["seen"] == seen, "no second draw to average with"


def test_nothing_of_it_stands_in_the_database_in_plain_words(cohort, amara):
    with writing() as db:
        mentees, mentors = people(db, cohort, 3, SMALLEST_POOL)
        say(db, mentees[0].person_id, wish="nonbinary", only=True)
        say(db, mentors[0].person_id, value="nonbinary", use=OPEN)
    run = run_now(cohort, amara)
    db = reading()
    for row in (*db.scalars(select(MatchWish)), *db.scalars(select(SelfIdentification))):
        assert b"nonbinary" not in row.value
    packed = db.get_one(RunInput, run.id)
    assert packed.root_id and b"nonbinary" not in packed.packed
    assert replays.replay(replays.record_of(db, run.id))["state"] == "equal"
    kept = db.get_one(MatchRun, run.id)
    told = json.dumps([kept.metrics, kept.unmatched, kept.prices, kept.rules])
    assert "nonbinary" not in told and "gender:" not in told


def test_consents_are_logged_without_the_value_and_never_changed(cohort):
    with writing() as db:
        mentees, _mentors = people(db, cohort, 1, 1)
        who = mentees[0].person_id
        say(db, who, value="woman", use=OPEN)
        say(db, who, value="man", use=OPEN)
        say(db, who, value="man", use=DENIABLE)
        wishing.take_back(db, who, attribute=GENDER, notice=NOTICE)
    rows = reading().scalars(select(ConsentEntry).order_by(ConsentEntry.at)).all()
    assert sorted((row.purpose, row.is_given) for row in rows) == sorted(
        [(OPEN, True), (OPEN, False), (DENIABLE, True), (DENIABLE, False)]
    )
    end_reading()
    with pytest.raises(TypeError, match="appended"), writing() as db:
        db.scalars(select(ConsentEntry)).first().is_given = False
        db.flush()
    with writing() as db:
        demographics.erase(db, None, person_id=who)
        assert db.scalar(select(func.count()).select_from(MatchWish)) == 0
        assert db.scalar(select(func.count()).select_from(ConsentEntry)) == 4


def test_what_was_agreed_to_for_statistics_stays(cohort):
    with writing() as db:
        who = make_person(db, "Noor").id
        demographics.identify(
            db,
            who,
            values={GENDER: "woman"},
            purposes=[Purpose.ANALYTICS],
            notice_version="a",
            locale="en",
        )
        say(db, who, value="woman", use=OPEN)
        wishing.take_back(db, who, attribute=GENDER, notice=NOTICE)
    with writing() as db:
        assert demographics.own_answers(db, who) == {}
        read = demographics.read(
            db, None, person_id=who, attribute=GENDER, purpose=Purpose.ANALYTICS
        )
    assert read == "woman"


def test_only_the_feeder_reads_answers_given_for_matching(context):
    from pathlib import Path

    import app

    users = {
        str(path.relative_to(Path(app.__file__).parent))
        for path in Path(app.__file__).parent.rglob("*.py")
        if "for_matching(" in path.read_text().replace("say_for_matching(", "")
    }
    assert users == {"demographics/services/feeding.py", "programs/feed/private.py"}


def test_a_wish_that_can_be_met_is_met_and_rather_waiting_means_waiting(cohort, amara):
    with writing() as db:
        mentees, mentors = people(db, cohort, 2, 2)
        say(db, mentees[1].person_id, wish="woman")
        say(db, mentors[0].person_id, value="woman", use=OPEN)
        say(db, mentees[0].person_id, attribute=ORIENTATION, wish="lgbtq", only=True)
    run = run_now(cohort, amara)
    pairs = {one.mentee_id: one.mentor_id for one in _candidates(run)}
    assert pairs == {mentees[1].id: mentors[0].id}
    why = next(one for one in run.unmatched if one["mentee"] == str(mentees[0].id))["why"]
    assert [one["code"] for one in why] == ["waiting_discreetly"]


def _candidates(run):
    from app.programs.models import Candidate

    return reading().scalars(select(Candidate).where(Candidate.run_id == run.id)).all()


def test_a_dry_run_knows_no_private_answer(cohort, amara):
    """Else whoever moves a weight would see what the answers do."""
    with writing() as db:
        mentees, _mentors = people(db, cohort, 2, 2)
        say(db, mentees[0].person_id, wish="woman", only=True)
        trial = weighing.start_trial(db, amara.id, cohort_id=cohort.id, rules=cohort.rules)
    run_match(str(trial.id))
    end_reading()
    assert reading().get_one(MatchRun, trial.id).metrics["pairs"] == 2


def test_a_run_says_how_many_wishes_it_met_only_among_a_crowd(cohort, amara):
    with writing() as db:
        mentees, mentors = people(db, cohort, 14, 14)
        for at in range(12):
            say(db, mentees[at].person_id, wish="woman")
            say(db, mentors[at].person_id, value="woman", use=OPEN)
    first = run_now(cohort, amara)
    assert first.metrics["honored"]["share"] == "90" and first.metrics["honored"]["hints"]
    with writing() as db:
        for at in range(12):
            say(db, mentors[at].person_id, value="man", use=OPEN)
    again = run_now(cohort, amara)
    assert again.metrics["honored"] == first.metrics["honored"], "the same people: the same report"
    assert reading().scalar(select(func.count()).select_from(WishReport)) == 1


def test_a_small_pool_is_told_nothing(cohort, amara):
    with writing() as db:
        mentees, mentors = people(db, cohort, 4, 4)
        say(db, mentees[0].person_id, wish="woman")
        say(db, mentors[0].person_id, value="woman", use=OPEN)
    assert run_now(cohort, amara).metrics["honored"]["share"] == "few"


# -- pages --------------------------------------------------------------------------------------


FORM = "/programs/lead/enroll?role=mentee"
MINE = "/programs/enrollments/private"
FILLED = {
    "q_skills_wanted": ["strategy"],
    "q_goals_wanted": ["next_level"],
    "languages": ["en"],
    "zone": "UTC",
    "i_gender": "woman",
}


@pytest.fixture
def ines(app, write):
    with write() as db:
        who = make_person(db, "Ines Duarte", "ines@t.example", PASSWORD).id
        make_cohort(db, CohortState.ENROLLING, template="leadership", title="Lead")
    return who


def own(write, who):
    with write() as db:
        return demographics.own_answers(db, who)


def test_one_answers_in_the_enrollment_form_and_takes_it_back_at_any_time(app, write, ines):
    browser = Browser(app).sign_in("ines@t.example")
    browser.get(FORM)
    assert browser.has("light hint") and browser.has("can guess from being matched")
    browser.submit(action="/programs/lead/enroll", **FILLED)
    assert browser.status == 422 and browser.has("how this answer may be used")
    assert own(write, ines) == {}, "nothing is kept without a consent"
    browser.submit(
        action="/programs/lead/enroll", **FILLED, u_gender=DENIABLE.value, w_gender="woman"
    )
    assert own(write, ines) == {GENDER: MatchAnswer("woman", DENIABLE, "woman", False)}
    browser.get(MINE)
    assert browser.has("Take this answer back")
    browser.submit(action=f"{MINE}/gender/withdrawal")
    assert own(write, ines) == {} and not browser.has("Take this answer back")
    token = browser.html.partition('name="csrf_token" value="')[2].partition('"')[0]
    gone = browser.client.post(f"{MINE}/gender/withdrawal", data={"csrf_token": token})
    assert gone.status_code == 404


def test_ones_private_answers_are_changed_on_a_page_of_their_own(app, write, ines, queries):
    browser = Browser(app).sign_in("ines@t.example")
    browser.get(MINE)
    browser.submit(action=MINE, w_orientation="lgbtq", o_orientation="y")
    assert own(write, ines) == {ORIENTATION: MatchAnswer("", None, "lgbtq", True)}
    with queries() as seen:
        browser.get(MINE)
    assert len(seen) <= 8
    with queries() as seen:
        browser.get(FORM)
    assert len(seen) <= 8, len(seen)
