"""The usual factors of a program: their weights, where each comes from, and who may know it."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.database import end_reading, reading, writing
from app.ergs.models import Erg
from app.ergs.rules import Discovery, Visibility
from app.programs import feed
from app.programs.models import Candidate, Enrollment, MatchRun, RunInput
from app.programs.preferences import FACTORS, PRIVATE_FACTORS
from app.programs.rules import CohortState, Role
from app.programs.services import enrollment, weighing
from app.programs.services.enrollment import Reply
from app.programs.templates import TEMPLATES
from app.programs.texts import reasons_shown
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg, make_member
from tests.factories.programs import make_cohort, make_enrollment, make_offer
from tests.programs.test_runs import run_now

YES = {"groups": "yes"}


@pytest.fixture
def amara(context):
    with writing() as db:
        return make_person(db, "Amara Okafor", roles=("program_manager",))


@pytest.fixture
def cohort(context):
    with writing() as db:
        return make_cohort(db, CohortState.MATCHING)


def test_all_usual_factors_are_there_and_weigh_one_hundred():
    """Wishes weigh 3 and 1 of these; deniable hints, half as much, come on top where they count."""
    weights = {one.key: one.weight for one in (*FACTORS, *PRIVATE_FACTORS)}
    hints = {key for key in weights if key.startswith("hint")}
    assert sum(weight for key, weight in weights.items() if key not in hints) == 100
    new = ("personality", "affiliation", "distance", "trained", "experienced", "culture_trained")
    assert [weights[key] for key in new] == [3, 1, 1, 2, 2, 2]
    whole = {one["key"] for one in TEMPLATES["career_growth"].rules()["rules"]}
    assert set(weights) <= whole
    buddy = {one["key"] for one in TEMPLATES["onboarding_buddy"].rules()["rules"]}
    assert not buddy & {*new}, "what nobody is asked does not count"


def values(instance, enrollment):
    everybody = (*instance.mentees, *instance.mentors)
    return next(one.values for one in everybody if one.id == str(enrollment.id))


def plain(cohort):
    pool = feed.load_pool(reading(), cohort.id)
    return feed.instance_of(pool, cohort.rules, 1)


def fed(cohort):
    instance = plain(cohort)
    end_reading()
    with writing() as db:
        return feed.with_private(
            db, instance, cohort.rules, cohort_id=cohort.id, subject=("cohort", cohort.id)
        )


def reason(candidate, label):
    return next(one["reason"]["code"] for one in candidate.reasons if one["label"] == label)


def test_distance_follows_the_managers_and_says_so(cohort, amara):
    with writing() as db:
        top = make_person(db, "Top")
        heads = [make_person(db, f"Head {n}", manager_id=top.id) for n in range(2)]
        leads = [make_person(db, f"Lead {n}", manager_id=heads[n].id) for n in range(2)]
        mentee = make_enrollment(
            db, cohort, Role.MENTEE, make_person(db, "Mia", manager_id=leads[0].id)
        )
        far = make_enrollment(
            db, cohort, Role.MENTOR, make_person(db, "Far", manager_id=leads[1].id)
        )
        make_enrollment(db, cohort, Role.MENTOR, make_person(db, "Near", manager_id=leads[0].id))
    run = run_now(cohort, amara)
    (pair,) = reading().scalars(select(Candidate).where(Candidate.run_id == run.id))
    assert (pair.mentee_id, pair.mentor_id) == (mentee.id, far.id)
    told = [sentence for _label, _points, sentence in reasons_shown(pair.reasons, {})]
    assert "Distance in the organization: 6 steps through their managers" in told


def test_what_a_mentor_says_of_training_counts_and_is_a_reason(cohort, amara):
    with writing() as db:
        make_enrollment(db, cohort, Role.MENTEE)
        answers = {"skills_offered": ["writing"], "background": ["trained", "culture_trained"]}
        trained = make_enrollment(db, cohort, Role.MENTOR, n="1", answers=answers)
        answers = {"skills_offered": ["writing"], "background": []}
        make_enrollment(db, cohort, Role.MENTOR, n="2", answers=answers)
    run = run_now(cohort, amara)
    (pair,) = reading().scalars(select(Candidate).where(Candidate.run_id == run.id))
    assert pair.mentor_id == trained.id
    assert reason(pair, "Trained as a mentor") == "has"
    assert reason(pair, "Experienced as a mentor") == "has_not"


def test_groups_count_only_where_they_are_open_to_all_and_both_agreed(cohort):
    with writing() as db:
        ergs = {
            "open": make_erg(db, "open", roster=Visibility.COMPANY, discovery=Discovery.LISTED),
            "closed": make_erg(db, "closed", roster=Visibility.MEMBERS),
            "unlisted": make_erg(
                db, "unlisted", roster=Visibility.COMPANY, discovery=Discovery.UNLISTED
            ),
        }
        said = {"yes": YES, "no": {"groups": "no"}, "silent": {}, "shy": YES}
        who = {n: make_enrollment(db, cohort, Role.MENTEE, n=n, answers=said[n]) for n in said}
        mentor = make_enrollment(db, cohort, Role.MENTOR, answers=YES)
        for name, one in who.items():
            shown = Visibility.MEMBERS if name == "shy" else Visibility.COMPANY
            for erg in ergs.values():
                make_member(db, erg, one.person_id, visibility=shown)
        make_member(db, ergs["open"], mentor.person_id, visibility=Visibility.COMPANY)
    instance = fed(cohort)
    found = {name: values(instance, one).get("affiliation") for name, one in who.items()}
    group = str(reading().scalar(select(Erg.id).where(Erg.slug == "open")))
    assert found == {"yes": {group}, "no": None, "silent": None, "shy": None}
    assert values(instance, mentor)["affiliation"] == {group}


LIKE = {"personality": ["planning", "steady"]}


def test_what_is_most_like_people_moves_the_solver_and_nothing_that_is_read(cohort, amara):
    with writing() as db:
        mentee = make_enrollment(db, cohort, Role.MENTEE, answers=LIKE)
        make_enrollment(db, cohort, Role.MENTOR, n="1", answers={"personality": ["talking"]})
        alike = make_enrollment(db, cohort, Role.MENTOR, n="2", answers=LIKE)
    assert "personality" not in values(plain(cohort), mentee), "pages explain without it"
    run = run_now(cohort, amara)
    (pair,) = reading().scalars(select(Candidate).where(Candidate.run_id == run.id))
    assert (pair.mentee_id, pair.mentor_id) == (mentee.id, alike.id)
    kept = json.dumps([run.metrics, run.unmatched, run.prices, pair.reasons])
    assert "planning" not in kept and "ersonality" not in kept
    with writing() as db:
        trial = weighing.start_trial(db, amara.id, cohort_id=cohort.id, rules=cohort.rules)
        assert trial.is_trial  # and a dry run is given `plain`: see test_privacy


def test_what_is_taken_back_in_the_form_stands_in_no_record_of_a_run(context):
    with writing() as db:
        cohort, person = make_cohort(db, CohortState.ENROLLING), make_person(db, "Ines Duarte")
        run = MatchRun(cohort_id=cohort.id)
        db.add(run)
        db.flush()

    def is_kept(windows=("mon-morning",), **answers) -> bool:
        """Whether what a run was given is still there after she has sent the form."""
        with writing() as db:
            given = RunInput(run_id=run.id, packed=b"", kept_until=clock.now())
            db.merge(given)
            reply = Reply(Role.MENTOR, answers, ("en",), "UTC", windows=windows)
            enrollment.enroll(db, person.id, cohort_id=cohort.id, reply=reply)
            return db.scalar(select(RunInput.run_id)) is not None

    assert is_kept(personality=["planning"], style="open")
    assert is_kept(personality=["planning"], **YES), "more said, or what others may see changed"
    assert not is_kept(personality=["talking"], **YES)
    assert not is_kept(personality=["talking"])
    assert is_kept(personality=["talking"])
    assert not is_kept((), personality=["talking"])


def test_one_says_so_in_the_form_and_the_match_does_not_read_it(app, write):
    with write() as db:
        person = make_person(db, "Ines Duarte", "ines@t.example", PASSWORD)
        cohort = make_cohort(db, CohortState.ENROLLING, title="Grow")
    browser = Browser(app).sign_in("ines@t.example")
    browser.get("/programs/grow/enroll?role=mentor")
    assert browser.has("What do you bring as a mentor?") and browser.has("Only the matching uses")
    browser.submit(
        action="/programs/grow/enroll",
        q_skills_offered=["writing"],
        q_goals_offered=["next_level"],
        q_background=["trained"],
        q_personality=["planning"],
        q_groups="yes",
        languages=["en"],
        zone="UTC",
    )
    with write() as db:
        mentor = db.scalars(select(Enrollment)).one()
        assert mentor.answers["personality"] == ["planning"] and mentor.answers["groups"] == "yes"
        mentor.state = "ready"
        mentee = make_enrollment(
            db, cohort, Role.MENTEE, make_person(db, "Bo Berg", "bo@t.example", PASSWORD)
        )
        offer = make_offer(db, mentee, mentor, person.id)
    other = Browser(app).sign_in("bo@t.example")
    other.get(f"/programs/offers/{offer.id}/")
    assert other.has("I have taken a training for mentors")
    assert not other.has("I like to have a plan") and not other.has("openly a member")
