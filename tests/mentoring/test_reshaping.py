"""Circles become one or two: proposed with a preview, asked in private, done at once, recalled."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import event, func, select

from app.core import clock
from app.core.database import end_reading, reading, writing
from app.core.errors import Refused
from app.core.outbox import Delivery
from app.mentoring.jobs import look_after_groups
from app.mentoring.messages.circles import CircleWithoutYou
from app.mentoring.models import (
    BoardPost,
    Meeting,
    Member,
    PrivateAnswer,
    Relationship,
    Reshaping,
    TopicRound,
)
from app.mentoring.rules import LIVE, Claim, RelationshipState, SessionState
from app.mentoring.rules.circles import PostKind, RoundState
from app.mentoring.rules.reshaping import Cause, ReshapeState, agree, cause_of, parted
from app.mentoring.services import board, reshaping, sessions, terms, topics, work
from app.programs.models import Cohort, Enrollment, Offer
from app.programs.services import offers
from tests.client import Browser
from tests.factories.accounts import make_person
from tests.factories.circles import make_circle, make_people, seat
from tests.factories.formats import make_members
from tests.factories.mentoring import plan_session
from tests.factories.programs import make_cohort


@pytest.fixture
def scene(app):
    """Amara's cohort with a circle of four (Ada to Dora) and one of three (Eli to Gus)."""
    with app.app_context(), writing() as db:
        amara = make_person(db, "Amara Okafor", "amara@t.example", None, ("program_manager",))
        cohort = make_cohort(db, "active", amara, template="circle")
        first = make_circle(db, 4, cohort)
        second = make_circle(db, 3, cohort, first=4)
        return amara, cohort, first, second


def past(circle, *days, met=1):
    """Sessions that lie behind, to which so many came."""
    for day in days:
        with clock.frozen(clock.now() - timedelta(days=day + 1)), writing() as db:
            meeting = plan_session(db, circle, clock.now() + timedelta(hours=2))
        with clock.frozen(clock.now() - timedelta(days=day)), writing() as db:
            for member in circle.members[:met]:
                sessions.answer(db, member.person_id, session_id=meeting.id, said=Claim.MET)


def live(cohort):
    end_reading()
    found = select(Relationship).where(
        Relationship.cohort_id == cohort.id, Relationship.state.in_(LIVE)
    )
    return list(reading().scalars(found.order_by(Relationship.started_at)))


def people_of(circle):
    return {member.person_id for member in circle.members if member.left_at is None}


def say(circle, **answers):
    for letter, says_yes in answers.items():
        member = next(m for m in circle.members if m.person.name.startswith(letter))
        with writing() as db:
            reshaping.answer(db, member.person_id, relationship_id=circle.id, says_yes=says_yes)


def test_rules_of_causes_halves_and_majorities():
    assert cause_of(9, 3, 8, []) is Cause.TOO_MANY and cause_of(2, 3, 8, []) is Cause.TOO_FEW
    assert cause_of(5, 3, 8, [True, True, False]) is Cause.ABSENT
    assert cause_of(5, 3, 8, [True]) is None and cause_of(5, 3, 8, [False, True, True]) is None
    a, b, c, d = (uuid4() for _n in range(4))
    masks = {a: 0b1100, b: 0b0011, c: 0b1100, d: 0b0011}
    assert parted([a, b, c, d], masks) == ([a, c], [b, d])
    assert agree({a: True, c: True}, [[a], [c, d, b]]) is False, "silence is no"
    assert agree({a: True, c: True, d: True}, [[a], [c, d, b]]) is True


