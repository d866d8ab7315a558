"""The line for a seat of a circle: in order, never more than it holds, and with reasons."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from app.core import clock
from app.core.database import end_reading, reading, writing
from app.core.errors import Refused
from app.mentoring.jobs import look_after_groups
from app.mentoring.models import GroupWait, Member, Relationship
from app.mentoring.rules import ClosingReason, RelationshipState
from app.mentoring.rules.circles import WaitState
from app.mentoring.services import continuity, lines, quorums
from app.mentoring.services.closing import close
from app.programs.models import Cohort, Enrollment, Exclusion, Offer
from app.programs.rules import DeclineReason, OfferSource, OfferState, Role
from app.programs.services import enrollment, offers
from tests.client import Browser
from tests.factories.accounts import make_person
from tests.factories.circles import make_circle, make_people
from tests.factories.formats import make_members
from tests.factories.mentoring import make_pair
from tests.factories.programs import make_cohort, make_enrollment


@pytest.fixture
def scene(app):
    """A circle of four, which is full, and three who would like to join it."""
    with app.app_context(), writing() as db:
        circle = make_circle(db)
        cohort = db.get_one(Cohort, circle.cohort_id)
        cohort.rules = {**cohort.rules, "form": {"kind": "circles", "least": 3, "most": 4}}
        rows = make_members(db, cohort, 3, make_people(db, 3, 4))
        return circle, rows


def wait(circle, row):
    with writing() as db:
        args = {"relationship_id": circle.id, "enrollment_id": row.id}
        return lines.stand_in_line(db, row.person_id, **args)


def state_of(row):
    end_reading()
    found = select(GroupWait.state).where(GroupWait.enrollment_id == row.id)
    return reading().scalar(found)


def open_offer(row):
    end_reading()
    return reading().scalar(
        select(Offer.id).where(Offer.mentee_id == row.id, Offer.state == OfferState.OFFERED)
    )


def leave(circle, letter="D"):
    member = next(m for m in circle.members if m.person.name.startswith(letter))
    with writing() as db:
        continuity.end(db, member.person_id, relationship_id=circle.id)


def test_a_free_seat_goes_to_the_first_in_line_and_on_after_a_week(app, scene):
    circle, rows = scene
    eli = Browser(app).sign_in("eli@t.example").get("/programs/")
    with app.app_context():
        cohort = reading().get_one(Cohort, circle.cohort_id)
        show = f"/programs/{cohort.program.slug}/"
        end_reading()
    eli.get(show).click("Circles under way")
    assert eli.has("4 of 4 seats taken") and not eli.has("Ada Ames"), "no names before an offer"
    eli.submit("Wait for a seat")
    assert eli.has("You are number 1 in line") and eli.has("All seats are taken.")
    fay = Browser(app).sign_in("fay@t.example").get(f"/mentoring/seats/{rows[1].id}/")
    fay.submit("Wait for a seat")
    assert fay.has("You are number 2 in line")
    with app.app_context():
        look_after_groups()
        assert open_offer(rows[0]) is None, "nothing is free"
        leave(circle)
        for _twice in range(2):
            look_after_groups()
        assert open_offer(rows[0]) and open_offer(rows[1]) is None
    assert eli.get(f"/mentoring/seats/{rows[0].id}/").has("A seat is offered to you")
    assert fay.get(f"/mentoring/seats/{rows[1].id}/").has("offered to somebody right now")
    assert fay.has("You are number 1 in line")
    with app.app_context(), clock.frozen(clock.now() + timedelta(days=8)):
        with writing() as db:
            offers.expire_due(db)
        look_after_groups()
        assert state_of(rows[0]) is WaitState.PASSED
        assert open_offer(rows[1])
        late = reading().scalar(select(Offer.id).where(Offer.mentee_id == rows[0].id))
        end_reading()
        with writing() as db, pytest.raises(Refused, match="full"):
            offers.revive(db, rows[0].person_id, offer_id=late)
        mine = open_offer(rows[1])
        with writing() as db:
            offers.accept(db, rows[1].person_id, offer_id=mine)
        look_after_groups()
        assert state_of(rows[1]) is WaitState.JOINED
        here = select(func.count()).where(
            Member.relationship_id == circle.id, Member.left_at.is_(None)
        )
        assert reading().scalar(here) == 4
        end_reading()


def test_whoever_says_no_is_passed_and_may_stand_in_line_again(app, scene):
    circle, rows = scene
    with app.app_context():
        for row in rows[:2]:
            wait(circle, row)
        leave(circle)
        look_after_groups()
        mine = open_offer(rows[0])
        with writing() as db:
            reason = DeclineReason.TIME
            offers.decline(db, rows[0].person_id, offer_id=mine, reason=reason)
        look_after_groups()
        assert state_of(rows[0]) is WaitState.PASSED and open_offer(rows[1])
        wait(circle, rows[0])
        assert state_of(rows[0]) is WaitState.WAITING
        with writing() as db:
            args = {"relationship_id": circle.id, "enrollment_id": rows[1].id}
            with pytest.raises(Refused):
                lines.leave_line(db, rows[1].person_id, **args)
            with pytest.raises(Refused):
                lines.leave_line(db, rows[0].person_id, **args)


def test_a_closed_circle_offers_nothing_until_its_day(app, scene):
    circle, rows = scene
    with app.app_context():
        leave(circle)
        with writing() as db:
            for member in circle.members[:4]:
                if db.get_one(Member, (circle.id, member.person_id)).left_at is None:
                    until = (clock.now() + timedelta(days=20)).date()
                    quorums.wish_closed(
                        db, member.person_id, relationship_id=circle.id, until=until
                    )
        wait(circle, rows[0])
        look_after_groups()
        assert open_offer(rows[0]) is None
    eli = Browser(app).sign_in("eli@t.example").get(f"/mentoring/seats/{rows[0].id}/")
    assert eli.has("The circle stays as it is until")
    with app.app_context(), clock.frozen(clock.now() + timedelta(days=21)):
        look_after_groups()
        assert open_offer(rows[0])


def test_people_who_are_kept_apart_never_meet_in_line(app, scene):
    circle, rows = scene
    with app.app_context():
        wait(circle, rows[0])
        with writing() as db:
            ada = circle.members[0]
            db.add(Exclusion(enrollment_id=ada.enrollment_id, person_id=rows[0].person_id))
        leave(circle, "D" if ada.person.name[0] != "D" else "C")
        look_after_groups()
        assert open_offer(rows[0]) is None
    eli = Browser(app).sign_in("eli@t.example").get(f"/mentoring/seats/{rows[0].id}/")
    assert eli.has("No circle is under way")
    with app.app_context(), writing() as db, pytest.raises(Refused):
        args = {"relationship_id": circle.id, "enrollment_id": rows[0].id}
        lines.stand_in_line(db, rows[0].person_id, **args)


def test_the_line_ends_with_its_circle(app, scene):
    circle, rows = scene
    with app.app_context():
        wait(circle, rows[0])
        with writing() as db:
            close(db, None, relationship_id=circle.id, reason=ClosingReason.COHORT_END)
        look_after_groups()
        assert state_of(rows[0]) is WaitState.LEFT


def test_ones_line_is_ones_own_and_the_page_costs_the_same_with_many(app, scene, queries):
    circle, rows = scene
    with app.app_context(), writing() as db:
        pair = make_pair(db)
    otto = Browser(app).sign_in(pair.members[0].person.email)
    assert otto.get(f"/mentoring/seats/{rows[0].id}/").status == 404
    fay = Browser(app).sign_in("fay@t.example").get("/")
    assert fay.get(f"/mentoring/seats/{rows[0].id}/").status == 404
    counted = []
    for more in (0, 1):
        if more:
            with app.app_context(), writing() as db:
                cohort = db.get_one(Cohort, circle.cohort_id)
                make_circle(db, 3, cohort, first=7)
                for row in rows:
                    args = {"relationship_id": circle.id, "enrollment_id": row.id}
                    lines.stand_in_line(db, row.person_id, **args)
        with queries() as seen:
            assert fay.get(f"/mentoring/seats/{rows[1].id}/").status == 200
        counted.append(len(seen))
    assert counted[0] == counted[1] <= 8, (counted, seen)
    assert fay.has("Circle 2")


def test_a_full_circle_asks_nothing_about_its_line_and_a_sweep_asks_once(app, scene, queries):
    circle, rows = scene

    def asked():
        with queries() as seen:
            look_after_groups()
        return sum("RECURSIVE" in statement for statement in seen)

    with app.app_context():
        for row in rows:
            wait(circle, row)
        with writing() as db:
            ada = next(m for m in circle.members if m.person.name == "Ada Ames")
            apart = {"enrollment_id": ada.enrollment_id, "person_id": rows[0].person_id}
            db.add(Exclusion(**apart))
        assert asked() == 0, "the circle is full"
        leave(circle)
        assert asked() == 1, "for everybody in line together"
        assert not open_offer(rows[0]) and open_offer(rows[1]) and not open_offer(rows[2])
        end_reading()


def test_whoever_left_the_pool_stands_in_no_line(app, scene):
    circle, rows = scene
    with app.app_context():
        for row in rows[:2]:
            wait(circle, row)
        with writing() as db:
            enrollment.withdraw(db, rows[0].person_id, enrollment_id=rows[0].id)
        look_after_groups()
        assert state_of(rows[0]) is WaitState.LEFT
        end_reading()
    fay = Browser(app).sign_in("fay@t.example").get(f"/mentoring/seats/{rows[1].id}/")
    assert fay.has("You are number 1 in line")


def test_whoever_leaves_the_line_while_seats_are_given_is_offered_none(app, scene, eventually):
    circle, rows = scene
    with app.app_context():
        wait(circle, rows[0])
        leave(circle)

    def sweep():
        with app.app_context():
            look_after_groups()

    sweeping = threading.Thread(target=sweep)
    with app.app_context():
        with writing() as db:
            args = {"relationship_id": circle.id, "enrollment_id": rows[0].id}
            lines.leave_line(db, rows[0].person_id, **args)
            sweeping.start()
            if db.get_bind().dialect.name == "postgresql":  # it waits for the same row
                waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
                eventually(lambda: db.scalar(waits))
        sweeping.join()
        assert open_offer(rows[0]) is None and state_of(rows[0]) is WaitState.LEFT
        end_reading()


def test_a_mentor_who_leaves_a_group_that_gathers_is_not_put_back(app):
    with app.app_context():
        with writing() as db:
            cohort = make_cohort(db, "active", template="group_mentoring")
            mo = make_person(db, "Mo Mentor", "mo@t.example", None)
            lead = make_enrollment(db, cohort, Role.MENTOR, mo, capacity=8)
            made = []
            for person in make_people(db, 3):
                row = make_enrollment(db, cohort, Role.MENTEE, person)
                ends = {"mentee_id": row.id, "mentor_id": lead.id}
                source = OfferSource.ORGANIZER
                made.append(offers.make_offer(db, None, cohort_id=cohort.id, source=source, **ends))
            people = [db.get_one(Enrollment, one.mentee_id).person_id for one in made]
            if cohort.program.asks_mentor:
                for one in made:
                    offers.accept(db, mo.id, offer_id=one.id)
            offers.accept(db, people[0], offer_id=made[0].id)
        group = reading().scalars(select(Relationship)).one()
        assert group.is_gathering
        end_reading()
        with writing() as db:
            continuity.end(db, mo.id, relationship_id=group.id)
        assert reading().get_one(Relationship, group.id).state is RelationshipState.CLOSED
        end_reading()
        with writing() as db, pytest.raises(Refused):
            offers.accept(db, people[1], offer_id=made[1].id)
        held = select(func.count()).select_from(Offer).where(offers.holds_a_place())
        assert reading().scalar(held) == 0, "no place is taken, and nobody is asked any more"
        end_reading()
