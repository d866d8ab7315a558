"""Goals: one to six steps, seen by whom their owner chose, carried on where they are not done."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.database import reading, writing
from app.core.errors import Refused
from app.mentoring.models import Goal, Relationship
from app.mentoring.rules import ClosingReason, GoalState, RelationshipState, Sharing
from app.mentoring.services import closing, continuity, goals, terms, work
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.mentoring import make_pair
from tests.factories.programs import make_cohort

WORDS = {"text": "Lead the planning", "measure": "Two rounds on my own", "steps": ["One", "Two"]}


@pytest.fixture
def pair(app):
    with app.app_context(), writing() as db:
        amara = make_person(db, "Amara Okafor", "amara@t.example", PASSWORD, ("program_manager",))
        mentee = make_person(db, "Mina Mentee", "mina@t.example", PASSWORD)
        mentor = make_person(db, "Omar Mentor", "omar@t.example", PASSWORD)
        return make_pair(db, mentee, mentor, make_cohort(db, "active", amara))


def signed_in(app, who: str, htmx: bool = False) -> Browser:
    return Browser(app, htmx=htmx, lang="en").sign_in(f"{who}@t.example")


def set_goal(app, pair, who=0, **more):
    with app.app_context(), writing() as db:
        made = {**WORDS, **more}
        owner = pair.members[who].person_id
        return work.set_goal(db, owner, relationship_id=pair.id, **made).id


def now(app, goal_id) -> Goal:
    with app.app_context():
        goal = reading().get_one(Goal, goal_id)
        assert goal.steps is not None
        return goal


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_a_goal_from_draft_to_achieved_with_how_far_one_came(app, pair, htmx):
    mina, omar = signed_in(app, "mina", htmx), signed_in(app, "omar", htmx)
    path = f"/mentoring/{pair.id}/goals"
    mina.get(path).submit("Keep it as a draft", text="Speak up", steps="Ask\nRehearse")
    assert mina.has("Your draft is kept") and not omar.get(path).has("Speak up")
    mina.submit("Begin")
    assert mina.has("Where are you today, from 1 (at") and omar.get(path).has("Speak up"), mina.text
    mina.submit("2")
    assert mina.has("Began at 2 of 5") and not mina.has("Where are you today, from 1 (at"), (
        mina.text
    )
    mina.submit("Done")
    assert mina.has("1 of 2") and mina.has("Step done")
    mina.submit("Undo")
    assert mina.get(path).has("0 of 2")
    mina.submit("Achieved")
    assert mina.has("How far have you come")
    mina.submit("4")
    for browser in (mina, omar.get(path)):
        assert browser.has("From 2 to 4 of 5, by their own account"), browser.text
    assert omar.has("Mina Mentee") and "Achieved</" not in omar.html.split("</article>")[0][-900:]


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_steps_are_added_changed_moved_and_taken_out(app, pair, htmx):
    goal_id = set_goal(app, pair)
    mina = signed_in(app, "mina", htmx).get(f"/mentoring/goals/{goal_id}")
    mina.submit("Add the step", text="Three")
    mina.submit("Move down")
    assert words(app, goal_id) == ["Two", "One", "Three"]
    mina.get(f"/mentoring/goals/{goal_id}").submit("Move up")
    assert words(app, goal_id) == ["One", "Two", "Three"]
    mina.get(f"/mentoring/goals/{goal_id}").submit("Save the step", text="First")
    mina.get(f"/mentoring/goals/{goal_id}").submit("Save the step", text=" ")
    assert mina.status == 422 and mina.has("Say what the step is")
    mina.get(f"/mentoring/goals/{goal_id}").submit("Take this step out")
    assert words(app, goal_id) == ["Two", "Three"]
    for text in ("4", "5", "6", "7"):
        mina.get(f"/mentoring/goals/{goal_id}").submit("Add the step", text=text)
    assert "Add the step" not in mina.get(f"/mentoring/goals/{goal_id}").text
    with app.app_context(), writing() as db, pytest.raises(Refused, match="Six steps at most"):
        goals.add_step(db, pair.members[0].person_id, goal_id=goal_id, text="8")


def words(app, goal_id) -> list[str]:
    return [step.text for step in now(app, goal_id).steps]


def test_one_step_remains_and_the_words_of_a_goal_can_change(app, pair):
    goal_id = set_goal(app, pair, steps=["One"])
    mina = signed_in(app, "mina").get(f"/mentoring/goals/{goal_id}")
    mina.submit("Save the goal", text="", measure="A number")
    assert mina.status == 422 and 'value="A number"' in mina.html
    mina.submit("Save the goal", text="Lead people", measure="A number", sharing="me")
    assert mina.has("Lead people") and mina.has("Who can see this: you alone"), mina.text
    assert signed_in(app, "omar").get(f"/mentoring/goals/{goal_id}").status == 404
    with app.app_context(), writing() as db, pytest.raises(Refused, match="one to six steps"):
        step = db.get_one(Goal, goal_id).steps[0]
        goals.remove_step(db, pair.members[0].person_id, goal_id=goal_id, step_id=step.id)


def test_a_partner_reads_a_goal_and_changes_nothing(app, pair):
    goal_id = set_goal(app, pair)
    omar = signed_in(app, "omar").get(f"/mentoring/goals/{goal_id}")
    assert omar.has("Lead the planning") and omar.has("Who can see this: you and your partner")
    assert "Add the step" not in omar.text and "Save the goal" not in omar.text
    token = omar.tree.find(".//input[@name='csrf_token']").get("value")
    step = now(app, goal_id).steps[0].id
    for act in ("", "/state", "/rating", "/steps", f"/steps/{step}", f"/steps/{step}/removal"):
        url = f"/mentoring/goals/{goal_id}{act}"
        assert omar.client.post(url, data={"csrf_token": token}).status_code == 403, act


# -- what organizers see ---------------------------------------------------------------------------


def test_organizers_see_title_and_progress_of_what_is_shared_with_the_program(app, pair):
    with app.app_context(), writing() as db:
        mina = pair.members[0].person_id
        key = {"relationship_id": pair.id, "measure": "my measure", "baseline": 2}
        shown = work.set_goal(
            db, mina, text="Shown", steps=["a step", "b"], sharing=Sharing.PROGRAM, **key
        )
        work.tick_step(db, mina, goal_id=shown.id, step_id=shown.steps[0].id, is_done=True)
        work.move_goal(db, mina, goal_id=shown.id, to=GoalState.ACHIEVED)
        goals.rate(db, mina, goal_id=shown.id, number=5)
        for name, more in {
            "for the pair": {},
            "for me": {"sharing": Sharing.ME},
            "a draft": {"sharing": Sharing.PROGRAM, "is_draft": True},
        }.items():
            work.set_goal(db, mina, text=name, steps=["x"], **key, **more)
    amara = signed_in(app, "amara").get(f"/mentoring/cohorts/{pair.cohort_id}/")
    amara.click("Goals shared with the program")
    assert amara.has("Shown") and amara.has("1 of 2") and amara.has("Achieved"), amara.text
    main = amara.html[amara.html.index("<main") : amara.html.index("</main>")]
    for hidden in ("for the pair", "for me", "a draft", "my measure", "a step", "Mina", "of 5"):
        assert hidden not in main, hidden
    assert amara.get(f"/mentoring/goals/{shown.id}").status == 404
    for who in ("mina", "omar"):
        assert signed_in(app, who).get(f"/mentoring/cohorts/{pair.cohort_id}/goals").status == 404


# -- where a goal goes on --------------------------------------------------------------------------


def test_a_renewal_carries_goals_on_with_their_open_steps(app, pair):
    goal_id = set_goal(app, pair, baseline=2)
    finished = set_goal(app, pair, text="All done", steps=["Only"])
    with app.app_context():
        people = [member.person_id for member in pair.members]
        with writing() as db:
            for one in (goal_id, finished):
                step = db.get_one(Goal, one).steps[0]
                work.tick_step(db, people[0], goal_id=one, step_id=step.id, is_done=True)
            row = db.get_one(Relationship, pair.id)
            row.state, row.renewal_asked_at = RelationshipState.ACTIVE, clock.now()
            row.ends_on = clock.now().date() + timedelta(days=7)
        with writing() as db:
            for person in people:
                terms.answer_renewal(db, person, relationship_id=pair.id, says_yes=True)
        for _again in range(2):
            with clock.frozen(clock.now() + timedelta(days=8)), writing() as db:
                terms.end_terms(db)
        db = reading()
        states = {g.text: g.state for g in db.scalars(select(Goal).where(Goal.baseline.is_(None)))}
        assert states == {"All done": GoalState.ACTIVE}
        assert db.get_one(Goal, goal_id).state is GoalState.CARRIED_OVER
        begun = db.scalars(select(Goal).where(Goal.carried_from == goal_id)).one()
        assert begun.state is GoalState.ACTIVE and begun.baseline == 2
        assert [(step.text, step.done_at) for step in begun.steps] == [("Two", None)]


def test_after_the_end_a_goal_goes_on_with_the_next_partner(app, pair):
    goal_id = set_goal(app, pair)
    with app.app_context(), writing() as db:
        closing.close(db, None, relationship_id=pair.id, reason=ClosingReason.ORGANIZER)
        mentor = make_person(db, "Noor Next", "noor@t.example", PASSWORD)
        next_ = make_pair(db, pair.members[0].person, mentor, make_cohort(db, "active"))
    mina = signed_in(app, "mina").get(f"/mentoring/{pair.id}/goals")
    assert mina.has("How far have you come"), "the end asks once more"
    mina.submit("3")
    mina.submit("Go on with it with Noor Next")
    assert mina.url.startswith(f"/mentoring/{next_.id}/") and mina.has("Goes on from before")
    assert now(app, goal_id).state is GoalState.CARRIED_OVER
    assert signed_in(app, "noor").get(f"/mentoring/{next_.id}/goals").has("Lead the planning")
    mina.get(f"/mentoring/{pair.id}/goals")
    assert mina.has("Carried over") and "Go on with it" not in mina.text


def test_nobody_carries_a_goal_into_a_pair_that_is_not_theirs(app, pair):
    goal_id = set_goal(app, pair)
    with app.app_context(), writing() as db:
        other = make_pair(db)
    mina = signed_in(app, "mina").get(f"/mentoring/{pair.id}/goals")
    token = mina.tree.find(".//input[@name='csrf_token']").get("value")
    for target, status in ((other.id, 404), (pair.id, 409)):
        url = f"/mentoring/goals/{goal_id}/carrying/{target}"
        assert mina.client.post(url, data={"csrf_token": token}).status_code == status
    wrong = {"csrf_token": token, "to": "carried_over"}
    assert mina.client.post(f"/mentoring/goals/{goal_id}/state", data=wrong).status_code == 422


def test_erasure_takes_goals_nobody_else_saw_and_leaves_the_others(app, pair):
    kept = set_goal(app, pair)
    gone = {set_goal(app, pair, sharing=Sharing.ME), set_goal(app, pair, is_draft=True)}
    theirs = set_goal(app, pair, 1, sharing=Sharing.ME)
    with app.app_context():
        with writing() as db:
            db.get_one(Goal, kept).carried_from = next(iter(gone))
        with writing() as db:
            continuity.erase(db, pair.members[0].person_id)
        assert set(reading().scalars(select(Goal.id))) == {kept, theirs}


@pytest.mark.parametrize("many", [False, True], ids=["one", "many"])
def test_pages_of_goals_stay_within_eight_statements(app, pair, queries, many):
    for n in range(12 if many else 1):
        goal_id = set_goal(app, pair, text=f"g{n}", sharing=Sharing.PROGRAM)
    mina, amara = signed_in(app, "mina"), signed_in(app, "amara")
    for who, path in (
        (mina, f"/mentoring/{pair.id}/goals"),
        (mina, f"/mentoring/goals/{goal_id}"),
        (amara, f"/mentoring/cohorts/{pair.cohort_id}/goals"),
    ):
        with queries() as seen:
            assert who.get(path).status == 200
        assert len(seen) <= 8, (path, len(seen), seen)