def test_two_circles_become_one_and_everything_stays_readable(app, scene):
    _amara, cohort, first, second = scene
    with app.app_context():
        past(second, 40, 20)
        with writing() as db:
            ahead = plan_session(db, second, clock.now() + timedelta(days=4))
            author = second.members[0].person_id
            board.write(
                db, author, relationship_id=second.id, kind=PostKind.THANKS, body="Well done"
            )
            work.set_goal(
                db,
                author,
                relationship_id=second.id,
                text="Speak up",
                steps=["Once"],
                is_shared_by_all=True,
            )
    desk = Browser(app).sign_in("amara@t.example").get(f"/mentoring/cohorts/{cohort.id}/")
    desk.click("Circles: how they stand")
    assert desk.has("To the last two sessions fewer came than must.")
    assert desk.has("Circles 2 and 1 could become one") and desk.has("7 people")
    desk.submit("Ask the people")
    assert desk.has("The people are asked: one circle of two")
    assert not desk.has("could become one")
    ada = Browser(app).sign_in("ada@t.example").get(f"/mentoring/{first.id}/group/")
    assert ada.has("You would be 7 people together.")
    before = ada.text
    ada.submit("Yes, let us")
    assert ada.get(f"/mentoring/{first.id}/group/").text == before, "no answer is shown back"
    with app.app_context():
        say(first, B=True, C=True, D=False)
        say(second, E=True, F=False)
        assert len(live(cohort)) == 2
        say(second, G=True)
        (new,) = live(cohort)
        assert people_of(new) == people_of(first) | people_of(second)
        assert new.state is RelationshipState.ACTIVE and not new.is_gathering
        db = reading()
        assert db.get_one(Meeting, ahead.id).state is SessionState.CANCELED
        assert db.scalar(select(func.count()).select_from(PrivateAnswer)) == 0
        gone = select(func.count()).where(
            Delivery.kind == "session_canceled", Delivery.subject_id == ahead.id
        )
        assert db.scalar(gone)
        held = db.execute(
            select(Offer.mentee_id, func.count())
            .where(Offer.cohort_id == cohort.id, offers.holds_a_place())
            .group_by(Offer.mentee_id)
        ).all()
        assert len(held) == 7 and {number for _who, number in held} == {1}
        end_reading()
    eli = Browser(app).sign_in("eli@t.example")
    assert eli.get(f"/mentoring/{second.id}/board/").has("Well done")
    assert eli.get(f"/mentoring/{second.id}/goals").has("Speak up")
    assert eli.get(f"/mentoring/{new.id}/board/").status == 200
    assert ada.get(f"/mentoring/{second.id}/board/").status == 404, "the board of others stays so"


def test_it_is_recalled_until_the_first_session(app, scene):
    amara, cohort, first, second = scene
    with app.app_context():
        with writing() as db:
            ahead = plan_session(db, first, clock.now() + timedelta(days=9))
            row = reshaping.propose(
                db, amara.id, cohort_id=cohort.id, circle_ids=[first.id, second.id]
            )
        say(first, A=True, B=True, C=True, D=True)
        say(second, E=True, F=True, G=True)
        (new,) = live(cohort)
    desk = Browser(app).sign_in("amara@t.example").get(f"/mentoring/cohorts/{cohort.id}/circles/")
    desk.submit("Take it back")
    assert desk.has("The former circles go on")
    with app.app_context():
        assert {one.id for one in live(cohort)} == {first.id, second.id}
        db = reading()
        assert db.get_one(Meeting, ahead.id).state is SessionState.SCHEDULED
        seats = select(func.count(Offer.id)).where(
            Offer.cohort_id == cohort.id, offers.holds_a_place()
        )
        assert db.scalar(seats) == 7
        here = db.execute(
            select(Member.person_id)
            .join(Relationship)
            .where(Relationship.state.in_(LIVE), Member.left_at.is_(None))
        ).all()
        assert len(here) == len(set(here)) == 7, "nobody twice"
        end_reading()
        with writing() as db:
            again = reshaping.propose(
                db, amara.id, cohort_id=cohort.id, circle_ids=[first.id, second.id]
            )
        say(first, A=True, B=True, C=True, D=True)
        say(second, E=True, F=True, G=True)
        (new,) = live(cohort)
        with writing() as db:
            db.refresh(new := db.get_one(Relationship, new.id), ["members"])
            plan_session(db, new, clock.now() + timedelta(hours=3))
        later = clock.now() + timedelta(hours=4)
        with clock.frozen(later), writing() as db, pytest.raises(Refused):
            reshaping.recall(db, amara.id, reshaping_id=again.id)
    assert row.id != again.id


def test_whoever_has_no_seat_in_the_former_circle_hears_of_it(app, scene):
    amara, cohort, first, second = scene
    with app.app_context():
        row_id = ask(amara, cohort, first, second)
        say(first, A=True, B=True, C=True, D=True)
        say(second, E=True, F=True, G=True)
        dora = next(m for m in first.members if m.person.name.startswith("D"))
        with writing() as db:
            db.get_one(Enrollment, dora.enrollment_id).capacity = 0
        with writing() as db:
            reshaping.recall(db, amara.id, reshaping_id=row_id)
        end_reading()
        told = reading().scalars(select(Delivery).where(Delivery.kind == "circle_without_you"))
        assert {(row.subject_id, row.person_id) for row in told} == {(first.id, dora.person_id)}
        row = reading().scalars(select(Delivery).where(Delivery.kind == "circle_without_you"))
        assert CircleWithoutYou().wanted(reading(), row.first()) is None
        end_reading()


