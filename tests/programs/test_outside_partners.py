"""Exchanges with a partner: never more seats than agreed, lent by choice, nothing sent."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.accounts.services import deactivate
from app.core import clock
from app.core.database import end_reading, reading, writing
from app.core.errors import Refused
from app.core.outbox import Delivery
from app.programs import feed
from app.programs.models import Enrollment, LentSeat, OutsideInvitation, Partner
from app.programs.outside.jobs import close_outside_accounts
from app.programs.rules import CohortState, EnrollmentState, Role
from app.programs.rules.outside import InvitationState
from app.programs.services import offers, outside
from app.programs.services.enrollment import Reply, set_availability, withdraw
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.outside import make_invitation, make_partner
from tests.factories.programs import make_cohort, make_enrollment, make_offer


@pytest.fixture
def amara(app):
    with app.app_context(), writing() as db:
        return make_person(db, "Amara Okafor", "amara@t.example", PASSWORD, ("program_manager",))


@pytest.fixture
def cohort(app, amara):
    with app.app_context(), writing() as db:
        return make_cohort(db, CohortState.MATCHING, amara)


def borrow(db, cohort, amara, partner, number=0):
    invitation = make_invitation(
        db, cohort, amara.id, f"guest{number}@x.example", partner_id=partner.id
    )
    return outside.accept(db, invitation_id=invitation.id)


def reply(capacity):
    return Reply(
        role=Role.MENTOR,
        answers={"skills_offered": ["strategy"]},
        languages=("en",),
        zone="UTC",
        capacity=capacity,
    )


def test_borrowed_seats_are_places_and_never_more_than_agreed(context, amara, cohort):
    with writing() as db:
        partner = make_partner(db, seats_borrowed=3)
        one, two = (borrow(db, cohort, amara, partner, number) for number in range(2))
        assert outside.borrowed(db, partner.id) == 2
    with writing() as db, pytest.raises(Refused, match="leaves 2 places for you"):
        outside.enroll_invited(db, one.person_id, enrollment_id=one.id, reply=reply(3))
    with writing() as db:
        outside.enroll_invited(db, one.person_id, enrollment_id=one.id, reply=reply(2))
    with writing() as db, pytest.raises(Refused, match="All seats of the exchange"):
        borrow(db, cohort, amara, partner, 3)
    with writing() as db, pytest.raises(Refused, match="leaves 2 places"):
        set_availability(db, one.person_id, enrollment_id=one.id, capacity=4, takes_no_more=False)
    with writing() as db:
        withdraw(db, two.person_id, enrollment_id=two.id)
        borrow(db, cohort, amara, partner, 4)
        assert outside.borrowed(db, partner.id) == 3


def test_an_agreement_that_is_over_takes_nobody_in_and_gives_lent_places_back(
    context, amara, cohort
):
    last = clock.now().date() + timedelta(days=5)
    with writing() as db:
        partner = make_partner(db, ends_on=last)
        guest = make_invitation(db, cohort, amara.id, partner_id=partner.id)
        helper = make_person(db, "Helper")
        offers.choose_places(db, helper.id, at_most=1)
        outside.lend(db, helper.id, partner_id=partner.id)
    with clock.frozen(clock.now() + timedelta(days=6)):
        with writing() as db, pytest.raises(Refused, match="does not hold today"):
            outside.accept(db, invitation_id=guest.id)
        close_outside_accounts()
        assert offers.left_everywhere(reading(), [helper.id]) == {helper.id: 1}
        end_reading()


def test_a_lent_place_is_in_use_everywhere_and_its_owner_takes_it_back(context, amara, cohort):
    with writing() as db:
        partner = make_partner(db, seats_lent=1)
        helper, other = make_person(db, "Helper"), make_person(db, "Other")
        mentor = make_enrollment(db, cohort, Role.MENTOR, helper, capacity=5)
        mentee = make_enrollment(db, cohort)
    with writing() as db, pytest.raises(Refused, match="First say how many"):
        outside.lend(db, helper.id, partner_id=partner.id)
    with writing() as db:
        offers.choose_places(db, helper.id, at_most=1)
        offers.choose_places(db, other.id, at_most=3)
        seat = outside.lend(db, helper.id, partner_id=partner.id)
    for person, match in ((helper, "taken"), (other, "All seats")):
        with writing() as db, pytest.raises(Refused, match=match):
            outside.lend(db, person.id, partner_id=partner.id)
    assert feed.load_pool(reading(), cohort.id).places[mentor.id] == 0
    end_reading()
    with writing() as db, pytest.raises(Refused, match="no free place"):
        make_offer(db, mentee, mentor)
    with writing() as db, pytest.raises(Refused, match="Only whoever lends"):
        outside.take_seat_back(db, other.id, seat_id=seat.id)
    with writing() as db:
        outside.take_seat_back(db, helper.id, seat_id=seat.id)
        make_offer(db, mentee, mentor)
        outside.lend(db, other.id, partner_id=partner.id)
    with writing() as db:
        deactivate(db, None, person_id=other.id)
    assert reading().scalar(select(func.count(LentSeat.id)).where(LentSeat.ended_at.is_(None))) == 0


def test_nothing_ever_goes_to_the_partner(context, amara, cohort):
    with writing() as db:
        partner = make_partner(db, contact_email="contact@harbor.example")
        guest = borrow(db, cohort, amara, partner)
        outside.enroll_invited(db, guest.person_id, enrollment_id=guest.id, reply=reply(1))
        helper = make_person(db, "Helper")
        offers.choose_places(db, helper.id, at_most=2)
        seat = outside.lend(db, helper.id, partner_id=partner.id)
        outside.take_seat_back(db, helper.id, seat_id=seat.id)
        withdraw(db, guest.person_id, enrollment_id=guest.id)
    known = {amara.id, guest.person_id, helper.id}
    invited = reading().scalars(select(OutsideInvitation.id)).all()
    assert set(reading().scalars(select(Delivery.person_id))) <= known | set(invited)


def test_of_many_who_accept_the_last_borrowed_seat_at_once_exactly_one_gets_it(app, amara, cohort):
    at_once = 8
    with app.app_context(), writing() as db:
        partner = make_partner(db, seats_borrowed=1)
        made = [
            make_invitation(db, cohort, amara.id, f"g{n}@x.example", partner_id=partner.id).id
            for n in range(at_once)
        ]
    won, failed = at_the_same_time(app, made, lambda db, one: outside.accept(db, invitation_id=one))
    assert len(won) == 1 and not failed
    with app.app_context():
        assert outside.borrowed(reading(), partner.id) == 1
        states = reading().scalars(select(OutsideInvitation.state)).all()
        assert sorted(states).count(InvitationState.ACCEPTED) == 1
        end_reading()


def test_of_many_who_lend_the_last_seat_at_once_exactly_one_does(app):
    with app.app_context(), writing() as db:
        partner = make_partner(db, seats_lent=1)
        people = [make_person(db, f"Helper {number}").id for number in range(6)]
        for person_id in people:
            offers.choose_places(db, person_id, at_most=1)
    won, failed = at_the_same_time(
        app, people, lambda db, one: outside.lend(db, one, partner_id=partner.id)
    )
    assert len(won) == 1 and not failed


def test_one_person_who_presses_twice_gets_one_account_and_one_enrollment(app, amara, cohort):
    with app.app_context(), writing() as db:
        invitation = make_invitation(db, cohort, amara.id)
    won, failed = at_the_same_time(
        app, [invitation.id] * 4, lambda db, one: outside.accept(db, invitation_id=one)
    )
    assert len(won) == 1 and not failed
    with app.app_context():
        mine = reading().scalars(select(Enrollment).where(Enrollment.cohort_id == cohort.id)).all()
        assert [one.state for one in mine] == [EnrollmentState.STARTED]
        end_reading()


def at_the_same_time(app, subjects, verb):
    """All at once; (what went through, what broke instead of being refused)."""
    start, won, failed = threading.Barrier(len(subjects)), [], []

    def press(subject):
        with app.app_context():
            start.wait()
            try:
                with writing() as db:
                    verb(db, subject)
                won.append(subject)
            except Refused:
                pass
            except Exception as error:
                failed.append(error)

    threads = [threading.Thread(target=press, args=(subject,)) for subject in subjects]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return won, failed


def test_pages_of_the_exchange_and_who_sees_from_where_a_mentor_comes(app, amara, cohort):
    with app.app_context(), writing() as db:
        make_person(db, "Helper", "helper@t.example", PASSWORD)
    manager, helper = (Browser(app).sign_in(f"{who}@t.example") for who in ("amara", "helper"))
    assert helper.get("/outside/partners/").status == 403
    manager.get("/outside/partners/").click("Note a partner")
    manager.submit("Save", name="", seats_lent="x")
    assert manager.status == 422 and manager.has("Enter the name of the organization")
    manager.submit("Save", name="Harbor Trust", seats_lent="1", seats_borrowed="1")
    assert manager.has("The partner is noted") and manager.has("0 of 1")
    helper.get("/outside/places").submit("Keep a place for them")
    assert helper.status == 422 and helper.has("First say how many people")
    helper.get("/outside/places").submit("Save", at_most="51")
    assert helper.status == 422 and helper.has("from 0 to 50")
    helper.submit("Save", at_most="2")
    helper.get("/outside/places").submit("Keep a place for them")
    assert helper.has("nothing was sent to them"), helper.text
    with app.app_context():
        partner = reading().scalars(select(Partner)).one()
        end_reading()
        with writing() as db:
            guest = borrow(db, cohort, amara, partner)
            guest.state = EnrollmentState.READY
            mina = make_person(db, "Mina", "mina@t.example", PASSWORD)
            offer = make_offer(db, make_enrollment(db, cohort, Role.MENTEE, mina), guest)
    assert manager.get(f"/outside/partners/{partner.id}/").has("Helper") and manager.has("1 of 1")
    assert manager.get(f"/programs/cohorts/{cohort.id}/people").has("From Harbor Trust")
    mentee = Browser(app).sign_in("mina@t.example")
    assert mentee.get(f"/programs/offers/{offer.id}/").has("From Harbor Trust")
    mentee.submit("Yes, I would like to")
    assert mentee.has("From Harbor Trust"), mentee.text
    helper.get("/outside/places").submit("Take the place back")
    assert helper.has("The place is your own again")
