"""Whoever leaves a group: their own goals and notes stay with them, and nothing of the others'."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from app.core import clock, outbox
from app.core.database import reading, writing
from app.core.errors import Refused
from app.mentoring.messages.lifecycle import SessionLeft
from app.mentoring.messages.proposals import SeriesPlanned, SlotsExpired
from app.mentoring.models import Agreement, Goal, Meeting, Note, Relationship
from app.mentoring.rules import (
    AgreementState,
    Claim,
    ClosingReason,
    GoalState,
    NoteScope,
    RelationshipState,
    SessionState,
    Sharing,
)
from app.mentoring.services import continuity, notes, sessions, terms, work
from app.programs.rules import Format, Role
from tests.client import Browser
from tests.factories.accounts import make_person
from tests.factories.circles import make_circle, make_group
from tests.factories.mentoring import add_member, make_pair, plan_session


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


# -- what the others do then -----------------------------------------------------------------------


@pytest.fixture
def circle(context):
    """Ada, Ben, Cleo and Dora."""
    with writing() as db:
        return make_circle(db)


def leaves(circle, letter) -> None:
    with writing() as db:
        continuity.end(db, who(circle, letter), relationship_id=circle.id)


def heard(kind: str, subject: UUID) -> set[UUID]:
    return {row.person_id for row in outbox.pending(reading(), kind, subject)}


def everybody(circle, but: str = "") -> set[UUID]:
    return {m.person_id for m in circle.members if m.person.name[0] not in but}


def test_whoever_left_hears_once_that_the_sessions_left_and_of_no_cancellation(circle):
    with writing() as db:
        first, second = plan_session(db, circle), plan_session(db, circle)
        sessions.cancel(db, who(circle, "B"), session_id=first.id)
    leaves(circle, "A")
    ada = who(circle, "A")
    assert heard("session_canceled", first.id) == everybody(circle), "canceled before she left"
    assert heard("session_left", second.id) == {ada}
    with writing() as db:
        sessions.cancel(db, who(circle, "B"), session_id=second.id)
    assert heard("session_canceled", second.id) == everybody(circle, but="A")
    [left, *_more] = outbox.pending(reading(), "session_left", second.id)
    assert SessionLeft().wanted(reading(), left) is None, "her entry goes, whatever comes after"


def test_whoever_left_hears_nothing_of_times_that_were_proposed(circle):
    with writing() as db:
        meeting = plan_session(db, circle)
        outbox.put(db, "slots_expired", subject=meeting.id, person=who(circle, "A"))
        outbox.put(db, "series_planned", subject=circle.id, person=who(circle, "A"))
    leaves(circle, "A")
    for kind, message in (("slots_expired", SlotsExpired()), ("series_planned", SeriesPlanned())):
        subject = meeting.id if kind == "slots_expired" else circle.id
        [row, *_more] = outbox.pending(reading(), kind, subject)
        assert message.wanted(reading(), row) == "left"


def says_met(circle, meeting, letters: str) -> SessionState:
    for letter in letters:
        with writing() as db:
            sessions.answer(db, who(circle, letter), session_id=meeting.id, said=Claim.MET)
    return reading().get_one(Meeting, meeting.id).state


@pytest.mark.parametrize(
    ("before", "leaver", "then", "states"),
    [
        ("A", "A", "BCD", "claimed claimed confirmed"),
        ("AB", "A", "CD", "claimed confirmed"),
        ("ABC", "D", "", ""),
    ],
    ids=["a voice that left counts for nobody else", "two voices", "the last one missing left"],
)
def test_a_session_is_confirmed_by_all_who_are_there_and_by_nobody_for_them(
    circle, before, leaver, then, states
):
    with writing() as db:
        meeting = plan_session(db, circle, clock.now() + timedelta(hours=1))
    with clock.frozen(clock.now() + timedelta(hours=3)):
        assert says_met(circle, meeting, before) is SessionState.CLAIMED
        leaves(circle, leaver)
        for letter, state in zip(then, states.split(), strict=True):
            assert says_met(circle, meeting, letter) == state
        assert reading().get_one(Meeting, meeting.id).state is SessionState.CONFIRMED


def signs(circle, letters: str) -> AgreementState:
    for letter in letters:
        with writing() as db:
            work.sign(db, who(circle, letter), relationship_id=circle.id, revision=1)
    return reading().scalars(select(Agreement.state)).one()


def test_an_agreement_is_signed_by_those_who_are_there(app):
    with app.app_context():
        with writing() as db:
            circle = make_circle(db)
        assert signs(circle, "ABC") is AgreementState.SIGNED_BY_SOME
        leaves(circle, "A")
        assert signs(circle, "") is AgreementState.SIGNED_BY_SOME
    ben = Browser(app, lang="en").sign_in("ben@t.example").get(f"/mentoring/{circle.id}/")
    assert ben.has("Dora Dahl has not signed yet") and not ben.has("Ada Ames has signed")
    with app.app_context():
        assert signs(circle, "D") is AgreementState.SIGNED


def test_whoever_alone_had_not_signed_holds_up_nobody_by_leaving(circle):
    assert signs(circle, "ABC") is AgreementState.SIGNED_BY_SOME
    leaves(circle, "D")
    assert signs(circle, "") is AgreementState.SIGNED


def test_a_look_back_of_whoever_left_stands_for_nobody_elses(context):
    with writing() as db:
        circle = make_circle(db, 5)
        terms.conclude(db, who(circle, "A"), relationship_id=circle.id)
    for letter in "ABCE":
        with writing() as db:
            key = {"relationship_id": circle.id, "own_text": "So much", "thanks": ""}
            terms.look_back(db, who(circle, letter), **key)
        if letter == "A":
            leaves(circle, "A")
        assert reading().get_one(Relationship, circle.id).state is RelationshipState.CONCLUDING
    leaves(circle, "D")
    assert reading().get_one(Relationship, circle.id).closing_reason is ClosingReason.COMPLETED


def test_the_page_says_what_the_act_does_when_few_are_left(app):
    """Two of three peers, after the third has left: what they have is a pair like any other."""
    with app.app_context(), writing() as db:
        pair = make_pair(db)
        add_member(db, pair, make_person(db, "Tess Third", "tess@t.example"))
        row = db.get_one(Relationship, pair.id)
        row.format, row.state = Format.PEER, RelationshipState.ACTIVE
        for member in row.members:
            member.role = Role.MENTEE
        email, last = row.members[0].person.email, row.members[-1].person_id
        db.flush()
        continuity.end(db, last, relationship_id=row.id)
    one = Browser(app, lang="en").sign_in(email).get(f"/mentoring/{pair.id}/going-on")
    assert one.has("End this pair") and not one.has("Leave this group")
    one.submit("End the pair")
    assert one.has("This pair has ended")
    one.submit("Undo")
    assert one.has("You go on")


def test_a_group_that_ends_with_its_mentor_says_so_and_promises_no_way_back(app):
    with app.app_context(), writing() as db:
        group = make_group(db)
    mo = Browser(app, lang="en").sign_in("mo@t.example").get(f"/mentoring/{group.id}/going-on")
    assert mo.has("it ends for everybody") and not mo.has("the group goes on while enough remain")
    mo.submit("Leave, and end the group")
    assert mo.has("Your goals and notes stay yours") and not mo.has("Undo")


# -- whoever comes later ---------------------------------------------------------------------------


def test_whoever_joins_later_is_not_asked_about_sessions_before_their_time(app):
    with app.app_context(), writing() as db:
        circle = make_circle(db)
        meeting = plan_session(db, circle, clock.now() + timedelta(hours=1))
    with clock.frozen(clock.now() + timedelta(days=1)):
        with app.app_context(), writing() as db:
            eve = make_person(db, "Eve Later", "eve@t.example", None)
            add_member(db, db.get_one(Relationship, circle.id), eve)
            sessions.mark_due(db)
        for name, is_asked in (("eve", False), ("ada", True)):
            browser = Browser(app, lang="en").sign_in(f"{name}@t.example")
            for path in ("/", f"/mentoring/{circle.id}/", f"/mentoring/sessions/{meeting.id}/"):
                assert ("claim_buttons-" in browser.get(path).html) is is_asked, (name, path)
        with app.app_context():
            with writing() as db, pytest.raises(Refused, match="before you joined"):
                sessions.answer(db, eve.id, session_id=meeting.id, said=Claim.MET)
            assert says_met(circle, meeting, "ABCD") is SessionState.CONFIRMED
