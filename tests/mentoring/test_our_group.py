"""How a group runs itself: quorum, times at which most can, and turns that people swap."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from app.accounts.models import Person
from app.core import clock
from app.core.database import end_reading, reading, writing
from app.core.errors import Refused
from app.core.outbox import Delivery, DeliveryState, Recipient
from app.events.rules.fair_time import Hour
from app.mentoring.jobs import look_after_groups
from app.mentoring.messages.circles import FacilitatorReminder, TooFewCome
from app.mentoring.models import Meeting
from app.mentoring.queries.circles import facilitator_of
from app.mentoring.rules import Claim
from app.mentoring.rules.circles import closed_until, own_turn, turn
from app.mentoring.rules.overlap import propose_most
from app.mentoring.rules.slots import Side
from app.mentoring.services import attending, quorums, sessions, turns
from app.programs.models import Enrollment
from tests.client import Browser
from tests.factories.circles import make_circle, make_group
from tests.factories.mentoring import make_pair, plan_session

NOW = datetime.fromisoformat("2026-03-02T08:00+00:00")
EVERY_DAY = frozenset(f"{day}-afternoon" for day in ("mon", "tue", "wed", "thu", "fri"))


@pytest.fixture
def circle(app):
    with app.app_context(), writing() as db:
        return make_circle(db)


def who(circle, letter) -> UUID:
    return next(m.person_id for m in circle.members if m.person.name.startswith(letter))


def told(kind):
    rows = reading().scalars(
        select(Delivery).where(Delivery.kind == kind, Delivery.channel == "in_app")
    )
    found = [(row.person_id, row.state) for row in rows]
    end_reading()
    return found


def test_times_of_a_group_are_ranked_by_how_many_can_and_shared_over_zones():
    sides = [Side(uuid4(), "UTC", EVERY_DAY) for _n in range(3)]
    late = Side(uuid4(), "UTC", frozenset({"wed-evening"}))
    found = propose_most([*sides, late], now=NOW, minutes=60, needed=3)
    assert found and all(slot.absent == (late.person_id,) for slot in found)
    assert propose_most([*sides, late], now=NOW, minutes=60, needed=4) == []
    assert propose_most([*sides, late], now=NOW, minutes=60, needed=3, must={late.person_id}) == []
    both = Side(uuid4(), "UTC", frozenset({"wed-afternoon"}))
    first = propose_most([*sides, both], now=NOW, minutes=60, needed=3, count=1)[0]
    assert first.starts_at.weekday() == 2 and not first.absent, "all can: that comes first"
    wide = frozenset(
        f"{day}-{part}" for day in ("mon", "tue", "wed") for part in ("early", "evening")
    )
    east, west = Side(uuid4(), "Asia/Tokyo", wide), Side(uuid4(), "Europe/Berlin", wide)
    tired = Side(east.person_id, east.zone, wide, carried=9)
    for one, other in ((tired, west), (east, Side(west.person_id, west.zone, wide, carried=9))):
        found = propose_most([one, other], now=NOW, minutes=60, needed=2, count=1)
        rested = other if one is tired else one
        if found:
            assert found[0].hours[rested.person_id] is not Hour.FINE


def test_turns_go_round_and_follow_what_was_agreed():
    people = ["a", "b", "c"]
    assert [turn(people, n) for n in range(4)] == ["a", "b", "c", "a"]
    assert turn(people, 1, {1: "c"}) == "c" and turn(people, 1, {1: "gone"}) == "b"
    assert own_turn(people, "c", 0, {}) == 2 and own_turn(people, "x", 0, {}) is None
    days = [NOW.date() + timedelta(days=n) for n in (5, 9, 7)]
    assert closed_until(5, days) == NOW.date() + timedelta(days=5)
    assert closed_until(6, days) is None


def test_the_facilitator_swaps_skips_and_is_reminded_with_the_notes_of_the_guide(app, circle):
    here = f"/mentoring/{circle.id}/group/"
    with app.app_context(), writing() as db:
        meeting = plan_session(db, circle, clock.now() + timedelta(days=3))
    ada = Browser(app).sign_in("ada@t.example").get(here)
    assert ada.has("You facilitate the next session.")
    ada.submit("Ask to swap", person=str(who(circle, "C")))
    assert ada.has("You have asked Cleo Cruz to swap.")
    ben = Browser(app).sign_in("ben@t.example").get(here)
    assert not ben.has("Yes, I take it")
    with app.app_context(), writing() as db, pytest.raises(Refused):
        turns.answer(db, who(circle, "B"), relationship_id=circle.id, takes=True)
    cleo = Browser(app).sign_in("cleo@t.example").get(here)
    cleo.submit("Yes, I take it")
    assert cleo.has("You facilitate the next session; your own turn is theirs.")
    order = [li for li in ada.get(here).tree.iter("ol") if li.get("class") == "lines"][0]
    names = ["".join(li.itertext()).strip() for li in order.iter("li")]
    assert names == ["Cleo Cruz", "Ben Boyd", "Ada Ames", "Dora Dahl"]
    cleo.get(here).submit("Let the next one begin")
    assert ben.get(here).has("You facilitate the next session.")
    cleo.submit("Undo")
    assert cleo.get(here).has("You facilitate the next session.")
    assert ben.get(f"/mentoring/sessions/{meeting.id}/").has("Cleo Cruz facilitates this session.")
    with app.app_context():
        look_after_groups()
        assert told("facilitator_reminder") == []
        with clock.frozen(clock.now() + timedelta(days=1, minutes=5)):
            for _twice in range(2):
                look_after_groups()
            assert told("facilitator_reminder") == [(who(circle, "C"), DeliveryState.PENDING)]
            delivery = Delivery(
                subject_id=meeting.id, person_id=who(circle, "C"), revision=1, channel="mail"
            )
            with app.test_request_context():
                to = Recipient(delivery.person_id, "Cleo", "c@t.example", "en", "UTC")
                message = FacilitatorReminder().message(reading(), delivery, to)
            assert any("one round of names" in line for line in message.lines)
            delivery.person_id = who(circle, "A")
            assert FacilitatorReminder().wanted(reading(), delivery) == "swapped"
            end_reading()


def test_turns_count_sessions_that_were_held(app, circle):
    with app.app_context():
        with writing() as db:
            meeting = plan_session(db, circle, clock.now() + timedelta(hours=2))
        with clock.frozen(clock.now() + timedelta(days=1)), writing() as db:
            sessions.answer(db, who(circle, "B"), session_id=meeting.id, said=Claim.MET)
            pair = db.merge(circle)
            assert facilitator_of(db, pair).person_id == who(circle, "B")


def test_a_group_agrees_how_many_must_come_and_all_are_told_once_when_too_few_do(app, circle):
    here = f"/mentoring/{circle.id}/group/"
    with app.app_context(), writing() as db:
        meeting = plan_session(db, circle, clock.now() + timedelta(days=3))
        attending.reply(db, who(circle, "A"), session_id=meeting.id, is_coming=True)
    ada = Browser(app).sign_in("ada@t.example").get(here)
    assert ada.has("1 of 4 comes.") and ada.has("2 more are needed")
    ada.submit("Save the number", number="9")
    assert ada.status == 422 and ada.has("Choose a number from 3 to 4.")
    assert 'value="9"' in ada.html
    ada.submit("Save the number", number="4")
    assert ada.has("You agreed that 4 of you must come.")
    ben = Browser(app).sign_in("ben@t.example").get(here)
    assert not ben.has("Change how many must come")
    with app.app_context():
        with writing() as db, pytest.raises(Refused):
            quorums.set_quorum(db, who(circle, "B"), relationship_id=circle.id, number=3)
        with writing() as db:
            quorums.set_quorum(db, who(circle, "A"), relationship_id=circle.id, number=3)
        look_after_groups()
        assert told("too_few_come") == [], "it is too early to say"
        with clock.frozen(clock.now() + timedelta(days=2, minutes=5)):
            for _twice in range(2):
                look_after_groups()
            assert len(told("too_few_come")) == 4
            sent = {"subject_id": meeting.id, "person_id": who(circle, "B"), "revision": 1}
            assert TooFewCome().wanted(reading(), Delivery(**sent)) is None
            end_reading()
            with writing() as db:
                for letter in "BC":
                    attending.reply(db, who(circle, letter), session_id=meeting.id, is_coming=True)
            assert TooFewCome().wanted(reading(), Delivery(**sent)) == "enough"
            end_reading()
    assert ben.get(f"/mentoring/sessions/{meeting.id}/").has("Enough of you come")


def test_a_session_moves_to_the_time_at_which_most_can_and_back(app, circle):
    with app.app_context(), writing() as db:
        meeting = plan_session(db, circle, clock.now() + timedelta(days=5))
        member = next(m for m in circle.members if m.person.name == "Dora Dahl")
        db.get_one(Enrollment, member.enrollment_id).weekly_windows = ["sun-evening"]
    before = meeting.starts_at
    ben = Browser(app).sign_in("ben@t.example").get(f"/mentoring/{circle.id}/group/")
    ben.click("Find a time that suits more")
    assert ben.has("3 of 4 can.") and ben.has("Dora Dahl cannot.")
    ben.submit("Move it there")
    assert ben.has("The session is moved.")
    with app.app_context():
        moved = reading().get_one(Meeting, meeting.id).starts_at
        end_reading()
    assert moved != before
    ben.submit("Undo")
    with app.app_context():
        assert reading().get_one(Meeting, meeting.id).starts_at == before
        end_reading()
    ben.get(f"/mentoring/{circle.id}/times/").submit("Propose these times")
    assert ben.has("Proposed."), "times at which one is missing can be proposed"


def test_more_than_half_of_a_circle_keep_it_closed(app, circle):
    here = f"/mentoring/{circle.id}/group/"
    day = (clock.now() + timedelta(days=40)).date()
    for n, name in enumerate(("ada", "ben", "cleo")):
        member = Browser(app).sign_in(f"{name}@t.example").get(here)
        member.submit("I want nobody new until then", until="2020-01-01")
        assert member.status == 422 and member.has("Choose a day to come")
        member.submit("I want nobody new until then", until=(day + timedelta(days=n)).isoformat())
        assert member.has("You stay as you are until") is (n == 2)
    member.submit("Undo")
    assert not member.get(here).has("You stay as you are until")


def test_the_page_is_for_members_of_groups_and_its_price_is_fixed(app, circle, queries):
    with app.app_context(), writing() as db:
        pair, group = make_pair(db), make_group(db)
        plan_session(db, circle)
    otto = Browser(app).sign_in(pair.members[0].person.email)
    assert otto.get(f"/mentoring/{circle.id}/group/").status == 404
    assert otto.get(f"/mentoring/{pair.id}/group/").status == 404
    mo = Browser(app).sign_in("mo@t.example").get(f"/mentoring/{group.id}/group/")
    assert mo.has("Change how many must come") and not mo.has("Who facilitates")
    ada = Browser(app).sign_in("ada@t.example").get("/")
    for page in ("group/", "times/", "", "guide"):
        with queries() as seen:
            assert ada.get(f"/mentoring/{circle.id}/{page}").status == 200
        assert len(seen) <= 8, (page, len(seen), seen)
    with app.app_context():
        meeting = reading().scalars(select(Meeting)).first()
        end_reading()
    with queries() as seen:
        assert ada.get(f"/mentoring/sessions/{meeting.id}/").status == 200
    assert len(seen) <= 8, (len(seen), seen)


def test_a_time_that_the_clocks_show_twice_is_the_one_that_was_chosen(app, circle):
    with app.app_context(), writing() as db:
        meeting = plan_session(db, circle, clock.now() + timedelta(days=5))
        db.get_one(Person, who(circle, "B")).zone = "Europe/Berlin"
    ben = Browser(app).sign_in("ben@t.example").get(f"/mentoring/{circle.id}/group/")
    token = ben.tree.find(".//input[@name='csrf_token']").get("value")
    for at in ("2030-10-27T01:30:00+00:00", "2030-10-27T00:30:00+00:00"):
        sent = {"csrf_token": token, "at": at}
        address = f"/mentoring/sessions/{meeting.id}/better-time"
        assert ben.client.post(address, data=sent).status_code == 303
        with app.app_context():
            assert reading().get_one(Meeting, meeting.id).starts_at.isoformat() == at
            end_reading()
