"""The workspace: private where it says so, each in their own language, pleasant with few bytes."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.database import reading, writing
from app.core.errors import Refused
from app.mentoring import library
from app.mentoring.models import Agreement, Goal, GuideSession, Prompt
from app.mentoring.rules import AgreementState, GoalState, NoteScope, Sharing, spoken
from app.mentoring.services import work
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.mentoring import make_note, make_pair, plan_session
from tests.factories.programs import make_cohort

SECRET = "I am thinking of leaving"


@pytest.fixture
def pair(app):
    with app.app_context(), writing() as db:
        amara = make_person(db, "Amara Okafor", "amara@t.example", PASSWORD, ("program_manager",))
        make_person(db, "Farid Haddadin", "farid@t.example", PASSWORD, ("org_admin",))
        mentee = make_person(db, "Mina Mentee", "mina@t.example", PASSWORD, locale="es")
        mentor = make_person(db, "Omar Mentor", "omar@t.example", PASSWORD, locale="ar")
        cohort = make_cohort(db, "active", amara)
        return make_pair(db, mentee, mentor, cohort)


def url(pair) -> str:
    return f"/mentoring/{pair.id}/"


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_a_pair_signs_sets_a_goal_ticks_a_step_and_writes_notes(app, pair, htmx):
    mina = Browser(app, htmx=htmx, lang="en").sign_in("mina@t.example")
    mina.get(url(pair) + "?lang=en")
    mina.submit(action=f"{url(pair)}agreement/signature")
    assert mina.has("Signed by some of you"), mina.text
    mina.click("Set a goal")
    mina.submit("Set the goal", text="Speak at the all-hands", steps="Ask for a slot\nRehearse")
    assert mina.has("Speak at the all-hands") and mina.has("0 of 2")
    mina.get(url(pair)).submit("Done")
    assert mina.has("1 of 2"), mina.text
    mina.get(url(pair)).click("Write a note").submit("Save the note", text=SECRET, scope="own")
    assert mina.has("Your note is saved") and mina.has(SECRET)
    omar = Browser(app, htmx=htmx).sign_in("omar@t.example")
    omar.get(url(pair) + "?lang=en")
    assert omar.has("Speak at the all-hands") and not omar.has(SECRET)
    omar.submit(action=f"{url(pair)}agreement/signature")
    assert omar.has("Signed by everyone")


def test_errors_keep_what_was_typed(app, pair):
    mina = Browser(app, htmx=True).sign_in("mina@t.example")
    mina.get(url(pair) + "?lang=en")
    mina.submit("Plan the session", day="2020-01-01", time="10:00", place="Room 4")
    assert mina.status == 422 and mina.has("This day has passed")
    assert 'value="Room 4"' in mina.html


def test_nobody_but_the_members_gets_into_a_workspace(app, pair):
    with app.app_context(), writing() as db:
        make_person(db, "Otto Other", "otto@t.example", PASSWORD)
        note = make_note(db, pair, SECRET, NoteScope.SHARED)
        goal = work.set_goal(
            db, pair.members[0].person_id, relationship_id=pair.id, text="x", steps=["y"]
        )
        meeting = plan_session(db, pair)
    hidden = Browser(app).sign_in("otto@t.example").get("/mentoring/nothing-here").html
    for email in ("otto@t.example", "amara@t.example", "farid@t.example"):
        browser = Browser(app).sign_in(email)
        assert browser.get(url(pair)).status == 404 and SECRET not in browser.html
        assert browser.get(url(pair) + "guide").status == 404
        browser.get("/mentoring/")
        token = browser.tree.find(".//input[@name='csrf_token']").get("value")
        for path in (
            f"notes/{note.id}/deletion",
            f"goals/{goal.id}/state",
            f"sessions/{meeting.id}/cancellation",
            f"{pair.id}/notes",
        ):
            answer = browser.client.post(f"/mentoring/{path}", data={"csrf_token": token})
            assert answer.status_code == 404, (email, path)
    assert hidden


def test_organizers_see_that_there_is_a_pair_and_nothing_of_its_work(app, pair):
    with app.app_context(), writing() as db:
        make_note(db, pair, SECRET, NoteScope.SHARED)
    amara = Browser(app).sign_in("amara@t.example")
    amara.get(f"/mentoring/cohorts/{pair.cohort_id}/")
    assert amara.has("Mina Mentee") and amara.has("Getting to know each other")
    assert SECRET not in amara.html and url(pair) not in amara.html
    assert (
        Browser(app).sign_in("mina@t.example").get(f"/mentoring/cohorts/{pair.cohort_id}/").status
        == 404
    )


def test_each_partner_reads_the_same_prompt_in_their_own_language(app, pair):
    mina = Browser(app).sign_in("mina@t.example").get(url(pair))
    omar = Browser(app).sign_in("omar@t.example").get(url(pair))
    assert mina.has("Bases y objetivos") and mina.has("Escribid juntos un objetivo")
    assert omar.has("الأسس والأهداف") and omar.has("اكتبا معًا هدفًا واحدًا")


def test_a_missing_translation_falls_back_to_english_and_says_which_language_it_is():
    assert spoken({"en": "Hello", "es": "Hola"}, "es") == ("Hola", "es")
    assert spoken({"en": "Hello", "es": "Hola"}, "ar") == ("Hello", "en")
    assert spoken({"en": "Hello", "pt": "Olá"}, "pt-BR") == ("Olá", "pt")
    assert spoken({"es": "Hola"}, "ar") == ("Hola", "es")


def said_to_be_english(page: Browser) -> int:
    return len(re.findall(r'<p class="soft small">[^<]*English[^<]*</p>', page.html))


@pytest.mark.parametrize("missing", ["title", "preparation", "text"])
def test_whatever_of_a_guide_is_not_translated_says_so(app, pair, missing):
    mina = Browser(app).sign_in("mina@t.example").get(f"{url(pair)}guide")
    assert mina.has("Bases y objetivos") and said_to_be_english(mina) == 0
    with app.app_context(), writing() as db:
        part = db.scalars(select(GuideSession).where(GuideSession.position == 1)).one()
        prompt = db.scalars(select(Prompt).where(Prompt.guide_session_id == part.id)).first()
        setattr(prompt if missing == "text" else part, missing, {"en": "Only here"})
    mina.get(f"{url(pair)}guide")
    assert mina.has("Only here") and said_to_be_english(mina) == 1


def test_a_reading_that_is_not_translated_says_so(app, pair, monkeypatch):
    one = library.library()["first_talk"]
    english = replace(one, text={"en": one.text["en"]})
    content = {**library.library(), "first_talk": english}
    monkeypatch.setattr(library, "library", lambda: content)
    mina = Browser(app).sign_in("mina@t.example").get(f"{url(pair)}guide")
    assert mina.has(one.text["en"][:40]) and said_to_be_english(mina) == 1


def test_changing_the_agreement_asks_everybody_to_sign_again(context):
    with writing() as db:
        pair = make_pair(db)
        for member in pair.members:
            work.sign(db, member.person_id, relationship_id=pair.id, revision=1)
            work.sign(db, member.person_id, relationship_id=pair.id, revision=1)
    agreement = reading().scalars(select(Agreement)).one()
    assert agreement.state is AgreementState.SIGNED
    with writing() as db:
        work.amend(
            db, pair.members[0].person_id, relationship_id=pair.id, text="Phones away.", revision=1
        )
    assert reading().scalars(select(Agreement.state)).one() is AgreementState.DRAFT


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_nobody_signs_or_overwrites_words_they_have_not_seen(app, pair, htmx):
    mina, omar = (
        Browser(app, htmx=htmx, lang="en").sign_in(f"{who}@t.example").get(url(pair) + "?lang=en")
        for who in ("mina", "omar")
    )
    mina.submit(action=f"{url(pair)}agreement", text="Phones away.")
    omar.submit(action=f"{url(pair)}agreement/signature")
    assert omar.status == 422 and omar.has("The agreement has changed meanwhile"), omar.text
    assert omar.has("Phones away.") and omar.has("Not signed yet")
    late = Browser(app, htmx=htmx, lang="en").sign_in("omar@t.example").get(url(pair) + "?lang=en")
    mina.get(url(pair)).submit(action=f"{url(pair)}agreement", text="Phones away, tea ready.")
    late.submit(action=f"{url(pair)}agreement", text="Cameras on.")
    assert late.status == 422 and late.has("Somebody changed this meanwhile")
    assert late.has("Phones away, tea ready.") and late.has("Cameras on.")
    if htmx:  # this browser puts what was refused behind the old form
        late.get(url(pair))
    late.submit(action=f"{url(pair)}agreement", text="Phones away, tea ready, cameras on.")
    late.submit(action=f"{url(pair)}agreement/signature")
    assert late.has("tea ready, cameras on") and late.has("Signed by some of you")


def test_a_goal_belongs_to_its_owner(context):
    with writing() as db:
        pair = make_pair(db)
        owner, partner = (member.person_id for member in pair.members)
        goal = work.set_goal(
            db,
            owner,
            relationship_id=pair.id,
            text="Lead",
            steps=["One", "Two"],
            sharing=Sharing.ME,
        )
    with writing() as db, pytest.raises(Refused, match="Only the person whose goal"):
        work.move_goal(db, partner, goal_id=goal.id, to=GoalState.ACHIEVED)
    with writing() as db, pytest.raises(Refused, match="one to six steps"):
        work.set_goal(db, owner, relationship_id=pair.id, text="Too much", steps=["x"] * 7)
    with writing() as db:
        step = db.get_one(Goal, goal.id).steps[0]
        for _ in range(2):
            work.tick_step(db, owner, goal_id=goal.id, step_id=step.id, is_done=True)
        work.move_goal(db, owner, goal_id=goal.id, to=GoalState.ACHIEVED)
    kept = reading().get_one(Goal, goal.id)
    assert kept.done == 1 and kept.state is GoalState.ACHIEVED


def test_a_goal_for_me_alone_is_invisible_to_the_partner(app, pair):
    with app.app_context(), writing() as db:
        mentee = pair.members[0].person_id
        work.set_goal(
            db,
            mentee,
            relationship_id=pair.id,
            text="Quietly prepare",
            steps=["One"],
            sharing=Sharing.ME,
        )
    assert Browser(app).sign_in("mina@t.example").get(url(pair)).has("Quietly prepare")
    assert not Browser(app).sign_in("omar@t.example").get(url(pair)).has("Quietly prepare")


@pytest.mark.parametrize("many", [False, True], ids=["one", "many"])
def test_workspace_list_and_home_stay_within_eight_statements(app, pair, queries, many):
    with app.app_context(), writing() as db:
        me = pair.members[0]
        for n in range(12 if many else 1):
            make_note(db, pair, f"n{n}")
            work.set_goal(db, me.person_id, relationship_id=pair.id, text=f"g{n}", steps=["a", "b"])
            plan_session(db, pair, clock.now() + timedelta(days=n + 1))
            if many:
                make_pair(db, me.person)
    mina = Browser(app).sign_in("mina@t.example")
    for path in (
        url(pair),
        url(pair) + "notes",
        url(pair) + "goals",
        url(pair) + "guide",
        "/mentoring/",
        "/",
    ):
        with queries() as seen:
            assert mina.get(path).status == 200
        assert len(seen) <= 8, (path, len(seen), seen)