def test_silence_and_no_leave_circles_as_they_are_and_the_clock_decides_once(app, scene):
    amara, cohort, first, second = scene
    with app.app_context():
        with writing() as db:
            row = reshaping.propose(
                db, amara.id, cohort_id=cohort.id, circle_ids=[first.id, second.id]
            )
            with pytest.raises(Refused):
                reshaping.propose(db, amara.id, cohort_id=cohort.id, circle_ids=[first.id])
        say(first, A=True, B=True, C=True, D=True)
        say(second, E=True)
        with clock.frozen(clock.now() + timedelta(days=7, minutes=1)):
            for _twice in range(2):
                look_after_groups()
        assert {one.id for one in live(cohort)} == {first.id, second.id}
        assert reading().get_one(Reshaping, row.id).state is ReshapeState.REFUSED
        assert reading().scalar(select(func.count()).select_from(PrivateAnswer)) == 0
        end_reading()


def test_a_circle_that_is_too_large_becomes_two(app, scene):
    amara, _cohort, _first, _second = scene
    with app.app_context():
        with writing() as db:
            other = make_cohort(db, "active", amara, template="circle", title="Others")
            big = make_circle(db, 3, other, first=7)
            more = make_circle(
                db,
                3,
                other,
                people=[make_person(db, f"Zoe {n}", f"zoe{n}@t.example", None) for n in range(3)],
            )
            reshaping.propose(db, amara.id, cohort_id=other.id, circle_ids=[big.id, more.id])
        for circle in (big, more):
            for member in circle.members:
                with writing() as db:
                    reshaping.answer(db, member.person_id, relationship_id=circle.id, says_yes=True)
        (one,) = live(other)
        everybody = people_of(one)
        with writing() as db:
            found = db.get_one(Cohort, other.id)
            form = {"kind": "circles", "least": 3, "most": 5}
            found.rules = {**found.rules, "form": form}
    desk = Browser(app).sign_in("amara@t.example").get(f"/mentoring/cohorts/{other.id}/circles/")
    assert desk.has("It has more people than a circle should have.")
    desk.submit("Ask the people")
    with app.app_context():
        for person_id in everybody:
            with writing() as db:
                reshaping.answer(db, person_id, relationship_id=one.id, says_yes=True)
        new = live(other)
        assert [len(people_of(circle)) for circle in new] == [3, 3]
        assert people_of(new[0]).isdisjoint(people_of(new[1]))
        end_reading()


def test_an_organizer_does_not_meet_the_own_circle_and_members_do_not_meet_the_desk(
    app, scene, queries
):
    amara, cohort, first, second = scene
    ada = Browser(app).sign_in("ada@t.example")
    assert ada.get(f"/mentoring/cohorts/{cohort.id}/circles/").status == 404
    desk = Browser(app).sign_in("amara@t.example").get("/")
    counted = []
    for more in (0, 1):
        if more:
            with app.app_context():
                past(first, 30, 15, met=3)
                past(second, 30, 15)
        with queries() as seen:
            assert desk.get(f"/mentoring/cohorts/{cohort.id}/circles/").status == 200
        counted.append(len(seen))
    assert counted[1] - counted[0] <= 1 and counted[1] <= 8, (counted, seen)
    with app.app_context(), writing() as db:
        own = make_circle(
            db,
            3,
            cohort,
            people=[
                amara,
                *(make_person(db, f"Yara {n}", f"yara{n}@t.example", None) for n in range(2)),
            ],
        )
        with pytest.raises(Refused):
            reshaping.propose(db, amara.id, cohort_id=cohort.id, circle_ids=[own.id, second.id])
    assert not desk.get(f"/mentoring/cohorts/{cohort.id}/circles/").has("Yara 0")


def ask(amara, cohort, *circles):
    with writing() as db:
        ids = [circle.id for circle in circles]
        return reshaping.propose(db, amara.id, cohort_id=cohort.id, circle_ids=ids).id


def after_a_week():
    return clock.frozen(clock.now() + timedelta(days=7, minutes=1))


def state_of(row_id):
    end_reading()
    return reading().get_one(Reshaping, row_id).state


