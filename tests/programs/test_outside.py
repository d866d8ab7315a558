"""Mentors from outside: invited by mail, a narrow account, an end; nobody learns who has one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.accounts.models import Person
from app.accounts.rules import PersonKind, PersonStatus
from app.core import clock, outbox
from app.core.database import end_reading, reading, writing
from app.core.delivery import recipients
from app.core.errors import Refused
from app.core.locale import speaking
from app.programs.models import Cohort, Enrollment, OutsideAccount, OutsideInvitation
from app.programs.outside import links
from app.programs.outside.jobs import close_outside_accounts, lapse_invitations
from app.programs.rules import CohortState, EnrollmentState, Role
from app.programs.rules.outside import InvitationState
from app.programs.services import offers, outside
from app.programs.services.enrollment import withdraw
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.outside import make_invitation, make_partner
from tests.factories.programs import make_cohort, make_enrollment, make_offer

FORM = {
    "q_skills_offered": ["strategy"],
    "q_goals_offered": ["next_level"],
    "languages": ["en"],
    "capacity": "2",
}


@pytest.fixture
def amara(app):
    with app.app_context(), writing() as db:
        return make_person(db, "Amara Okafor", "amara@t.example", PASSWORD, ("program_manager",))


@pytest.fixture
def cohort(app, amara):
    with app.app_context(), writing() as db:
        return make_cohort(db, CohortState.MATCHING, amara)


def state_of(invitation_id):
    found = reading().get_one(OutsideInvitation, invitation_id).state
    end_reading()
    return found


def path_of(app, invitation_id):
    with app.app_context():
        return f"/outside/invitation/{links.token(invitation_id)}"


def mail_of(db, invitation):
    """(delivery, message) as the address gets it."""
    (delivery,) = [
        one for one in outbox.pending(db, "outside_invitation", invitation.id) if not one.occasion
    ]
    to = recipients(db, [delivery.person_id])[delivery.person_id]
    kind = outbox.kinds["outside_invitation"]
    assert kind.wanted(db, delivery) is None
    with speaking(to.locale, to.zone):
        return to, kind.message(db, delivery, to)


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_from_the_invitation_to_the_pool_and_no_further(app, amara, cohort, htmx):
    manager = Browser(app, htmx=htmx).sign_in("amara@t.example")
    manager.get(f"/outside/cohorts/{cohort.id}/")
    manager.submit("Send the invitation", email="nadia@harbor", name="")
    assert manager.status == 422 and manager.has("Enter the name of the person")
    manager.submit(
        "Send the invitation",
        email="Nadia@Harbor.example",
        name="Nadia Haas",
        own_words="You led the harbor project.",
        answer_by=(clock.now().date() + timedelta(days=10)).isoformat(),
    )
    assert manager.has("The invitation is on its way"), manager.text
    with app.app_context():
        invitation = reading().scalars(select(OutsideInvitation)).unique().one()
        to, message = mail_of(reading(), invitation)
        assert to.email == "nadia@harbor.example" and not message.attachments
        assert "Career" not in message.subject + " ".join(message.lines), "it names no program"
        assert reading().scalar(select(Person.id).where(Person.email == to.email)) is None
        end_reading()
    guest = Browser(app)
    guest.get(message.link)
    assert guest.has("You led the harbor project.") and guest.has("What you would see")
    guest.get(message.link)
    with app.app_context():
        assert state_of(invitation.id) is InvitationState.INVITED, "looking decides nothing"
    guest.submit("Yes, I would like to")
    assert guest.has("Choose a password"), guest.text
    guest.submit("Set this password", new_password="seven quiet harbors")
    guest.get("/login")
    guest.submit("Sign in", email="nadia@harbor.example", password="seven quiet harbors")
    guest.get("/").click("Tell us how you would like to mentor")
    assert guest.has("What do you bring as a mentor?") and not guest.has("openly a member")
    assert guest.status == 200 and not guest.has("How it is today")
    guest.submit("Save", **{**FORM, "languages": []})
    assert guest.status == 422
    guest.submit("Save", **FORM)
    assert guest.has("You are enrolled"), guest.text
    for closed in ("/people/", "/ergs/", "/events/", f"/people/{amara.id}/"):
        assert guest.get(closed).status in (403, 404), closed
    for closed in (f"/outside/cohorts/{cohort.id}/", "/outside/partners/"):
        assert guest.get(closed).status in (403, 404), closed
    assert not guest.get("/search?q=amara").has("Amara Okafor")
    with app.app_context():
        person = reading().scalars(select(Person).where(Person.email == to.email)).one()
        assert person.kind is PersonKind.EXTERNAL and not person.is_listed
        mine = reading().scalars(select(Enrollment).where(Enrollment.person_id == person.id)).one()
        assert (mine.state, mine.role, mine.capacity) == (EnrollmentState.READY, Role.MENTOR, 2)
        assert outbox.pending(reading(), "outside_answered", invitation.id)
        end_reading()
    assert manager.get(f"/outside/cohorts/{cohort.id}/?q=nadia").has("Accepted")


def test_the_organizer_gets_the_same_answer_for_every_address(app, amara, cohort):
    with app.app_context(), writing() as db:
        make_person(db, "Colleague", "colleague@t.example", PASSWORD)
        left = make_person(db, "Gone", "gone@t.example", PASSWORD)
        left.status = PersonStatus.LEFT
    manager = Browser(app).sign_in("amara@t.example")
    answers = set()
    for email in ("nobody@x.example", "colleague@t.example", "gone@t.example"):
        manager.get(f"/outside/cohorts/{cohort.id}/")
        manager.submit("Send the invitation", email=email, name="Somebody")
        answers.add((manager.status, manager.text.replace(email, "")[:200]))
    assert len(answers) == 1
    with app.app_context():
        rows = reading().scalars(select(OutsideInvitation)).unique().all()
        texts = {mail_of(reading(), row)[1].lines for row in rows}
        assert len(rows) == 3 and len(texts) == 1
        end_reading()


def test_a_link_opens_no_account_that_exists_already(app, amara, cohort):
    with app.app_context(), writing() as db:
        colleague = make_person(db, "Colleague", "colleague@t.example", PASSWORD)
        invitation = make_invitation(db, cohort, amara.id, "colleague@t.example")
    stranger = Browser(app)
    stranger.get(path_of(app, invitation.id))
    stranger.submit("Yes, I would like to")
    assert stranger.has("Sign in with the password you have") and not stranger.has("New password")
    assert stranger.get("/settings/").has("Password") and stranger.status == 200
    with app.app_context():
        row = reading().get_one(Person, colleague.id)
        assert row.kind is PersonKind.EMPLOYEE and row.is_listed
        assert reading().scalar(select(func.count()).select_from(OutsideAccount)) == 0
        end_reading()


def test_the_account_of_somebody_who_left_does_not_come_back_by_an_invitation(
    context, amara, cohort
):
    with writing() as db:
        left = make_person(db, "Gone", "gone@t.example", PASSWORD)
        left.status = PersonStatus.LEFT
        invitation = make_invitation(db, cohort, amara.id, "gone@t.example")
    with writing() as db, pytest.raises(Refused, match="has ended"):
        outside.accept(db, invitation_id=invitation.id)
    assert state_of(invitation.id) is InvitationState.INVITED


def test_one_address_has_one_open_invitation_to_a_cohort(context, amara, cohort):
    with writing() as db:
        first = make_invitation(db, cohort, amara.id)
        make_invitation(db, make_cohort(db, CohortState.MATCHING, amara), amara.id)
    with writing() as db, pytest.raises(Refused, match="open invitation"):
        make_invitation(db, db.get_one(Cohort, cohort.id), amara.id, "NADIA@harbor.example")
    with writing() as db:
        outside.recall(db, amara.id, invitation_id=first.id)
        second = make_invitation(db, db.get_one(Cohort, cohort.id), amara.id)
    with writing() as db, pytest.raises(Refused, match="open invitation"):
        outside.send_again(
            db, amara.id, invitation_id=first.id, answer_by=clock.now().date() + timedelta(days=5)
        )
    assert state_of(second.id) is InvitationState.INVITED


def test_recalled_declined_and_late_invitations_open_nothing_until_sent_again(app, amara, cohort):
    with app.app_context(), writing() as db:
        invitation = make_invitation(db, cohort, amara.id)
    guest, manager = Browser(app), Browser(app).sign_in("amara@t.example")
    link = path_of(app, invitation.id)
    manager.get(f"/outside/cohorts/{cohort.id}/")
    manager.submit("Take the invitation back")
    assert guest.get(link).has("was taken back")
    manager.submit("Undo")
    assert manager.has("is sent again"), manager.text
    guest.get(link).submit("No, thank you")
    assert guest.has("there is still time")
    guest.submit("Yes, I would like to")
    assert guest.has("Choose a password")
    assert guest.get(link).has("You have said yes") and not guest.has("No, thank you")
    assert guest.get("/outside/invitation/forged").status == 404


def test_an_invitation_runs_out_once_and_its_sender_is_told(context, amara, cohort):
    with writing() as db:
        invitation = make_invitation(db, cohort, amara.id, days=2)
    with clock.frozen(clock.now() + timedelta(days=4)):
        lapse_invitations()
        lapse_invitations()
        assert state_of(invitation.id) is InvitationState.EXPIRED
        told = outbox.pending(reading(), "outside_answered", invitation.id)
        assert {one.channel for one in told} == {"mail", "in_app"}
        end_reading()
        with writing() as db, pytest.raises(Refused, match="no longer open"):
            outside.accept(db, invitation_id=invitation.id)
        with writing() as db:
            day = clock.now().date() + timedelta(days=9)
            outside.send_again(db, amara.id, invitation_id=invitation.id, answer_by=day)
            assert outside.accept(db, invitation_id=invitation.id).role is Role.MENTOR


def test_a_guest_account_ends_with_notice_when_nothing_is_left_and_not_before(
    context, amara, cohort
):
    with writing() as db:
        invitation = make_invitation(db, cohort, amara.id)
        guest = outside.accept(db, invitation_id=invitation.id)
        guest.state = EnrollmentState.READY
        mentee = make_enrollment(db, cohort)
        offer = make_offer(db, mentee, guest)
        offers.accept(db, mentee.person_id, offer_id=offer.id)
    close_outside_accounts()
    assert reading().get_one(OutsideAccount, guest.person_id).closes_at is None
    end_reading()
    with writing() as db:
        db.get_one(Cohort, cohort.id).state = CohortState.CLOSED
    close_outside_accounts()
    assert reading().get_one(OutsideAccount, guest.person_id).closes_at is None, "the pair goes on"
    end_reading()
    with writing() as db:
        offers.release(db, offer_id=offer.id)
    close_outside_accounts()
    close_outside_accounts()
    notices = outbox.pending(reading(), "outside_account_ending", guest.person_id)
    assert len(notices) == 2, "one mail, one note"
    assert reading().get_one(Person, guest.person_id).can_sign_in
    end_reading()
    with clock.frozen(clock.now() + timedelta(days=15)):
        close_outside_accounts()
        close_outside_accounts()
        assert reading().get_one(Person, guest.person_id).status is PersonStatus.LEFT
        end_reading()
        with writing() as db:
            again = make_invitation(db, make_cohort(db, CohortState.ACTIVE, amara), amara.id)
            assert outside.accept(db, invitation_id=again.id).state is EnrollmentState.STARTED
        assert reading().get_one(Person, guest.person_id).can_sign_in
        account = reading().get_one(OutsideAccount, guest.person_id)
        assert account.closes_at is None and account.closed_at is None
        end_reading()


def test_a_new_task_during_the_notice_keeps_the_account(context, amara, cohort):
    with writing() as db:
        guest = outside.accept(db, invitation_id=make_invitation(db, cohort, amara.id).id)
        withdraw(db, guest.person_id, enrollment_id=guest.id)
    close_outside_accounts()
    assert reading().get_one(OutsideAccount, guest.person_id).closes_at is not None
    end_reading()
    with writing() as db:
        other = make_cohort(db, CohortState.ACTIVE, amara)
        outside.accept(db, invitation_id=make_invitation(db, other, amara.id).id)
    with clock.frozen(clock.now() + timedelta(days=20)):
        close_outside_accounts()
        assert reading().get_one(Person, guest.person_id).can_sign_in
        assert not outbox.pending(reading(), "outside_account_ending", guest.person_id)
        end_reading()


@pytest.mark.parametrize("many", [False, True], ids=["one", "many"])
def test_pages_stay_within_eight_statements(app, amara, cohort, queries, many):
    with app.app_context(), writing() as db:
        partner = make_partner(db, seats_borrowed=50, seats_lent=50)
        for number in range(25 if many else 1):
            guest = make_invitation(
                db, cohort, amara.id, f"guest{number}@x.example", partner_id=partner.id
            )
            enrollment = outside.accept(db, invitation_id=guest.id)
            if number:
                make_partner(db, f"Partner {number}")
        helper = make_person(db, "Helper", "helper@t.example", PASSWORD)
        offers.choose_places(db, helper.id, at_most=5)
        outside.lend(db, helper.id, partner_id=partner.id)
        waiting = make_invitation(db, cohort, amara.id)
    manager, helper = (Browser(app).sign_in(f"{who}@t.example") for who in ("amara", "helper"))
    for browser, path in (
        (manager, f"/outside/cohorts/{cohort.id}/"),
        (manager, f"/outside/cohorts/{cohort.id}/?q=guest&state=accepted"),
        (manager, "/outside/partners/"),
        (manager, f"/outside/partners/{partner.id}/"),
        (manager, f"/outside/partners/{partner.id}/edit"),
        (helper, "/outside/places"),
        (Browser(app), path_of(app, waiting.id)),
    ):
        with queries() as seen:
            assert browser.get(path).status == 200, path
        assert len(seen) <= 8, (path, len(seen), seen)
    assert enrollment.role is Role.MENTOR
