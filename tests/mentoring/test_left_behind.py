"""Whoever leaves a group: their own goals and notes stay with them, and nothing of the others'."""

from __future__ import annotations

from uuid import UUID

import pytest

from app.core.database import reading, writing
from app.mentoring.models import Goal, Note
from app.mentoring.rules import GoalState, NoteScope, Sharing
from app.mentoring.services import continuity, notes, work
from tests.client import Browser
from tests.factories.circles import make_circle
from tests.factories.mentoring import make_pair


def who(circle, letter) -> UUID:
    return next(m.person_id for m in circle.members if m.person.name.startswith(letter))


@pytest.fixture
def scene(app):
    """Ada's circle of four: her goals and notes and those of the others, by name."""
    with app.app_context(), writing() as db:
        circle = make_circle(db)
        ada, ben = who(circle, "A"), who(circle, "B")
        here = {"relationship_id": circle.id}
        goal = {"steps": ["One", "Two"], **here}
        made = {
            "goal": work.set_goal(db, ada, text="Speak up", sharing=Sharing.ME, **goal),
            "ours": work.set_goal(db, ada, text="All of us", is_shared_by_all=True, **goal),
            "theirs": work.set_goal(db, ben, text="Ben leads", **goal),
            "note": notes.write(db, ada, text="Ask the mayor", scope=NoteScope.OWN, **here).note,
            "shared": notes.write(db, ada, text="Agenda", scope=NoteScope.SHARED, **here).note,
            "bens": notes.write(db, ben, text="Minutes", scope=NoteScope.SHARED, **here).note,
        }
        return circle, {name: row.id for name, row in made.items()}


@pytest.fixture
def left(app, scene):
    """The same, after Ada has left by the page."""
    circle, made = scene
    ada = Browser(app, lang="en").sign_in("ada@t.example")
    ada.get(f"/mentoring/{circle.id}/going-on").submit("Leave the group")
    assert ada.has("You have left. Your goals and notes stay yours.")
    return circle, made, ada


def test_the_goals_and_notes_of_whoever_left_are_found_and_read(left, queries):
    circle, made, ada = left
    ada.get("/mentoring/").click("Your goals")
    assert ada.has("Speak up") and ada.has("You have left here")
    ada.submit("Done")
    assert ada.has("1 of 2")
    ada.get("/mentoring/").click("Your notes").click("Ask the mayor")
    ada.submit("Save", text="Ask the mayor twice")
    assert ada.has("Ask the mayor twice") and not ada.has("Share this note")
    goal, note = f"/mentoring/goals/{made['goal']}", f"/mentoring/notes/{made['note']}"
    lists = [f"/mentoring/{circle.id}/{page}" for page in ("goals", "notes")]
    for path in (*lists, goal, note, f"{note}/versions", "/mentoring/"):
        with queries() as seen:
            assert ada.get(path).status == 200, path
        assert len(seen) <= 8, (path, len(seen), seen)
        assert f'"/mentoring/{circle.id}/"' not in ada.html


def test_nothing_of_the_others_is_seen_after_leaving(app, left):
    circle, made, ada = left
    for page in ("goals", "notes", "notes?show=shared", "notes?q=agenda", "notes?q=minutes"):
        ada.get(f"/mentoring/{circle.id}/{page}")
        assert ada.status == 200
        for words in ("All of us", "Ben leads", "Agenda", "Minutes", "Ben Boyd"):
            assert not ada.has(words), (page, words)
    for path in (
        *(f"goals/{made[name]}" for name in ("ours", "theirs")),
        *(f"notes/{made[name]}" for name in ("shared", "bens")),
        *(f"{circle.id}/{page}" for page in ("", "messages", "board/", "guide", "timeline")),
    ):
        assert ada.get(f"/mentoring/{path}").status == 404, path
    otto = Browser(app, lang="en").sign_in("ben@t.example")
    assert otto.get(f"/mentoring/{circle.id}/notes").has("Agenda")
    assert not otto.has("Ask the mayor")


def posted(app, browser, path, **fields):
    app.config["WTF_CSRF_ENABLED"] = False
    return browser.client.post(path, data=fields)


def test_what_waited_on_a_device_when_one_left_becomes_a_note_of_ones_own(app, left):
    circle, made, ada = left
    new = {"text": "Written on the train", "scope": "shared", "key": "k1", "turn": "2"}
    for _again in range(2):
        answer = posted(app, ada, f"/mentoring/{circle.id}/notes", queued="1", **new)
        assert answer.status_code == 200
    for name in ("shared", "bens"):
        change = {"text": f"{name} on the train", "key": name, "turn": "2", "seen": "1"}
        for _again in range(2):
            answer = posted(app, ada, f"/mentoring/notes/{made[name]}", queued="1", **change)
            assert answer.status_code == 200, answer.text
    with app.app_context():
        mine = reading().query(Note).filter_by(author_id=who(circle, "A"), scope=NoteScope.OWN)
        assert sorted(note.text for note in mine) == [
            "Ask the mayor",
            "Written on the train",
            "bens on the train",
            "shared on the train",
        ]
        assert reading().get_one(Note, made["bens"]).text == "Minutes"
        assert reading().get_one(Note, made["shared"]).text == "Agenda"
    for act, fields in (("readers", {"scope": "shared"}), ("deletion", {})):
        path = f"/mentoring/notes/{made['shared']}/{act}"
        assert posted(app, ada, path, **fields).status_code == 404
    path = f"/mentoring/notes/{made['note']}/readers"
    assert posted(app, ada, path, scope="shared").status_code == 403


def test_a_goal_is_taken_along_from_a_group_that_goes_on_without_its_owner(app, left):
    circle, made, ada = left
    with app.app_context(), writing() as db:
        pair = make_pair(db)
        member = next(m for m in pair.members if m.role == "mentee")
        member.person_id = who(circle, "A")
    ada.get(f"/mentoring/{circle.id}/goals").submit("Go on with it with Omar Mentor")
    assert ada.url.startswith(f"/mentoring/{pair.id}/") and ada.has("Goes on from before")
    with app.app_context():
        assert reading().get_one(Goal, made["goal"]).state is GoalState.CARRIED_OVER


def test_whoever_never_belonged_finds_nothing_and_whoever_stays_keeps_all(app, scene):
    circle, made = scene
    with app.app_context(), writing() as db:
        pair = make_pair(db)
        email = pair.members[0].person.email
        continuity.leave_everywhere(db, who(circle, "B"))
    otto = Browser(app, lang="en").sign_in(email)
    for page in ("goals", "notes"):
        assert otto.get(f"/mentoring/{circle.id}/{page}").status == 404
    ada = Browser(app, lang="en").sign_in("ada@t.example").get(f"/mentoring/{circle.id}/notes")
    assert ada.has("Minutes") and ada.has("Agenda")
    assert ada.get(f"/mentoring/goals/{made['theirs']}").status == 200