def test_somebody_without_a_seat_to_spare_stops_neither_the_clock_nor_another_proposal(app, scene):
    amara, cohort, first, second = scene
    with app.app_context():
        with writing() as db:
            ada = db.get_one(Enrollment, first.members[0].enrollment_id)
            ada.capacity = 2
            rows = make_members(db, cohort, 2, make_people(db, 2, 7))
            seat(db, cohort, [ada, *rows])
            ada.capacity = 1
            other = make_cohort(db, "active", amara, template="circle", title="Others")
            circles = [make_circle(db, 3, other, people=new_people(db, n)) for n in range(4)]
            for member in circles[0].members:  # an old circle, whose people are on no list
                db.get_one(Member, (circles[0].id, member.person_id)).enrollment_id = None
            for member in circles[1].members:
                db.get_one(Member, (circles[1].id, member.person_id)).enrollment_id = None
        full = ask(amara, cohort, first, second)
        broken = ask(amara, other, *circles[:2])
        good = ask(amara, other, *circles[2:])
        say(first, A=True, B=True, C=True)
        say(second, E=True, F=True, G=True)
        for circle in circles:
            for member in circle.members[:2]:
                with writing() as db:
                    who = member.person_id
                    reshaping.answer(db, who, relationship_id=circle.id, says_yes=True)
        with after_a_week():
            look_after_groups()
        assert state_of(full) is ReshapeState.REFUSED and state_of(good) is ReshapeState.DONE
        assert state_of(broken) is ReshapeState.ASKED, "it is as if it had not been tried"
        assert {one.id for one in live(cohort)} >= {first.id, second.id}
        assert {one.id for one in live(other)} >= {circles[0].id, circles[1].id}
        end_reading()


def new_people(db, n):
    return [make_person(db, f"Zoe {n}{i}", f"zoe{n}{i}@t.example", None) for i in range(3)]


def test_what_fails_in_the_sweep_takes_back_and_holds_up_nothing_else(app, scene):
    amara, cohort, first, second = scene
    with app.app_context():
        row_id = ask(amara, cohort, first, second)
        who = first.members[0].person_id
        with writing() as db:
            db.get_one(Reshaping, row_id).groups = [["nobody"]]
            at = clock.now() + timedelta(days=1)
            vote = topics.open_round(db, who, relationship_id=first.id, closes_at=at)
            args = {"relationship_id": first.id, "kind": PostKind.THANKS}
            post = board.write(db, who, body="Taken back", **args)
            board.delete(db, who, post_id=post.id)
        with after_a_week(), pytest.raises(ValueError):
            look_after_groups()
        end_reading()
        assert reading().get_one(TopicRound, vote.id).state is RoundState.CLOSED
        assert reading().get_one(BoardPost, post.id).body == ""
        end_reading()


def test_a_question_takes_no_answers_to_another_with_it(app, scene):
    amara, cohort, first, second = scene

    def kept():
        end_reading()
        of_first = select(PrivateAnswer).where(PrivateAnswer.relationship_id == first.id)
        return sorted(row.question for row in reading().scalars(of_first))

    with app.app_context():
        with writing() as db:
            circle = db.get_one(Relationship, first.id)
            circle.renewal_asked_at, circle.ends_on = clock.now(), clock.now().date()
            for member in first.members:
                who = member.person_id
                terms.answer_renewal(db, who, relationship_id=first.id, says_yes=True)
        row_id = ask(amara, cohort, first, second)
        assert kept() == ["renewal"] * 4
        say(first, A=True)
        with writing() as db:
            terms.end_terms(db)
        assert kept() == ["reshaping"]
        assert reading().get_one(Relationship, first.id).term == 2
        with writing() as db:
            circle = db.get_one(Relationship, first.id)
            circle.renewal_asked_at = clock.now()
            who = first.members[1].person_id
            terms.answer_renewal(db, who, relationship_id=first.id, says_yes=False)
        with writing() as db:
            reshaping.withdraw(db, amara.id, reshaping_id=row_id)
        assert kept() == ["renewal"]
        end_reading()


def test_two_who_answer_at_once_lock_both_circles_in_one_order(app, scene):
    amara, cohort, first, second = scene
    locked: list[str] = []

    def note(_connection, _cursor, statement, given, *_rest):
        if statement.startswith("UPDATE relationship SET id"):
            locked.append(str(given).replace("-", ""))

    with app.app_context():
        ask(amara, cohort, first, second)
        engine = app.extensions["database"].engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            for circle, letter in ((first, "A"), (second, "E")):
                locked.clear()
                say(circle, **{letter: True})
                assert min(first.id, second.id).hex in locked[0]
                assert max(first.id, second.id).hex in locked[1]
        finally:
            event.remove(engine, "before_cursor_execute", note)
